"""Deletes of one object and of many.

Rules: docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html, API_DeleteObjects.html and
userguide/conditional-deletes.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3 import lock
from mocks.s3.access.authorize import demand
from mocks.s3.checksums import check_body
from mocks.s3.conditions import matches
from mocks.s3.errors import (
    malformed_xml,
    missing_digest,
    no_such_key,
    no_such_version,
    not_implemented,
    precondition_failed,
    unaccepted,
)
from mocks.s3.notifications import notify_removed
from mocks.s3.objects import check_key
from mocks.s3.records import OBJECT, address_in, bucket_of
from mocks.s3.version_ids import NULL, is_version
from mocks.s3.versions import Removed, remove
from mocks.s3.wire import worded

_MOST = 1000


async def delete_object(call: Call) -> Any:
    """DELETE /bucket/key: 204 whether or not it was there; If-Match makes it conditional."""
    bucket = await bucket_of(call)
    params = call.params
    for name, wire in (("IfMatchLastModifiedTime", "last-modified-time"), ("IfMatchSize", "size")):
        if name in params:
            raise not_implemented(f"x-amz-if-match-{wire} outside directory buckets")
    if "IfMatch" in params and "VersionId" in params:
        raise unaccepted("If-Match")  # measured at S3: localstack issue 13894
    lock.bypasses(call, bucket)
    await _check(call, bucket, params["Key"], params.get("IfMatch"))
    removed = await _removed(call, bucket, params["Key"], params.get("VersionId"))
    value: dict[str, Any] = {"VersionId": removed.version, "DeleteMarker": True if removed.marker else None}
    return Reply({name: held for name, held in value.items() if held is not None})


async def _check(call: Call, bucket: Record, key: str, if_match: str | None) -> None:
    """The condition, which only the current object can fulfil. Raises NoSuchKey or PreconditionFailed."""
    if if_match is None:
        return
    existing = await call.state.get(OBJECT, address_in(bucket, key))
    if existing is None:
        raise no_such_key(key)
    if not matches(if_match, existing["etag"]):
        raise precondition_failed("If-Match")


async def delete_objects(call: Call) -> Any:
    """POST /bucket?delete: up to a thousand keys, each with its own outcome."""
    if not check_body(call):
        raise missing_digest()
    bucket = await bucket_of(call)
    lock.bypasses(call, bucket)
    wanted = call.params["Delete"]
    if not 0 < len(wanted.get("Objects", ())) <= _MOST:
        raise malformed_xml()
    deleted: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for item in wanted["Objects"]:
        named = {name: item[name] for name in ("Key", "VersionId") if name in item}
        try:
            removed = await _one(call, bucket, item)
        except ServiceError as refused:
            told = worded(refused)
            failed.append({**named, "Code": told.code, "Message": told.message})
        else:
            deleted.append({**named, **_told(removed)})
    value: dict[str, Any] = {} if wanted.get("Quiet") else {"Deleted": deleted}
    return {**value, "Errors": failed} if failed else value


async def _one(call: Call, bucket: Record, item: Mapping[str, Any]) -> Removed:
    check_key(item["Key"])
    if not is_version(item.get("VersionId", NULL)):
        # Here an id that is none is that of no version (an answer of S3 quoted in amazonka issue 160).
        raise no_such_version(item["Key"], item["VersionId"])
    if "LastModifiedTime" in item or "Size" in item:
        raise not_implemented("LastModifiedTime and Size outside directory buckets")
    await demand(call, "DeleteObject", bucket, item["Key"], version=item.get("VersionId"))
    if call.params.get("BypassGovernanceRetention"):
        await demand(call, "BypassGovernanceRetention", bucket, item["Key"])
    await _check(call, bucket, item["Key"], item.get("ETag"))
    return await _removed(call, bucket, item["Key"], item.get("VersionId"))


async def _removed(call: Call, bucket: Record, key: str, version_id: str | None) -> Removed:
    """What is gone or hidden, and told of; nothing is told of what was not there."""
    removed = await remove(call, bucket, key, version_id)
    await notify_removed(call, bucket, key, removed)
    return removed


def _told(removed: Removed) -> dict[str, Any]:
    """Of a delete marker, made or taken away, its id (API_DeletedObject.html)."""
    return {"DeleteMarker": True, "DeleteMarkerVersionId": removed.version} if removed.marker else {}
