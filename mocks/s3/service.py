"""The S3 mock's table of contents."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contracts import library
from mocks.base import Accounts, Handler, MockService
from mocks.s3 import (
    abac,
    acceleration,
    access_logs,
    attributes,
    bucket_encryption,
    bucket_tagging,
    buckets,
    completion,
    copying,
    deleting,
    lifecycle,
    listing,
    objects,
    principals,
    request_payment,
    tagging,
    uploads,
    versioning,
    wire,
)
from mocks.s3.authorization import presented
from mocks.s3.verification import verify

OPERATIONS: Mapping[str, Handler] = {
    # Buckets
    "ListBuckets": buckets.list_buckets,
    "CreateBucket": buckets.create_bucket,
    "HeadBucket": buckets.head_bucket,
    "GetBucketLocation": buckets.get_bucket_location,
    "DeleteBucket": buckets.delete_bucket,
    # Configurations of buckets
    "GetBucketTagging": bucket_tagging.get_bucket_tagging,
    "PutBucketTagging": bucket_tagging.put_bucket_tagging,
    "DeleteBucketTagging": bucket_tagging.delete_bucket_tagging,
    "GetBucketAbac": abac.get_bucket_abac,
    "PutBucketAbac": abac.put_bucket_abac,
    "GetBucketAccelerateConfiguration": acceleration.get_bucket_accelerate_configuration,
    "PutBucketAccelerateConfiguration": acceleration.put_bucket_accelerate_configuration,
    "GetBucketLogging": access_logs.get_bucket_logging,
    "PutBucketLogging": access_logs.put_bucket_logging,
    "GetBucketRequestPayment": request_payment.get_bucket_request_payment,
    "PutBucketRequestPayment": request_payment.put_bucket_request_payment,
    "GetBucketVersioning": versioning.get_bucket_versioning,
    "PutBucketVersioning": versioning.put_bucket_versioning,
    "GetBucketEncryption": bucket_encryption.get_bucket_encryption,
    "PutBucketEncryption": bucket_encryption.put_bucket_encryption,
    "DeleteBucketEncryption": bucket_encryption.delete_bucket_encryption,
    "GetBucketLifecycleConfiguration": lifecycle.get_bucket_lifecycle_configuration,
    "PutBucketLifecycleConfiguration": lifecycle.put_bucket_lifecycle_configuration,
    "GetBucketLifecycle": lifecycle.get_bucket_lifecycle_configuration,
    "PutBucketLifecycle": lifecycle.put_bucket_lifecycle_configuration,
    "DeleteBucketLifecycle": lifecycle.delete_bucket_lifecycle,
    # Objects
    "PutObject": objects.put_object,
    "GetObject": objects.get_object,
    "HeadObject": objects.head_object,
    "CopyObject": copying.copy_object,
    "DeleteObject": deleting.delete_object,
    "DeleteObjects": deleting.delete_objects,
    "GetObjectAttributes": attributes.get_object_attributes,
    "GetObjectTagging": tagging.get_object_tagging,
    "PutObjectTagging": tagging.put_object_tagging,
    "DeleteObjectTagging": tagging.delete_object_tagging,
    "UpdateObjectEncryption": bucket_encryption.update_object_encryption,
    # Lists
    "ListObjects": listing.list_objects,
    "ListObjectsV2": listing.list_objects_v2,
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
    decorate=wire.decorate,
    relocate=wire.relocate,
    secrets={"Signature=": re.compile(r"(?<=Signature=)[0-9a-f]{64}")},
    limits=(
        "Object Lock, policies, ACLs, CORS, lifecycle, notifications, encryption with own keys, "
        "Versioning, Object Lock, policies, ACLs, CORS, lifecycle, notifications, "
        "POST-policy forms and anonymous access answer NotImplemented; every region is accepted."
    ),
)
