"""The versions of objects: which one a call means, what a write does with the one before, what a delete leaves.

Kind ``object`` (see ``records``) holds what a plain GET finds, so that lists of objects read nothing else. Kind
``version`` holds every other version and every delete marker, under ``place``: by key, then newest first. Kind
``null-version`` under ``bucket/key`` says which number the null version among them has.

Each version has a ``number``, one more than the one before; none is 0, of an object from before its bucket had
versioning. The bucket's ``versioning`` is ``Enabled`` or ``Suspended``, or it is absent and none of this is read.

Rules: docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html, DeletingObjectVersions.html,
AddingObjectstoVersionSuspendedBuckets.html and the pages beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts.aws_values import http_date, iso
from mocks.base import Call, Record, ServiceError, State
from mocks.s3 import content, lock
from mocks.s3.errors import method_not_allowed, no_such_key, no_such_version
from mocks.s3.principals import object_ownership
from mocks.s3.records import END, OBJECT, address_in, bucket_of, ordered
from mocks.s3.version_ids import NULL, NUMBERS, checked, new_version, number_of

VERSION = "version"
_NULL_PLACE = "null-version"


@dataclass(frozen=True, slots=True)
class Removed:
    """What a delete did. ``version`` is the id that it answers, None where there is no versioning; ``marker`` tells
    that this is of a delete marker, made or taken away; ``record`` is the version that is gone, if one is."""

    version: str | None = None
    marker: bool = False
    record: Record | None = None


def place(bucket: str, key: str, number: int, version: str) -> str:
    """The record key of a version that is not the current object."""
    return f"{bucket}/{ordered(key)}{END}{NUMBERS - 1 - number:012x}{version}"


def number(record: Record) -> int:
    """Where a version stands among those of its key."""
    found: int = record.get("number", 0)
    return found


def version(record: Record) -> str:
    """A version's id."""
    found: str = record.get("version", NULL)
    return found


def shown_version(record: Record) -> dict[str, Any]:
    """The member of an answer that tells the version: nothing of a bucket without versioning."""
    return {"VersionId": record["version"]} if "version" in record else {}


def written_version(record: Record) -> dict[str, Any]:
    """The same of a write's answer, which is silent of null versions (API_PutObject.html, the sample response with
    versioning suspended; versitygw issue 2164)."""
    return shown_version(record) if version(record) != NULL else {}


async def object_of(call: Call) -> Record:
    """The object that the call names, in the version that it names. Raises NoSuchBucket and what ``find`` does."""
    return (await located(call))[1]


async def located(call: Call) -> tuple[Record, Record]:
    """The same with its bucket before it."""
    bucket = await bucket_of(call)
    found = await find(call.state, bucket, call.params["Key"], call.params.get("VersionId"), call.request.method)
    return bucket, found


async def find(state: State, bucket: Record, key: str, version_id: str | None, method: str = "GET") -> Record:
    """A version, or the current one. Where the bucket has versioning its ``version`` is set, "null" too.

    Raises NoSuchKey, NoSuchVersion, and MethodNotAllowed for a delete marker (userguide/DeleteMarker.html).
    """
    checked(version_id)
    found = await state.get(OBJECT, address_in(bucket, key))
    if version_id is None:
        if found is None:
            raise await _gone(state, bucket, key)
    elif found is None or version(found) != version_id:
        found = await _apart(state, bucket, key, version_id)
        if found is None:
            raise no_such_version(key, version_id)
        if found.get("marker"):
            raise method_not_allowed(method, "DeleteMarker", "DELETE", headers=_marker_headers(found))
    if "versioning" in bucket:
        found.setdefault("version", NULL)
    return found


async def _gone(state: State, bucket: Record, key: str) -> ServiceError:
    """The key has no current object: because of a delete marker, which the answer tells then, or at all."""
    error = no_such_key(key)
    newest = await newest_apart(state, bucket, key) if "versioning" in bucket else None
    if newest is not None:
        error.headers = (("x-amz-delete-marker", "true"), ("x-amz-version-id", version(newest)))
    return error


def _marker_headers(marker: Record) -> list[tuple[str, str]]:
    return [
        ("x-amz-delete-marker", "true"),
        ("x-amz-version-id", version(marker)),
        ("last-modified", http_date(marker["modified"])),
    ]


async def _apart(state: State, bucket: Record, key: str, version_id: str) -> Record | None:
    """The version or delete marker of this id that is not the current object."""
    if "versioning" not in bucket:
        return None
    if version_id != NULL:
        return await state.get(VERSION, place(bucket["name"], key, number_of(version_id), version_id))
    known = await state.get(_NULL_PLACE, address_in(bucket, key))
    return await state.get(VERSION, place(bucket["name"], key, known["number"], NULL)) if known is not None else None


async def null_number(state: State, bucket: Record, key: str, existing: Record | None) -> int | None:
    """The number of the null version of a key; ``existing`` is its current object."""
    if existing is not None and version(existing) == NULL:
        return number(existing)
    found = await _apart(state, bucket, key, NULL)
    return number(found) if found is not None else None


async def newest_apart(state: State, bucket: Record, key: str) -> Record | None:
    """The newest of those that are not the current object."""
    return next(iter(await newest_of(state, bucket, key, 1)), None)


async def newest_of(state: State, bucket: Record, key: str, limit: int) -> Sequence[Record]:
    """The newest versions and delete markers of a key that are not the current object."""
    return await state.page(VERSION, order="key", prefix=f"{bucket['name']}/{ordered(key)}{END}", limit=limit)


