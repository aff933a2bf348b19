"""The default encryption of a bucket, which every bucket has, and the encryption of an object that is there already.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html, API_DeleteBucketEncryption.html,
userguide/bucket-encryption.html, userguide/blocking-unblocking-s3-c-encryption-gpb.html, and
API_UpdateObjectEncryption.html (its sentences are the page's).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mocks.base import Call, Record, Reply
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configure
from mocks.s3.encryption import DEFAULT_RULE, DUAL, KMS, S3, check_version_of_signature, rule_of
from mocks.s3.errors import access_denied, invalid_argument, invalid_request, malformed_xml
from mocks.s3.lock import protected
from mocks.s3.records import bucket_of
from mocks.s3.versions import object_of, rewrite

#: API_SSEKMSEncryption.html, KMSKeyArn, Pattern.
_KEY_ARN = re.compile(r"arn:aws[a-zA-Z0-9-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+\Z")


async def get_bucket_encryption(call: Call) -> Any:
    """GET /bucket?encryption."""
    rule = await rule_of(call, await bucket_of(call))
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


async def put_bucket_encryption(call: Call) -> Any:
    """PUT /bucket?encryption: one rule; what it does not say of blocked types stays as it was."""
    check_body(call)
    bucket = await bucket_of(call)
    rules = call.params["ServerSideEncryptionConfiguration"].get("Rules") or []
    if len(rules) != 1:
        raise malformed_xml()
    before = await rule_of(call, bucket)
    rule = {
        "ApplyServerSideEncryptionByDefault": _default(rules[0].get("ApplyServerSideEncryptionByDefault")),
        "BucketKeyEnabled": rules[0].get("BucketKeyEnabled", False),
        "BlockedEncryptionTypes": _blocked(rules[0].get("BlockedEncryptionTypes"), before),
    }
    await configure(call, bucket, "encryption", rule)
    return Reply()


def _default(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What new objects get. KMS keys are not looked up ("Amazon S3 doesn't validate the KMS key ID")."""
    if given is None:
        return {"SSEAlgorithm": S3}
    if given["SSEAlgorithm"] not in (S3, KMS, DUAL):
        raise malformed_xml()
    if "KMSMasterKeyID" in given and given["SSEAlgorithm"] == S3:
        message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
        raise invalid_argument(message, "ApplyServerSideEncryptionByDefault")
    return dict(given)


def _blocked(given: Mapping[str, Any] | None, before: Mapping[str, Any]) -> Mapping[str, Any]:
    if given is None or not given.get("EncryptionType"):
        return dict(before.get("BlockedEncryptionTypes") or DEFAULT_RULE["BlockedEncryptionTypes"])
    types = list(given["EncryptionType"])
    if "NONE" in types and len(types) > 1:
        raise malformed_xml()
    return {"EncryptionType": types}


async def delete_bucket_encryption(call: Call) -> Any:
    """DELETE /bucket?encryption: back to SSE-S3."""
    await configure(call, await bucket_of(call), "encryption", None)
    return Reply()


async def update_object_encryption(call: Call) -> Any:
    """PUT /bucket/key?encryption: to SSE-KMS; bytes, ETag and date stay."""
    check_body(call)
    bucket, record = await bucket_of(call), await object_of(call)
    wanted = call.params["ObjectEncryption"].get("SSEKMS")
    if wanted is None:
        raise invalid_request(
            "Requests that modify an object encryption configuration require a valid new encryption type. Valid values "
            "are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again."
        )
    if not _KEY_ARN.match(wanted["KMSKeyArn"]):
        raise invalid_request(
            "Requests that modify an object's encryption type to SSE-KMS require a valid Amazon Web Services KMS key "
            "Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and "
            "then try again."
        )
    if record["encryption"].get("ServerSideEncryption") not in (S3, KMS):
        raise invalid_request(
            "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or "
            "SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported."
        )
    check_version_of_signature(call)
    if protected(record, call.now):
        raise access_denied(
            "The encryption type for the specified object can't be updated because that object is protected by S3 "
            "Object Lock. If the object has a governance-mode retention period or a legal hold, you must first remove "
            "the Object Lock status on the object before you issue your UpdateObjectEncryption request."
        )
    shown: Record = {"ServerSideEncryption": KMS, "SSEKMSKeyId": wanted["KMSKeyArn"]}
    if wanted.get("BucketKeyEnabled"):
        shown["BucketKeyEnabled"] = True
    record["encryption"] = shown
    await rewrite(call.state, bucket, record)
    return {}
