"""Access control lists of buckets and objects: get and put.

Sources: docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html, API_PutBucketAcl.html, API_GetObjectAcl.html,
API_PutObjectAcl.html; where public grants are ignored "GET Bucket acl and GET Object acl always return the effective
permissions" (userguide/access-control-block-public-access.html).
"""

from __future__ import annotations

from typing import Any

from mocks.base import Call, Record, Reply
from mocks.s3.access.blocking import blocks
from mocks.s3.access.given import replacement
from mocks.s3.access.grants import FULL, grants_of, private, shown
from mocks.s3.checksums import check_body
from mocks.s3.notifications import notify
from mocks.s3.principals import enforced, object_owner, owner_of
from mocks.s3.records import BUCKET, bucket_of
from mocks.s3.versions import find, rewrite, shown_version


async def get_bucket_acl(call: Call) -> Any:
    """GET /bucket?acl."""
    bucket = await bucket_of(call)
    return _told(bucket, bucket, owner_of(call, bucket))


async def put_bucket_acl(call: Call) -> Any:
    """PUT /bucket?acl."""
    bucket = await bucket_of(call)
    check_body(call)
    bucket["acl"] = replacement(call, bucket, owner_of(call, bucket), of_bucket=True)
    await call.state.put(BUCKET, bucket["name"], bucket)
    return Reply()


async def get_object_acl(call: Call) -> Any:
    """GET /bucket/key?acl."""
    bucket, record = await _object(call)
    return Reply(_told(bucket, record, object_owner(call, bucket, record)), headers=_version(record))


async def put_object_acl(call: Call) -> Any:
    """PUT /bucket/key?acl."""
    check_body(call)
    bucket, record = await _object(call)
    owner = object_owner(call, bucket, record)
    before = grants_of(record, owner)
    grants = replacement(call, bucket, owner, of_bucket=False)
    if enforced(bucket):
        return Reply(headers=_version(record))
    record["acl"] = grants
    await rewrite(call.state, bucket, record)
    # Nobody is told "when a request results in no change to an object's ACL"
    # (userguide/notification-how-to-event-types-and-destinations.html).
    if record["acl"] != before:
        await notify(call, bucket, "ObjectAcl:Put", record)
    return Reply(headers=_version(record))


async def _object(call: Call) -> tuple[Record, Record]:
    bucket = await bucket_of(call)
    version = call.params.get("VersionId")
    return bucket, await find(call.state, bucket, call.params["Key"], version, call.request.method)


def _version(record: Record) -> list[tuple[str, str]]:
    """A header that the model does not know of."""
    return [("x-amz-version-id", text) for text in shown_version(record).values()]


def _told(bucket: Record, record: Record, owner: str) -> dict[str, Any]:
    grants = [["ID", owner, FULL]] if enforced(bucket) else grants_of(record, owner)
    if blocks(bucket, "IgnorePublicAcls"):
        grants = private(grants)
    return {"Owner": {"ID": owner}, "Grants": shown(grants)}
