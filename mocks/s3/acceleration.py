"""Transfer acceleration of a bucket: kept and told, without an effect, since every way here is equally short.

Source: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html and
userguide/transfer-acceleration.html (no dots in the name).
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Reply
from mocks.s3.checksums import check_body
from mocks.s3.configurations import configuration, configure
from mocks.s3.errors import invalid_request, malformed_xml
from mocks.s3.records import bucket_of

_NAME = "accelerate"


async def get_bucket_accelerate_configuration(call: Call) -> Any:
    """GET /bucket?accelerate: no Status of a bucket whose acceleration was never set."""
    bucket = await bucket_of(call)
    return await configuration(call.state, bucket, _NAME) or {}


async def put_bucket_accelerate_configuration(call: Call) -> Any:
    """PUT /bucket?accelerate."""
    bucket = await bucket_of(call)
    check_body(call)
    wanted = call.params["AccelerateConfiguration"]
    if "Status" not in wanted:
        raise malformed_xml()
    if "." in bucket["name"]:
        message = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
        raise invalid_request(message)
    await configure(call, bucket, _NAME, wanted)
    return Reply()
