"""Server-side encryption as callers see it: what a write's headers and the bucket's default make of an object, and
what its readers must send.

SSE-S3, SSE-KMS and DSSE-KMS: docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html,
UsingKMSEncryption.html; SSE-C: ServerSideEncryptionCustomerKeys.html; sentences of refusals as S3 answers them
(aws-sdk-php issue 1312, aws-cli issue 1431, boto3 issue 982, forum.rclone.org/t/20390); where none is known, ours.
The bytes themselves are stored as they are: who holds the server's disk can read them. A customer's key is never
stored, only a salted hash of it, and AWS's demand for HTTPS is not made, since this endpoint speaks HTTP.
There is no KMS here: every key exists, and every caller may use it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

import orjson

from mocks.base import Call, Record, ServiceError
from mocks.s3.authorization import is_version_2
from mocks.s3.configurations import configuration
from mocks.s3.digests import decoded
from mocks.s3.errors import access_denied, invalid_argument, invalid_request
from mocks.s3.principals import caller, primary

S3, KMS, DUAL = "AES256", "aws:kms", "aws:kms:dsse"

_HEADER = "x-amz-server-side-encryption"
_CONTEXT = f"{_HEADER}-context"
#: The members of a customer's key, by what stands before them: the object's own, and a copy's source's.
_CUSTOMER = {
    prefix: tuple(f"{prefix}SSECustomer{name}" for name in ("Algorithm", "Key", "KeyMD5"))
    for prefix in ("", "CopySource")
}
_BY_CUSTOMER = frozenset(_CUSTOMER[""])
#: Every member that says how to encrypt.
_SAID = _BY_CUSTOMER | {"ServerSideEncryption", "SSEKMSKeyId", "SSEKMSEncryptionContext"}
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_ALIAS = re.compile(r"alias/[A-Za-z0-9/_-]{1,250}\Z")
_ARN = re.compile(r"(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:)(?:key/([A-Za-z0-9-]+)|(alias/[A-Za-z0-9/_-]+))\Z", re.ASCII)
#: The key that S3 makes for an account on first use (UsingKMSEncryption.html, "AWS managed keys").
_MANAGED = "alias/aws/s3"

#: What GetBucketEncryption answers for a bucket that nobody configured: SSE-S3 since January 2023
#: (default-encryption-faq.html), SSE-C blocked since April 2026 (default-s3-c-encryption-setting-faq.html).
DEFAULT_RULE: Mapping[str, Any] = {
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": S3},
    "BucketKeyEnabled": False,
    "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
}
#: The same of a bucket from before April 2026 whose account had objects of customers' keys: such an account's buckets
#: stayed as they were. A policy asks for it with ``options: {customer_keys: allowed}``, or ``{new_buckets: open}``.
_OLDER_RULE: Mapping[str, Any] = {**DEFAULT_RULE, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
_BY_S3: Mapping[str, Any] = {"ServerSideEncryption": S3}


async def encryption(call: Call, bucket: Record) -> Record:
    """How a new object is encrypted, as fields of its record: ``encryption`` has the members that answers show, and
    ``customer_key`` is there when the caller brings the key. Raises what S3 refuses."""
    params = call.params.header
    if "encryption" not in bucket.get("configured", ()) and _SAID.isdisjoint(params):
        return {"encryption": dict(_BY_S3)}
    _check_method(call)
    if not _BY_CUSTOMER.isdisjoint(params):
        return await _by_customer(call, bucket)
    method, key = params.get("ServerSideEncryption"), params.get("SSEKMSKeyId")
    if method == S3:
        return {"encryption": dict(_BY_S3)}
    rule = await rule_of(call, bucket)
    if method is None:
        default = rule["ApplyServerSideEncryptionByDefault"]
        method, key = default["SSEAlgorithm"], default.get("KMSMasterKeyID")
        if method == S3:
            return {"encryption": dict(_BY_S3)}
    check_version_of_signature(call)
    shown: Record = {"ServerSideEncryption": method, "SSEKMSKeyId": key_arn(call, bucket, key)}
    if method == KMS and params.get("BucketKeyEnabled", rule.get("BucketKeyEnabled")):
        # DSSE-KMS knows no bucket keys (UsingDSSEncryption.html).
        shown["BucketKeyEnabled"] = True
    if "SSEKMSEncryptionContext" in params:
        shown["SSEKMSEncryptionContext"] = params["SSEKMSEncryptionContext"]
    return {"encryption": shown}


def _check_method(call: Call) -> None:
    """The headers that say how to encrypt agree with each other."""
    params = call.params.header
    method = params.get("ServerSideEncryption")
    if method not in (None, S3, KMS, DUAL):
        # Values of the model that file systems and backups alone may use.
        raise invalid_argument("The encryption method specified is not supported", _HEADER, method)
    for name, header in (("SSEKMSKeyId", f"{_HEADER}-aws-kms-key-id"), ("SSEKMSEncryptionContext", _CONTEXT)):
        if name in params and method not in (KMS, DUAL):
            message = (
                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                "x-amz-server-side-encryption : aws:kms"
            )
            raise invalid_argument(message, header, params[name][:256])
    if "SSEKMSEncryptionContext" in params:
        _check_context(params["SSEKMSEncryptionContext"])


def _check_context(text: str) -> None:
    try:
        pairs = orjson.loads(decoded(text) or b"")
    except orjson.JSONDecodeError:
        pairs = None
    if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
        message = (
            f"The header '{_CONTEXT}' shall be Base64-encoded UTF-8 string holding JSON "
            "which represents a string-string map"
        )
        raise invalid_argument(message, _CONTEXT, text[:256])


def check_version_of_signature(call: Call) -> None:
    """Who uses a KMS key signs, and with version 4 (UsingKMSEncryption.html). Raises InvalidArgument."""
    if call.credential is None or is_version_2(call.request):
        raise invalid_argument(
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
            "Authorization",
            "null",
        )


async def rule_of(call: Call, bucket: Record) -> Mapping[str, Any]:
    """The rule of the bucket's default encryption: its own, or the one that every bucket has."""
    stored = await configuration(call.state, bucket, "encryption")
    if stored is not None:
        return dict(stored)
    older = call.options.get("customer_keys") == "allowed" or call.options.get("new_buckets") == "open"
    return _OLDER_RULE if older else DEFAULT_RULE


