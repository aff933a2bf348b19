"""Attribute-based access control of a bucket: whether its tags may decide about access.

It stands in the bucket's record as ``abac``. Conditions on a bucket's tags need policies of users, which there are none
of here, so that its one effect is on how the bucket is tagged (``bucket_tagging``).
Source: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAbac.html.
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Reply
from mocks.s3.checksums import check_body
from mocks.s3.errors import malformed_xml
from mocks.s3.records import BUCKET, bucket_of


async def get_bucket_abac(call: Call) -> Any:
    """GET /bucket?abac: disabled unless it was enabled."""
    bucket = await bucket_of(call)
    return {"AbacStatus": {"Status": bucket.get("abac", "Disabled")}}


async def put_bucket_abac(call: Call) -> Any:
    """PUT /bucket?abac."""
    bucket = await bucket_of(call)
    check_body(call)
    wanted = call.params["AbacStatus"]
    if "Status" not in wanted:
        raise malformed_xml()
    bucket["abac"] = wanted["Status"]
    await call.state.put(BUCKET, bucket["name"], bucket)
    return Reply()
