"""Who pays for requests: the bucket's owner, or whoever asks.

It stands in the bucket's record as ``payer``, since every call of another account depends on it.
Source: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Reply
from mocks.s3.checksums import check_body
from mocks.s3.records import BUCKET, bucket_of

_OWNER = "BucketOwner"


async def get_bucket_request_payment(call: Call) -> Any:
    """GET /bucket?requestPayment."""
    bucket = await bucket_of(call)
    return {"Payer": bucket.get("payer", _OWNER)}


async def put_bucket_request_payment(call: Call) -> Any:
    """PUT /bucket?requestPayment."""
    bucket = await bucket_of(call)
    check_body(call)
    bucket["payer"] = call.params["RequestPaymentConfiguration"]["Payer"]
    await call.state.put(BUCKET, bucket["name"], bucket)
    return Reply()