async def rewrite(state: State, bucket: Record, record: Record) -> None:
    """Put a found version back after a change of what is kept with it."""
    if "superseded" in record:
        await state.put(VERSION, place_of(bucket["name"], record), record)
    else:
        await state.put(OBJECT, address_in(bucket, record["key"]), record)


def place_of(bucket: str, record: Record) -> str:
    """The same of a record."""
    return place(bucket, record["key"], number(record), version(record))


async def store(call: Call, bucket: Record, record: Record, existing: Record | None) -> Record:
    """Put the object under the key that the call names. ``existing`` is its current object, read in this exclusive
    phase: it is replaced, or steps back where the bucket has versioning. ``version`` is set where it has."""
    record["key"] = call.params["Key"]
    # S3 keeps whole seconds (API_Object.html, LastModified).
    record["modified"] = iso(call.now.replace(microsecond=0))
    if "versioning" in bucket:
        if "lock" in bucket and "retention" not in record:
            record.update(lock.by_default(bucket, call.now))
        await _succeed(call, bucket, record, existing)
    else:
        await content.discard(call.state, existing)
    await call.state.put(OBJECT, address_in(bucket, record["key"]), record)
    return record


async def _succeed(call: Call, bucket: Record, record: Record, existing: Record | None) -> None:
    """Give ``record`` the next number and an id, and make room: ``existing`` steps back, unless both are null versions;
    an earlier null version goes where another one comes."""
    before = existing if existing is not None else await newest_apart(call.state, bucket, record["key"])
    record["number"] = number(before) + 1 if before is not None else 1
    if bucket["versioning"] == "Enabled":
        record["version"] = new_version(call, record["number"])
    else:
        record["version"] = NULL
        await _forget_null(call.state, bucket, record["key"])
        if existing is not None and version(existing) == NULL:
            await content.discard(call.state, existing)
            return
    if existing is not None:
        existing["superseded"] = record["modified"]
        await _set_apart(call.state, bucket, existing)


async def _set_apart(state: State, bucket: Record, record: Record) -> None:
    await state.put(VERSION, place_of(bucket["name"], record), record)
    if version(record) == NULL:
        await state.put(_NULL_PLACE, address_in(bucket, record["key"]), {"number": number(record)})


async def _take(state: State, bucket: Record, record: Record) -> None:
    """The other way: a version that is to be current, or to be nothing."""
    await state.delete(VERSION, place_of(bucket["name"], record))
    if version(record) == NULL:
        await state.delete(_NULL_PLACE, address_in(bucket, record["key"]))


async def _forget_null(state: State, bucket: Record, key: str) -> None:
    earlier = await _apart(state, bucket, key, NULL)
    if earlier is not None:
        await _take(state, bucket, earlier)
        await _discard(state, earlier)


async def _discard(state: State, record: Record) -> None:
    if not record.get("marker"):
        await content.discard(state, record)


async def remove(call: Call, bucket: Record, key: str, version_id: str | None) -> Removed:
    """Delete for good the version that the id names, or hide the object behind a delete marker; without versioning
    it is gone. What is not there stays so, without a word. Raises AccessDenied for what Object Lock protects."""
    existing = await call.state.get(OBJECT, address_in(bucket, key))
    if checked(version_id) is not None:
        return await _purge(call, bucket, key, version_id or NULL, existing)
    if "versioning" in bucket:
        return await _hide(call, bucket, key, existing)
    if existing is None:
        return Removed()
    await content.discard(call.state, existing)
    await call.state.delete(OBJECT, address_in(bucket, key))
    return Removed(record=existing)


async def _hide(call: Call, bucket: Record, key: str, existing: Record | None) -> Removed:
    marker: Record = {"key": key, "modified": iso(call.now.replace(microsecond=0)), "marker": True}
    marker.update(object_ownership(call, bucket))
    await _succeed(call, bucket, marker, existing)
    if existing is not None:
        await call.state.delete(OBJECT, address_in(bucket, key))
    await _set_apart(call.state, bucket, marker)
    return Removed(marker["version"], True)


async def _purge(call: Call, bucket: Record, key: str, version_id: str, existing: Record | None) -> Removed:
    # The id comes back also when there was nothing (an answer of S3 quoted in versitygw issue 1758).
    state, told = call.state, version_id
    if existing is not None and version(existing) == version_id:
        lock.check_delete(call, bucket, existing)
        await content.discard(state, existing)
        await state.delete(OBJECT, address_in(bucket, key))
        gone = existing
    else:
        found = await _apart(state, bucket, key, version_id)
        if found is None:
            return Removed(told)
        lock.check_delete(call, bucket, found)
        await _take(state, bucket, found)
        await _discard(state, found)
        gone = found
        if existing is not None:
            return Removed(told, bool(gone.get("marker")), gone)
    if "versioning" in bucket:
        await _promote(state, bucket, key)
    return Removed(told, bool(gone.get("marker")), gone)


async def _promote(state: State, bucket: Record, key: str) -> None:
    """The newest version that is left becomes the current object, unless it is a delete marker."""
    newest = await newest_apart(state, bucket, key)
    if newest is not None and not newest.get("marker"):
        await _take(state, bucket, newest)
        newest.pop("superseded", None)
        await state.put(OBJECT, address_in(bucket, key), newest)


async def empty(state: State, bucket: Record) -> bool:
    """Whether a bucket holds neither an object nor a version nor a delete marker."""
    prefix = f"{bucket['name']}/"
    if await state.page(OBJECT, order="key", prefix=prefix, limit=1):
        return False
    return "versioning" not in bucket or not await state.page(VERSION, order="key", prefix=prefix, limit=1)
