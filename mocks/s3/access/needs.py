"""Which actions each operation needs, and on what.

Source: docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html, "Required permissions for
Amazon S3 API operations". Of annotations it tells nothing yet: their actions are named as their operations are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.contract import Params

#: operation -> the actions that it always needs. Those of a DELETE of a configuration are mostly those of its PUT.
NEEDS: Mapping[str, tuple[str, ...]] = {
    # Buckets
    "DeleteBucket": ("DeleteBucket",),
    "GetBucketLocation": ("GetBucketLocation",),
    "HeadBucket": ("ListBucket",),
    "CreateSession": ("ListBucket",),
    # Lists
    "ListMultipartUploads": ("ListBucketMultipartUploads",),
    "ListObjectVersions": ("ListBucketVersions",),
    "ListObjects": ("ListBucket",),
    "ListObjectsV2": ("ListBucket",),
    # Who may do what
    "DeleteBucketPolicy": ("DeleteBucketPolicy",),
    "DeletePublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "DeleteBucketOwnershipControls": ("PutBucketOwnershipControls",),
    "GetBucketAcl": ("GetBucketAcl",),
    "GetBucketOwnershipControls": ("GetBucketOwnershipControls",),
    "GetBucketPolicy": ("GetBucketPolicy",),
    "GetBucketPolicyStatus": ("GetBucketPolicyStatus",),
    "GetPublicAccessBlock": ("GetBucketPublicAccessBlock",),
    "PutBucketAcl": ("PutBucketAcl",),
    "PutBucketOwnershipControls": ("PutBucketOwnershipControls",),
    "PutBucketPolicy": ("PutBucketPolicy",),
    "PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
    # Configurations of buckets
    "CreateBucketMetadataConfiguration": ("CreateBucketMetadataTableConfiguration",),
    "CreateBucketMetadataTableConfiguration": ("CreateBucketMetadataTableConfiguration",),
    "DeleteBucketAnalyticsConfiguration": ("PutAnalyticsConfiguration",),
    "DeleteBucketCors": ("PutBucketCORS",),
    "DeleteBucketEncryption": ("PutEncryptionConfiguration",),
    "DeleteBucketIntelligentTieringConfiguration": ("PutIntelligentTieringConfiguration",),
    "DeleteBucketInventoryConfiguration": ("PutInventoryConfiguration",),
    "DeleteBucketLifecycle": ("PutLifecycleConfiguration",),
    "DeleteBucketMetadataConfiguration": ("DeleteBucketMetadataTableConfiguration",),
    "DeleteBucketMetadataTableConfiguration": ("DeleteBucketMetadataTableConfiguration",),
    "DeleteBucketMetricsConfiguration": ("PutMetricsConfiguration",),
    "DeleteBucketReplication": ("PutReplicationConfiguration",),
    "DeleteBucketTagging": ("PutBucketTagging",),
    "DeleteBucketWebsite": ("DeleteBucketWebsite",),
    "GetBucketAbac": ("GetBucketAbac",),
    "GetBucketAccelerateConfiguration": ("GetAccelerateConfiguration",),
    "GetBucketAnalyticsConfiguration": ("GetAnalyticsConfiguration",),
    "GetBucketCors": ("GetBucketCORS",),
    "GetBucketEncryption": ("GetEncryptionConfiguration",),
    "GetBucketIntelligentTieringConfiguration": ("GetIntelligentTieringConfiguration",),
    "GetBucketInventoryConfiguration": ("GetInventoryConfiguration",),
    "GetBucketLifecycle": ("GetLifecycleConfiguration",),
    "GetBucketLifecycleConfiguration": ("GetLifecycleConfiguration",),
    "GetBucketLogging": ("GetBucketLogging",),
    "GetBucketMetadataConfiguration": ("GetBucketMetadataTableConfiguration",),
    "GetBucketMetadataTableConfiguration": ("GetBucketMetadataTableConfiguration",),
    "GetBucketMetricsConfiguration": ("GetMetricsConfiguration",),
    "GetBucketNotification": ("GetBucketNotification",),
    "GetBucketNotificationConfiguration": ("GetBucketNotification",),
    "GetBucketReplication": ("GetReplicationConfiguration",),
    "GetBucketRequestPayment": ("GetBucketRequestPayment",),
    "GetBucketTagging": ("GetBucketTagging",),
    "GetBucketVersioning": ("GetBucketVersioning",),
    "GetBucketWebsite": ("GetBucketWebsite",),
    "GetObjectLockConfiguration": ("GetBucketObjectLockConfiguration",),
    "ListBucketAnalyticsConfigurations": ("GetAnalyticsConfiguration",),
    "ListBucketIntelligentTieringConfigurations": ("GetIntelligentTieringConfiguration",),
    "ListBucketInventoryConfigurations": ("GetInventoryConfiguration",),
    "ListBucketMetricsConfigurations": ("GetMetricsConfiguration",),
    "PutBucketAbac": ("PutBucketAbac",),
    "PutBucketAccelerateConfiguration": ("PutAccelerateConfiguration",),
    "PutBucketAnalyticsConfiguration": ("PutAnalyticsConfiguration",),
    "PutBucketCors": ("PutBucketCORS",),
    "PutBucketEncryption": ("PutEncryptionConfiguration",),
    "PutBucketIntelligentTieringConfiguration": ("PutIntelligentTieringConfiguration",),
    "PutBucketInventoryConfiguration": ("PutInventoryConfiguration",),
    "PutBucketLifecycle": ("PutLifecycleConfiguration",),
    "PutBucketLifecycleConfiguration": ("PutLifecycleConfiguration",),
    "PutBucketLogging": ("PutBucketLogging",),
    "PutBucketMetricsConfiguration": ("PutMetricsConfiguration",),
    "PutBucketNotification": ("PutBucketNotification",),
    "PutBucketNotificationConfiguration": ("PutBucketNotification",),
    "PutBucketReplication": ("PutReplicationConfiguration",),
    "PutBucketRequestPayment": ("PutBucketRequestPayment",),
    "PutBucketTagging": ("PutBucketTagging",),
    "PutBucketVersioning": ("PutBucketVersioning",),
    "PutBucketWebsite": ("PutBucketWebsite",),
    "PutObjectLockConfiguration": ("PutBucketObjectLockConfiguration",),
    "UpdateBucketMetadataAnnotationTableConfiguration": ("UpdateBucketMetadataAnnotationTableConfiguration",),
    "UpdateBucketMetadataInventoryTableConfiguration": ("UpdateBucketMetadataInventoryTableConfiguration",),
    "UpdateBucketMetadataJournalTableConfiguration": ("UpdateBucketMetadataJournalTableConfiguration",),
    # Objects
    "AbortMultipartUpload": ("AbortMultipartUpload",),
    "CompleteMultipartUpload": ("PutObject",),
    "CopyObject": ("PutObject",),
    "CreateMultipartUpload": ("PutObject",),
    "DeleteObject": ("DeleteObject",),
    "DeleteObjectAnnotation": ("DeleteObjectAnnotation",),
    "DeleteObjectTagging": ("DeleteObjectTagging",),
    "GetObject": ("GetObject",),
    "GetObjectAcl": ("GetObjectAcl",),
    "GetObjectAnnotation": ("GetObjectAnnotation",),
    "GetObjectAttributes": ("GetObject", "GetObjectAttributes"),
    "GetObjectLegalHold": ("GetObjectLegalHold",),
    "GetObjectRetention": ("GetObjectRetention",),
    "GetObjectTagging": ("GetObjectTagging",),
    "GetObjectTorrent": ("GetObjectTorrent",),
    "HeadObject": ("GetObject",),
    "ListObjectAnnotations": ("ListObjectAnnotations",),
    "ListParts": ("ListMultipartUploadParts",),
    "PutObject": ("PutObject",),
    "PutObjectAcl": ("PutObjectAcl",),
    "PutObjectAnnotation": ("PutObjectAnnotation",),
    "PutObjectLegalHold": ("PutObjectLegalHold",),
    "PutObjectRetention": ("PutObjectRetention",),
    "PutObjectTagging": ("PutObjectTagging",),
    "RenameObject": ("PutObject", "DeleteObject"),
    "RestoreObject": ("RestoreObject",),
    "SelectObjectContent": ("GetObject",),
    "UpdateObjectEncryption": ("UpdateObjectEncryption",),
    "UploadPart": ("PutObject",),
    "UploadPartCopy": ("PutObject",),
}

#: Operations of a bucket that decide for themselves: a new one, keys one by one, a form's fields, a preflight.
BY_THEMSELVES = frozenset({"CreateBucket", "DeleteObjects", "PostObject", "OptionsBucket", "OptionsObject"})

#: Operations of the account that need no more than one.
OF_ACCOUNT = frozenset({"ListBuckets", "ListDirectoryBuckets", "WriteGetObjectResponse"})

#: Operations that begin an object, which may say more of it in headers.
WRITES = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload", "PostObject"})

#: What an action is called when the caller names a version.
_OF_VERSION: Mapping[str, str] = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "GetObjectTorrent": "GetObjectVersionTorrent",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}


def of_version(action: str, version: str | None) -> str:
    """The action on the version that the caller names, if it names one."""
    return action if version is None else _OF_VERSION.get(action, action)


def needed(operation: str, params: Params) -> list[str]:
    """What a call needs on its bucket or object, copy sources apart."""
    version = params.query.get("VersionId")
    actions = [of_version(action, version) for action in NEEDS.get(operation, ())]
    if params.header.get("BypassGovernanceRetention"):
        actions.append("BypassGovernanceRetention")
    return actions + list(extras(params)) if operation in WRITES else actions


def extras(params: Params) -> Iterator[str]:
    """What the headers of a write need besides."""
    given = params.header
    # Whoever gives the bucket's owner full control needs PutObject alone (example-bucket-policies-condition-keys.html).
    if given.get("ACL", "bucket-owner-full-control") != "bucket-owner-full-control" or any(
        name.startswith("Grant") for name in given
    ):
        yield "PutObjectAcl"
    if given.get("Tagging"):
        yield "PutObjectTagging"
    if "ObjectLockMode" in given or "ObjectLockRetainUntilDate" in given:
        yield "PutObjectRetention"
    if "ObjectLockLegalHoldStatus" in given:
        yield "PutObjectLegalHold"