def key_arn(call: Call, bucket: Record, name: str | None) -> str:
    """The ARN of a KMS key, however the caller names it; the AWS managed key without a name. Raises
    KMS.NotFoundException where no key can have that name (aws-cli issue 4507)."""
    name = name or _MANAGED
    region = {"EU": "eu-west-1"}.get(bucket["region"], bucket["region"])
    place = f"arn:aws:kms:{region}:{(caller(call) or primary(call)).id}:"
    form = _ARN.match(name)
    if form is not None:
        if form[2]:
            return name
        place, name = form[1], form[3]
    elif not _ALIAS.match(name):
        if not _KEY_ID.match(name):
            raise ServiceError(400, "KMS.NotFoundException", f"Invalid keyId {name[:256]}")
        return f"{place}key/{name}"
    digits = hashlib.sha256(f"{place}{name}".encode()).hexdigest()
    return f"{place}key/{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


async def _by_customer(call: Call, bucket: Record) -> Record:
    """SSE-C, where the bucket allows it."""
    method = call.params.header.get("ServerSideEncryption")
    if method is not None:
        message = (
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"
        )
        raise invalid_argument(message, _HEADER, method)
    key = customer_key(call)
    assert key is not None  # noqa: S101 - one of its headers is there, and the others with it
    blocked = (await rule_of(call, bucket)).get("BlockedEncryptionTypes") or {}
    if "SSE-C" in blocked.get("EncryptionType", ()):
        # blocking-unblocking-s3-c-encryption-gpb.html: 403 AccessDenied; the sentence is ours.
        raise access_denied("Access Denied: the bucket blocks server-side encryption with customer-provided keys")
    salt = call.new_id("", 24)
    return {"encryption": {"SSECustomerAlgorithm": S3}, "customer_key": [salt, _salted(salt, key)]}


