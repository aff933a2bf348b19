"""The words of S3's policies: actions, what each acts on, and the condition keys that each has.

Source: docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from mocks.s3.access.patterns import like

#: What an action acts on; ``other`` is what no bucket policy reaches (the account, access points, jobs).
On = Literal["bucket", "object", "other"]

_OBJECT = """
AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging
DeleteObjectVersion DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes
GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl
GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent
InitiateReplication ListMultipartUploadParts ListObjectAnnotations ObjectOwnerOverrideToBucketOwner PutObject
PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl
PutObjectVersionTagging ReplicateDelete ReplicateObject ReplicateTags RestoreObject UpdateObjectEncryption
"""

_BUCKET = """
CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac GetBucketAcl
GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration GetBucketNotification
GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration
GetMetricsConfiguration GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions
ListTagsForResource PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac PutBucketAcl
PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls
PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning
PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration
PutLifecycleConfiguration PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource
UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration
UpdateBucketMetadataJournalTableConfiguration
"""

_OTHER = """
AssociateAccessGrantsIdentityCenter CreateAccessGrant CreateAccessGrantsInstance CreateAccessGrantsLocation
CreateAccessPoint CreateAccessPointForObjectLambda CreateJob CreateMultiRegionAccessPoint CreateSession
CreateStorageLensGroup DeleteAccessGrant DeleteAccessGrantsInstance DeleteAccessGrantsInstanceResourcePolicy
DeleteAccessGrantsLocation DeleteAccessPoint DeleteAccessPointForObjectLambda DeleteAccessPointPolicy
DeleteAccessPointPolicyForObjectLambda DeleteJobTagging DeleteMultiRegionAccessPoint DeleteStorageLensConfiguration
DeleteStorageLensConfigurationTagging DeleteStorageLensGroup DescribeJob DescribeMultiRegionAccessPointOperation
DissociateAccessGrantsIdentityCenter GetAccessGrant GetAccessGrantsInstance GetAccessGrantsInstanceForPrefix
GetAccessGrantsInstanceResourcePolicy GetAccessGrantsLocation GetAccessPoint
GetAccessPointConfigurationForObjectLambda GetAccessPointForObjectLambda GetAccessPointPolicy
GetAccessPointPolicyForObjectLambda GetAccessPointPolicyStatus GetAccessPointPolicyStatusForObjectLambda
GetAccountPublicAccessBlock GetDataAccess GetJobTagging GetMultiRegionAccessPoint GetMultiRegionAccessPointPolicy
GetMultiRegionAccessPointPolicyStatus GetMultiRegionAccessPointRoutes GetStorageLensConfiguration
GetStorageLensConfigurationTagging GetStorageLensDashboard GetStorageLensGroup ListAccessGrants
ListAccessGrantsInstances ListAccessGrantsLocations ListAccessPoints ListAccessPointsForObjectLambda
ListAllMyBuckets ListCallerAccessGrants ListJobs ListMultiRegionAccessPoints ListStorageLensConfigurations
ListStorageLensGroups PutAccessGrantsInstanceResourcePolicy PutAccessPointConfigurationForObjectLambda
PutAccessPointPolicy PutAccessPointPolicyForObjectLambda PutAccessPointPublicAccessBlock
PutAccountPublicAccessBlock PutJobTagging PutMultiRegionAccessPointPolicy PutStorageLensConfiguration
PutStorageLensConfigurationTagging SubmitMultiRegionAccessPointRoutes UpdateAccessGrantsLocation UpdateJobPriority
UpdateJobStatus UpdateStorageLensGroup
"""


def _on(words: str, on: On) -> dict[str, On]:
    return dict.fromkeys(words.split(), on)


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Every action of the service, without its ``s3:``.
ACTIONS: Mapping[str, On] = {**_on(_OBJECT, "object"), **_on(_BUCKET, "bucket"), **_on(_OTHER, "other")}

_EXISTING_TAG = """
DeleteObjectTagging DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes GetObjectTagging
GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes GetObjectVersionTagging PutObjectAcl PutObjectTagging
PutObjectVersionAcl PutObjectVersionTagging
"""
_REQUEST_TAG = "BypassGovernanceRetention PutObject PutObjectTagging PutObjectVersionTagging CreateBucket TagResource"
_GRANT = "BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl"
_LIST = "ListBucket ListBucketVersions"
_ENCRYPTION = "BypassGovernanceRetention PutObject ReplicateObject UpdateObjectEncryption"
_VERSION = """
DeleteObjectVersion DeleteObjectVersionTagging GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes
GetObjectVersionTagging GetObjectVersionTorrent PutObjectVersionAcl PutObjectVersionTagging
"""
_COPY = "BypassGovernanceRetention PutObject"
_RETENTION = "PutObject PutObjectRetention"

#: Condition keys that only some actions have, in lower case: the actions.
_SOME = {
    "s3:delimiter": _LIST,
    "s3:if-match": "DeleteObject PutObject",
    "s3:if-none-match": "PutObject",
    "s3:inventoryaccessibleoptionalfields": "PutInventoryConfiguration",
    "s3:locationconstraint": "CreateBucket CreateAccessPoint",
    "s3:max-keys": _LIST,
    "s3:object-lock-legal-hold": "PutObject PutObjectLegalHold",
    "s3:object-lock-mode": _RETENTION,
    "s3:object-lock-remaining-retention-days": _RETENTION,
    "s3:object-lock-retain-until-date": _RETENTION,
    "s3:objectcreationoperation": "PutObject",
    "s3:prefix": _LIST,
    "s3:requestobjecttagkeys": _REQUEST_TAG,
    "s3:versionid": _VERSION,
    "s3:x-amz-acl": _GRANT,
    "s3:x-amz-bucket-namespace": "CreateBucket",
    "s3:x-amz-copy-source": _COPY,
    "s3:x-amz-grant-full-control": _GRANT,
    "s3:x-amz-grant-read": _GRANT,
    "s3:x-amz-grant-read-acp": _GRANT,
    "s3:x-amz-grant-write": _GRANT,
    "s3:x-amz-grant-write-acp": _GRANT,
    "s3:x-amz-metadata-directive": _COPY,
    "s3:x-amz-object-ownership": "CreateBucket",
    "s3:x-amz-server-side-encryption": _ENCRYPTION,
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _ENCRYPTION,
    "s3:x-amz-server-side-encryption-customer-algorithm": _ENCRYPTION,
    "s3:x-amz-storage-class": "BypassGovernanceRetention PutObject PutObjectAcl PutObjectVersionAcl",
    "s3:x-amz-website-redirect-location": _COPY,
}
#: The same of keys that end with a name of the policy's own.
_SOME_NAMED = {"s3:existingobjecttag/": _EXISTING_TAG, "s3:requestobjecttag/": _REQUEST_TAG}

#: Condition keys that every action has.
_EVERY = _keys(
    """
    s3:accessgrantsinstancearn s3:accesspointnetworkorigin s3:authtype s3:dataaccesspointaccount s3:dataaccesspointarn
    s3:resourceaccount s3:signatureage s3:signatureversion s3:tlsversion s3:x-amz-content-sha256
    """
)
_EVERY_NAMED = ("s3:buckettag/", "s3:accesspointtag/")

#: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, in lower case.
_GLOBAL = _keys(
    """
    aws:calledvia aws:calledviafirst aws:calledvialast aws:chatbotsourcearn aws:currenttime
    aws:ec2instancesourceprivateipv4 aws:ec2instancesourcevpc aws:epochtime aws:federatedprovider aws:multifactorauthage
    aws:multifactorauthpresent aws:principalaccount aws:principalarn aws:principalisawsservice aws:principalorgid
    aws:principalorgpaths aws:principalservicename aws:principalservicenameslist aws:principaltype aws:referer
    aws:requestedregion aws:resourceaccount aws:resourceorgid aws:resourceorgpaths aws:securetransport aws:sourceaccount
    aws:sourcearn aws:sourceidentity aws:sourceip aws:sourceorgid aws:sourceorgpaths aws:sourceowner aws:sourcevpc
    aws:sourcevpcarn aws:sourcevpce aws:tagkeys aws:tokenissuetime aws:useragent aws:userid aws:username
    aws:viaawsservice aws:viaawsmcpservice aws:vpceaccount aws:vpceorgid aws:vpceorgpaths aws:vpcsourceip
    aws:signinsessionarn aws:assumedroot aws:isrootsession
    """
)
_GLOBAL_NAMED = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


@lru_cache(maxsize=512)
def expanded(action: str) -> frozenset[str]:
    """The actions that ``s3:Get*`` or ``*`` stands for; none when it stands for nothing of S3."""
    if action == "*":
        return frozenset(ACTIONS)
    service, _, name = action.partition(":")
    if service.lower() != "s3":
        return frozenset()
    return frozenset(word for word in ACTIONS if like(name, word, ignore_case=True))


def known(key: str) -> bool:
    """Whether a condition key, in lower case, is one that there is. Keys of other services are theirs to know."""
    if key.startswith("s3:"):
        return key in _EVERY or key in _SOME or key.startswith((*_EVERY_NAMED, *_SOME_NAMED))
    if key.startswith("aws:"):
        return key in _GLOBAL or key.startswith(_GLOBAL_NAMED)
    return ":" in key


def bearers(key: str) -> frozenset[str] | None:
    """The actions that have a condition key, None for a key that all have."""
    words = _SOME.get(key) or next((held for start, held in _SOME_NAMED.items() if key.startswith(start)), None)
    return None if words is None else frozenset(words.split())
