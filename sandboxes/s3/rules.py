"""What may pass to the real S3, and what may not: every operation of the contract is in one of the two tables.

An object lives in its bucket and goes with it, so it is no line of the ledger: writing one changes the bucket. What
a bucket says about itself goes with it as well. Refused is what reaches beyond the bucket or cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from sandboxes.base import Effect, Rule

#: The kind of everything that is in the ledger.
BUCKET = "bucket"

_READ = (
    # Buckets. What is never set here (replication, logging, ...) may be asked for: tools read a bucket's whole state.
    "HeadBucket",
    "GetBucketAbac",
    "GetBucketAccelerateConfiguration",
    "GetBucketAcl",
    "GetBucketAnalyticsConfiguration",
    "GetBucketCors",
    "GetBucketEncryption",
    "GetBucketIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration",
    "GetBucketLifecycle",
    "GetBucketLifecycleConfiguration",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataConfiguration",
    "GetBucketMetadataTableConfiguration",
    "GetBucketMetricsConfiguration",
    "GetBucketNotification",
    "GetBucketNotificationConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketReplication",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetObjectLockConfiguration",
    "GetPublicAccessBlock",
    "ListBucketAnalyticsConfigurations",
    "ListBucketIntelligentTieringConfigurations",
    "ListBucketInventoryConfigurations",
    "ListBucketMetricsConfigurations",
    # What is in a bucket. The bucket is the environment's own, so its lists need not be narrowed.
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "GetObject",
    "HeadObject",
    "GetObjectAcl",
    "GetObjectAnnotation",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "ListObjectAnnotations",
)

_UPDATE = (
    # Objects
    "PutObject",
    "CopyObject",
    "DeleteObject",
    "DeleteObjects",
    "RestoreObject",
    "PutObjectAcl",
    "PutObjectAnnotation",
    "DeleteObjectAnnotation",
    "PutObjectTagging",
    "DeleteObjectTagging",
    "UpdateObjectEncryption",
    # Uploads in parts
    "CreateMultipartUpload",
    "UploadPart",
    "UploadPartCopy",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    # What a bucket says about itself
    "PutBucketAccelerateConfiguration",
    "PutBucketAcl",
    "PutBucketCors",
    "DeleteBucketCors",
    "PutBucketEncryption",
    "DeleteBucketEncryption",
    "PutBucketIntelligentTieringConfiguration",
    "DeleteBucketIntelligentTieringConfiguration",
    "PutBucketLifecycle",
    "PutBucketLifecycleConfiguration",
    "DeleteBucketLifecycle",
    "PutBucketMetricsConfiguration",
    "DeleteBucketMetricsConfiguration",
    "PutBucketOwnershipControls",
    "DeleteBucketOwnershipControls",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "DeleteBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "DeleteBucketWebsite",
    "PutPublicAccessBlock",
    "DeletePublicAccessBlock",
    # To take away what this driver lets nobody set is harmless.
    "DeleteBucketAnalyticsConfiguration",
    "DeleteBucketInventoryConfiguration",
    "DeleteBucketMetadataConfiguration",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketPolicy",
    "DeleteBucketReplication",
)


def _all(operations: Iterable[str], effect: Effect) -> Mapping[str, Rule]:
    return {operation: Rule(effect, BUCKET, "Bucket") for operation in operations}


RULES: Mapping[str, Rule] = {
    "ListBuckets": Rule("list", BUCKET),
    "CreateBucket": Rule("create", BUCKET, "Bucket"),
    "DeleteBucket": Rule("delete", BUCKET, "Bucket"),
    **_all(_READ, "read"),
    **_all(_UPDATE, "update"),
}

#: Why each group is refused -> its operations.
_REFUSED: Mapping[str, tuple[str, ...]] = {
    "It writes into other buckets or queues of the account, whose contents nobody here could take back.": (
        "PutBucketReplication",
        "PutBucketLogging",
        "PutBucketInventoryConfiguration",
        "PutBucketAnalyticsConfiguration",
        "PutBucketNotification",
        "PutBucketNotificationConfiguration",
        "CreateBucketMetadataConfiguration",
        "CreateBucketMetadataTableConfiguration",
        "UpdateBucketMetadataAnnotationTableConfiguration",
        "UpdateBucketMetadataInventoryTableConfiguration",
        "UpdateBucketMetadataJournalTableConfiguration",
    ),
    "It can open the bucket to other accounts, or close it to this one, so that teardown could not empty it.": (
        "PutBucketPolicy",
        "PutBucketAbac",
    ),
    "A lock in compliance mode, or one that the account may not lift, outlives the environment.": (
        "PutObjectLockConfiguration",
        "PutObjectLegalHold",
        "PutObjectRetention",
    ),
    "A form carries a signature of its own and a preflight none: browsers ask a bucket's own host.": (
        "PostObject",
        "OptionsBucket",
        "OptionsObject",
    ),
    "Directory buckets have names, hosts and sessions of their own, which this driver does not map.": (
        "CreateSession",
        "ListDirectoryBuckets",
        "RenameObject",
    ),
    "It answers for an Object Lambda of the account, not for a bucket.": ("WriteGetObjectResponse",),
    "S3 Select is closed to accounts that did not use it before July 2024; its answers are event streams.": (
        "SelectObjectContent",
    ),
}

#: Operation -> why it is refused.
REFUSED: Mapping[str, str] = dict(
    chain.from_iterable(((operation, reason) for operation in group) for reason, group in _REFUSED.items())
)