def customer_key(call: Call, prefix: str = "") -> bytes | None:
    """The key that the caller sends, None without one; ``prefix`` is ``CopySource`` for the source's.
    Raises InvalidArgument when a header is missing or wrong."""
    algorithm, text, told = (call.params.header.get(name) for name in _CUSTOMER[prefix])
    if algorithm is text is told is None:
        return None
    demands = "Requests specifying Server Side Encryption with Customer provided keys must provide "
    if algorithm is None:
        raise _refused(f"{demands}a valid encryption algorithm.")
    if algorithm != S3:
        message = "The Encryption request you specified is not valid. Supported value: AES256."
        details = {"ArgumentName": _HEADER, "ArgumentValue": algorithm[:64]}
        raise ServiceError(400, "InvalidEncryptionAlgorithmError", message, details=details)
    if text is None:
        raise _refused(f"{demands}an appropriate secret key.")
    if told is None:
        raise _refused(f"{demands}the client calculated MD5 of the secret key.")
    key = decoded(text, 32)
    if key is None:
        raise _refused("The secret key was invalid for the specified algorithm.")
    if decoded(told, 16) != hashlib.md5(key, usedforsecurity=False).digest():
        raise _refused("The calculated MD5 hash of the key did not match the hash that was provided.")
    return key


def _refused(message: str) -> ServiceError:
    return invalid_argument(message, _HEADER, "null")


def _salted(salt: str, key: bytes) -> str:
    return hmac.digest(salt.encode(), key, "sha256").hex()


def _opens(record: Record, key: bytes) -> bool:
    salt, kept = record["customer_key"]
    same: bool = hmac.compare_digest(_salted(salt, key), kept)
    return same


def check_key_of(call: Call, record: Record, prefix: str = "") -> None:
    """A reader of the object brings the key that it was written with, and none where it has none: 400 without the
    key (API_GetObject.html), 403 with another."""
    if "SSEKMSKeyId" in record["encryption"]:
        check_version_of_signature(call)
    if "customer_key" not in record and call.params.header.keys().isdisjoint(_CUSTOMER[prefix]):
        return
    given = customer_key(call, prefix)
    if "customer_key" not in record:
        if given is not None:
            raise invalid_request("The encryption parameters are not applicable to this object.")
    elif given is None:
        raise invalid_request(
            "The object was stored using a form of Server Side Encryption. "
            "The correct parameters must be provided to retrieve the object."
        )
    elif not _opens(record, given):
        raise access_denied()


def check_reader(call: Call, record: Record) -> None:
    """What GET and HEAD check of their headers about encryption."""
    refuse_header(call)
    check_key_of(call, record)


def refuse_header(call: Call) -> None:
    """Reads and parts do not say how to encrypt: 400 (API_GetObject.html, "Encryption")."""
    sent = call.request.headers.get(_HEADER)
    if sent is not None:
        raise invalid_argument(f"{_HEADER} header is not supported for this operation.", _HEADER, sent[:64])


def check_part(call: Call, upload: Record) -> None:
    """Each part comes with the key that the upload was begun with (API_UploadPart.html)."""
    refuse_header(call)
    given, fields = customer_key(call), upload["fields"]
    if "customer_key" not in fields:
        if given is not None:
            raise invalid_request(
                "The multipart upload initiate did not request encryption with a customer-provided key. "
                "Subsequent part requests must not include its parameters."
            )
    elif given is None:
        raise invalid_request(
            "The multipart upload initiate requested encryption. "
            "Subsequent part requests must include the appropriate encryption parameters."
        )
    elif not _opens(fields, given):
        raise invalid_request("The provided encryption parameters did not match the ones used originally.")


def told(call: Call, fields: Record) -> dict[str, Any]:
    """The members that answers show of an object's encryption. The MD5 of a customer's key is the caller's own."""
    shown: dict[str, Any] = dict(fields["encryption"])
    if "customer_key" in fields and "SSECustomerKeyMD5" in call.params.header:
        shown["SSECustomerKeyMD5"] = call.params.header["SSECustomerKeyMD5"]
    return shown


def told_later(call: Call, fields: Record) -> dict[str, Any]:
    """The same on reads and parts, which do not repeat the encryption context."""
    shown = told(call, fields)
    shown.pop("SSEKMSEncryptionContext", None)
    return shown


def is_plain(fields: Record) -> bool:
    """Whether the ETag is the MD5 of the bytes: of SSE-S3 alone (API_Object.html, ETag)."""
    return bool(fields["encryption"].get("ServerSideEncryption") == S3)


def tag(call: Call, fields: Record, digest: str) -> str:
    """The ETag of what was written in one piece, 32 hex digits; ``digest`` is its MD5."""
    if is_plain(fields):
        return digest
    return hashlib.md5(f"{digest}{call.new_id('', 24)}".encode(), usedforsecurity=False).hexdigest()
