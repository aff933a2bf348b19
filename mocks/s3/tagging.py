"""Tags of an object. Source: docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html."""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Record, Reply
from mocks.s3.checksums import check_body
from mocks.s3.metadata import checked_tags
from mocks.s3.notifications import notify
from mocks.s3.records import bucket_of
from mocks.s3.versions import object_of, rewrite, shown_version


async def get_object_tagging(call: Call) -> Any:
    """GET /bucket/key?tagging."""
    record = await object_of(call)
    return {"TagSet": [{"Key": key, "Value": value} for key, value in record.get("tags", [])], **shown_version(record)}


async def put_object_tagging(call: Call) -> Any:
    """PUT /bucket/key?tagging: the whole set at once."""
    check_body(call)
    record = await object_of(call)
    given = call.params["Tagging"]["TagSet"]
    record["tags"] = checked_tags([(tag["Key"], tag["Value"]) for tag in given])
    return await _kept(call, record, "ObjectTagging:Put")


async def delete_object_tagging(call: Call) -> Any:
    """DELETE /bucket/key?tagging."""
    record = await object_of(call)
    record.pop("tags", None)
    return await _kept(call, record, "ObjectTagging:Delete")


async def _kept(call: Call, record: Record, event: str) -> Reply:
    bucket = await bucket_of(call)
    await rewrite(call.state, bucket, record)
    await notify(call, bucket, event, record)
    return Reply(shown_version(record))
