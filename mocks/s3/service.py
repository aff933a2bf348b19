"""The S3 mock's table of contents."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contracts import library
from mocks.base import Accounts, Handler, MockService
from mocks.s3 import (
    annotating,
    attributes,
    bucket_encryption,
    buckets,
    completion,
    copying,
    deleting,
    deliveries,
    listing,
    listing_versions,
    locking,
    objects,
    posting,
    principals,
    restoring,
    retention,
    settings_operations,
    site,
    tagging,
    uploads,
    versioning,
    wire,
)
from mocks.s3.access import acls, blocking, ownership, policies
from mocks.s3.agenda import WAKING
from mocks.s3.authorization import presented
from mocks.s3.browsing import BROWSING
from mocks.s3.cors import shared
from mocks.s3.forms import unfold
from mocks.s3.verification import verify

OPERATIONS: Mapping[str, Handler] = {
    # Buckets
    "ListBuckets": buckets.list_buckets,
    "CreateBucket": buckets.create_bucket,
    "HeadBucket": buckets.head_bucket,
    "GetBucketLocation": buckets.get_bucket_location,
    "DeleteBucket": buckets.delete_bucket,
    # Who may do what
    "GetBucketPolicy": policies.get_bucket_policy,
    "PutBucketPolicy": policies.put_bucket_policy,
    "DeleteBucketPolicy": policies.delete_bucket_policy,
    "GetBucketPolicyStatus": policies.get_bucket_policy_status,
    "GetPublicAccessBlock": blocking.get_public_access_block,
    "PutPublicAccessBlock": blocking.put_public_access_block,
    "DeletePublicAccessBlock": blocking.delete_public_access_block,
    "GetBucketOwnershipControls": ownership.get_bucket_ownership_controls,
    "PutBucketOwnershipControls": ownership.put_bucket_ownership_controls,
    "DeleteBucketOwnershipControls": ownership.delete_bucket_ownership_controls,
    "GetBucketAcl": acls.get_bucket_acl,
    "PutBucketAcl": acls.put_bucket_acl,
    "GetObjectAcl": acls.get_object_acl,
    "PutObjectAcl": acls.put_object_acl,
    # Configurations of buckets
    **settings_operations.OPERATIONS,
    "GetBucketVersioning": versioning.get_bucket_versioning,
    "PutBucketVersioning": versioning.put_bucket_versioning,
    "GetObjectLockConfiguration": locking.get_object_lock_configuration,
    "PutObjectLockConfiguration": locking.put_object_lock_configuration,
    "GetBucketEncryption": bucket_encryption.get_bucket_encryption,
    "PutBucketEncryption": bucket_encryption.put_bucket_encryption,
    "DeleteBucketEncryption": bucket_encryption.delete_bucket_encryption,
    # Objects
    "PutObject": objects.put_object,
    "PostObject": posting.post_object,
    "GetObject": objects.get_object,
    "HeadObject": objects.head_object,
    "CopyObject": copying.copy_object,
    "DeleteObject": deleting.delete_object,
    "DeleteObjects": deleting.delete_objects,
    "GetObjectAttributes": attributes.get_object_attributes,
    "ListObjectAnnotations": annotating.list_object_annotations,
    "GetObjectAnnotation": annotating.get_object_annotation,
    "PutObjectAnnotation": annotating.put_object_annotation,
    "DeleteObjectAnnotation": annotating.delete_object_annotation,
    "RestoreObject": restoring.restore_object,
    "GetObjectTagging": tagging.get_object_tagging,
    "PutObjectTagging": tagging.put_object_tagging,
    "DeleteObjectTagging": tagging.delete_object_tagging,
    "GetObjectRetention": retention.get_object_retention,
    "PutObjectRetention": retention.put_object_retention,
    "GetObjectLegalHold": retention.get_object_legal_hold,
    "PutObjectLegalHold": retention.put_object_legal_hold,
    "UpdateObjectEncryption": bucket_encryption.update_object_encryption,
    # Lists
    "ListObjects": listing.list_objects,
    "ListObjectsV2": listing.list_objects_v2,
    "ListObjectVersions": listing_versions.list_object_versions,
    # Uploads in parts
    "CreateMultipartUpload": uploads.create_multipart_upload,
    "UploadPart": uploads.upload_part,
    "UploadPartCopy": copying.upload_part_copy,
    "ListParts": uploads.list_parts,
    "ListMultipartUploads": listing.list_multipart_uploads,
    "CompleteMultipartUpload": completion.complete_multipart_upload,
    "AbortMultipartUpload": uploads.abort_multipart_upload,
}

SERVICE = MockService(
    name="s3",
    contract=lambda: library.load("s3"),
    operations=OPERATIONS,
    fallback=wire.not_implemented,
    rest="refused",
    credential=presented,
    credentials=wire.CREDENTIALS,
    accounts=Accounts(wire.CREDENTIALS[0], principals.details, wire.key_variables),
    variables=wire.variables,
    render_error=wire.render_error,
    verify=verify,
    authorize=wire.authorize,
    around=wire.around,
    anonymous=wire.anonymous,
    decorate=wire.decorate,
    relocate=wire.relocate,
    waking=WAKING,
    browsing=BROWSING,
    unfold=unfold,
    shared=shared,
    endpoints=frozenset({site.ENDPOINT}),
    pages=site.pages,
    sign_event=deliveries.sign_event,
    webhook_credential=wire.WEBHOOK_SECRET,
    secrets={"Signature=": re.compile(r"(?<=Signature=)[0-9a-f]{64}")},
    limits="Accounts have no users and roles.",
)
