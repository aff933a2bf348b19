"""Calls about what a bucket or an object may have besides: checksums, encryption, access, locks, settings."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime

from hypothesis import strategies as st

from tests.differential.words import (
    BODIES,
    algorithm,
    body,
    bucket,
    call,
    key,
    known_version,
    of_object,
    source,
    version,
)

_sha256 = st.sampled_from([base64.b64encode(hashlib.sha256(one).digest()).decode() for one in BODIES[:2]])
_md5 = st.sampled_from([*(base64.b64encode(hashlib.md5(one).digest()).decode() for one in BODIES[:2]), "short"])  # noqa: S324 - S3's
_acl = st.sampled_from(("private", "public-read", "public-read-write", "authenticated-read"))
_object_acl = _acl | st.sampled_from(("bucket-owner-read", "bucket-owner-full-control"))
_until = st.just(datetime(2099, 1, 1, tzinfo=UTC))
_mode = st.sampled_from(("GOVERNANCE", "COMPLIANCE"))
_bypass = {"BypassGovernanceRetention": st.booleans()}
_customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}

#: New buckets take no keys of the customer until they are told to.
CUSTOMERS_KEYS = {
    "ServerSideEncryptionConfiguration": {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
            }
        ]
    }
}

#: Checksums, parts, and headers that a reader asks for; encryption.
CONTENTS = [
    of_object("put_object", {"Body": body, "ChecksumSHA256": _sha256}),
    of_object("put_object", {"Body": body, "ContentMD5": _md5}),
    of_object(
        "put_object",
        {"Body": body},
        ChecksumAlgorithm=algorithm,
        CacheControl=st.just("no-store"),
        ContentEncoding=st.sampled_from(("gzip", "aws-chunked")),
        ContentLanguage=st.just("de"),
        ContentDisposition=st.just("inline"),
        Expires=st.just(datetime(2030, 1, 1, tzinfo=UTC)),
        WebsiteRedirectLocation=st.just("/elsewhere"),
    ),
    of_object(
        "get_object",
        ChecksumMode=st.just("ENABLED"),
        PartNumber=st.integers(1, 2),
        ResponseContentType=st.just("text/csv"),
        ResponseContentDisposition=st.just('attachment; filename="a b"'),
        ResponseCacheControl=st.just("max-age=1"),
        ResponseContentEncoding=st.just("br"),
        ResponseContentLanguage=st.just("fr"),
        ResponseExpires=st.just(datetime(2031, 1, 1, tzinfo=UTC)),
    ),
    of_object("get_object", {"ChecksumMode": st.just("ENABLED")}),
    of_object(
        "head_object",
        ChecksumMode=st.just("ENABLED"),
        PartNumber=st.integers(1, 2),
        ResponseContentType=st.just("text/csv"),
    ),
    of_object(
        "copy_object", {"CopySource": source}, ChecksumAlgorithm=algorithm, ServerSideEncryption=st.just("AES256")
    ),
    of_object(
        "get_object_attributes", {"ObjectAttributes": st.just(["ETag", "Checksum", "ObjectParts", "ObjectSize"])}
    ),
    call(
        "delete_objects",
        {
            "Delete": st.fixed_dictionaries({"Objects": key.map(lambda one: [{"Key": one}])}),
            "ChecksumAlgorithm": algorithm,
        },
    ),
    of_object("put_object", {"Body": body, "ServerSideEncryption": st.sampled_from(("AES256", "aws:kms"))}),
    of_object("put_object", {"Body": body, **{name: st.just(value) for name, value in _customer.items()}}),
    of_object("get_object", {name: st.just(value) for name, value in _customer.items()}),
    of_object("head_object", {name: st.just(value) for name, value in _customer.items()}),
    call(
        "put_bucket_encryption",
        {
            "ServerSideEncryptionConfiguration": st.builds(
                lambda algorithm, keyed: {
                    "Rules": [
                        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}, "BucketKeyEnabled": keyed}
                    ]
                },
                st.sampled_from(("AES256", "aws:kms")),
                st.booleans(),
            )
        },
    ),
    call("get_bucket_encryption"),
    call("delete_bucket_encryption"),
]

_statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::alpha/*"}
_policies = [
    json.dumps({"Version": "2012-10-17", "Statement": [_statement]}),
    json.dumps({"Version": "2012-10-17", "Statement": [{**_statement, "Principal": {"AWS": "*"}, "Effect": "Deny"}]}),
    json.dumps({"Version": "2012-10-17", "Statement": []}),
    "{",
]
_blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

ACCESS = [
    call("put_bucket_acl", {"ACL": _acl}),
    call("get_bucket_acl"),
    of_object("put_object", {"Body": body}, ACL=_object_acl),
    of_object("put_object_acl", {"ACL": _object_acl}, VersionId=version),
    of_object("get_object_acl", VersionId=version),
    of_object("copy_object", {"CopySource": source}, ACL=_object_acl),
    call("put_bucket_policy", {"Policy": st.sampled_from(_policies)}),
    call("get_bucket_policy"),
    call("get_bucket_policy_status"),
    call("delete_bucket_policy"),
    call(
        "put_bucket_ownership_controls",
        {
            "OwnershipControls": st.sampled_from(("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")).map(
                lambda found: {"Rules": [{"ObjectOwnership": found}]}
            )
        },
    ),
    call("get_bucket_ownership_controls"),
    call("delete_bucket_ownership_controls"),
    call(
        "put_public_access_block",
        {
            "PublicAccessBlockConfiguration": st.fixed_dictionaries(
                {}, optional={name: st.booleans() for name in _blocked}
            )
        },
    ),
    call("get_public_access_block"),
    call("delete_public_access_block"),
]

_retention = st.fixed_dictionaries({"Mode": _mode, "RetainUntilDate": _until})
LOCK = [
    of_object("put_object", {"Body": body}),
    of_object("put_object", {"Body": body, "ObjectLockMode": _mode, "ObjectLockRetainUntilDate": _until}),
    of_object("put_object", {"Body": body, "ObjectLockLegalHoldStatus": st.sampled_from(("ON", "OFF"))}),
    of_object("put_object_retention", {"Retention": _retention}, VersionId=version, **_bypass),
    of_object("put_object_retention", {"Retention": st.just({})}, VersionId=version, **_bypass),
    of_object("get_object_retention", VersionId=version),
    of_object(
        "put_object_legal_hold",
        {"LegalHold": st.sampled_from(("ON", "OFF")).map(lambda found: {"Status": found})},
        VersionId=version,
    ),
    of_object("get_object_legal_hold", VersionId=version),
    of_object("delete_object", {"VersionId": version}, **_bypass),
    of_object("delete_object"),
    call(
        "delete_objects",
        {
            "Delete": st.fixed_dictionaries(
                {
                    "Objects": st.lists(
                        st.fixed_dictionaries({"Key": key, "VersionId": known_version}), min_size=1, max_size=2
                    )
                }
            )
        },
        **_bypass,
    ),
    call(
        "put_object_lock_configuration",
        {
            "ObjectLockConfiguration": st.fixed_dictionaries(
                {"ObjectLockEnabled": st.just("Enabled")},
                optional={
                    "Rule": st.builds(
                        lambda mode, period: {"DefaultRetention": {"Mode": mode, **period}},
                        _mode,
                        st.sampled_from(({"Days": 1}, {"Years": 1}, {"Days": 1, "Years": 1}, {"Days": 0})),
                    )
                },
            )
        },
    ),
    call("get_object_lock_configuration"),
    of_object("get_object", VersionId=version),
    of_object("head_object", VersionId=version),
    of_object("copy_object", {"CopySource": source}),
    call("put_bucket_versioning", {"VersioningConfiguration": st.just({"Status": "Suspended"})}),
    call("create_bucket", {"ObjectLockEnabledForBucket": st.booleans()}),
]

_queue = st.fixed_dictionaries(
    {
        "QueueArn": st.just("arn:aws:sqs:us-east-1:123456789012:orders"),
        "Events": st.sampled_from((["s3:ObjectCreated:*"], ["s3:ObjectRemoved:Delete", "s3:ObjectCreated:Put"])),
        "Id": st.just("one"),
    },
    optional={"Filter": st.just({"Key": {"FilterRules": [{"Name": "prefix", "Value": "logs/"}]}})},
)
SETTINGS = [
    call(
        "put_bucket_request_payment",
        {"RequestPaymentConfiguration": st.sampled_from(("Requester", "BucketOwner")).map(lambda who: {"Payer": who})},
    ),
    call("get_bucket_request_payment"),
    call(
        "put_bucket_notification_configuration",
        {
            "NotificationConfiguration": _queue.map(lambda queue: {"QueueConfigurations": [queue]}) | st.just({}),
            "SkipDestinationValidation": st.just(True),
        },
    ),
    call("get_bucket_notification_configuration"),
    call(
        "put_bucket_logging",
        {
            "BucketLoggingStatus": st.builds(
                lambda target: {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "logs/"}}, bucket
            )
            | st.just({})
        },
    ),
    call("get_bucket_logging"),
    call(
        "put_bucket_accelerate_configuration",
        {"AccelerateConfiguration": st.sampled_from(({"Status": "Enabled"}, {"Status": "Suspended"}))},
    ),
    call("get_bucket_accelerate_configuration"),
    call("create_bucket", {"ObjectOwnership": st.sampled_from(("ObjectWriter", "BucketOwnerEnforced"))}),
    call("get_bucket_ownership_controls"),
    call("delete_bucket"),
]
