"""The versioning state of a bucket: never set, Enabled, Suspended.

Source: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html and API_GetBucketVersioning.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Reply, ServiceError
from mocks.s3.checksums import check_body
from mocks.s3.errors import access_denied
from mocks.s3.records import BUCKET, bucket_of


async def get_bucket_versioning(call: Call) -> Any:
    """GET /bucket?versioning: nothing when it was never set."""
    bucket = await bucket_of(call)
    return {"Status": bucket["versioning"]} if "versioning" in bucket else {}


async def put_bucket_versioning(call: Call) -> Any:
    """PUT /bucket?versioning. MFA delete needs a device, which no environment has."""
    check_body(call)
    bucket = await bucket_of(call)
    wanted = call.params["VersioningConfiguration"]
    status = wanted.get("Status")
    if wanted.get("MFADelete") == "Enabled":
        raise access_denied("Mfa Authentication must be used for this request")
    if status is None:
        message = "The Versioning element must be specified"
        raise ServiceError(400, "IllegalVersioningConfigurationException", message)
    if status == "Suspended" and "lock" in bucket:
        message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        raise ServiceError(409, "InvalidBucketState", message)
    if status == "Suspended" and "replication" in bucket.get("configured", ()):
        message = (
            "A replication configuration is present on this bucket, so you cannot change the versioning state. "
            "To change the versioning state, first delete the replication configuration."
        )
        raise ServiceError(409, "InvalidBucketState", message)
    if bucket.get("versioning") != status:
        await call.state.put(BUCKET, bucket["name"], {**bucket, "versioning": status})
    return Reply()
