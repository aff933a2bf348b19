"""The real S3: its table of contents."""

from __future__ import annotations

from sandboxes.base import Limits, SandboxProvider
from sandboxes.s3 import inbound, lists, manners, outbound, purging, references, sessions, signing
from sandboxes.s3.rules import BUCKET, RULES

#: Actions of IAM that the account's credential needs. ListAllMyBuckets is for ``*``, all others are for
#: ``arn:aws:s3:::pb-*`` and ``arn:aws:s3:::pb-*/*``; AssumeRole, for the role alone, is needed for sessions only.
PERMISSIONS = (
    "s3:ListAllMyBuckets",
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    "s3:AbortMultipartUpload",
    "s3:GetObject*",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectAnnotation",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
    "s3:RestoreObject",
    "s3:UpdateObjectEncryption",
    "s3:DeleteObject*",
    "s3:ListObjectAnnotations",
    "s3:BypassGovernanceRetention",
    "s3:GetBucket*",
    "s3:GetAccelerateConfiguration",
    "s3:GetAnalyticsConfiguration",
    "s3:GetEncryptionConfiguration",
    "s3:GetIntelligentTieringConfiguration",
    "s3:GetInventoryConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetMetricsConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:PutAccelerateConfiguration",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketRequestPayment",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutMetricsConfiguration",
    "s3:TagResource",
    "sts:AssumeRole",
)

PROVIDER = SandboxProvider(
    name="s3",
    hosts=signing.HOSTS,
    endpoint=signing.ENDPOINT,
    contract=outbound.contract,
    rules=RULES,
    # S3 bears 3,500 writes and 5,500 reads a second and prefix (userguide/optimizing-performance.html); this is a
    # bound for what previews need, so that none of them costs its owner much.
    limits=Limits(rate=200, concurrency=50),
    isolations=frozenset({"ledger", "account"}),
    aliased=frozenset({BUCKET}),
    order=(BUCKET,),
    permissions=PERMISSIONS,
    options={
        "region": "The region of the account's endpoint, and of every bucket that is made; us-east-1 by default.",
        "role_arn": "The role whose sessions environments get with `isolation: account`.",
        "external_id": "The external id that the role's trust policy asks for, if it does.",
        "sts_endpoint": "The address of the session service, where it is not AWS's own in the region.",
    },
    check_secret=manners.check_secret,
    forbids=manners.forbids,
    allows=manners.allows,
    references=references.references,
    outbound=outbound.outbound,
    sign=signing.sign,
    inbound=inbound.inbound,
    made=manners.made,
    repeatable=manners.repeatable,
    throttled=manners.throttled,
    serial=manners.serial,
    narrow=lists.narrow,
    revoke=purging.revoke,
    find=lists.find,
    issue=sessions.issue,
)
