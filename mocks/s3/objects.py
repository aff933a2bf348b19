"""Objects: put, get, head. Deletes, copies, lists, tags and uploads in parts have files of their own."""

from __future__ import annotations

from typing import Any

from contracts.aws_values import http_date, iso
from contracts.exchange import Request
from mocks.base import Call, Record, Reply, ServiceError
from mocks.s3 import content, retention
from mocks.s3.checksums import Received, members
from mocks.s3.conditions import check_read, check_write, conditional
from mocks.s3.digests import INLINE, Algorithm
from mocks.s3.encryption import check_reader, tag, told, told_later
from mocks.s3.errors import invalid_argument, invalid_request, method_not_allowed, missing_content_length
from mocks.s3.lifecycle_headers import expiry
from mocks.s3.metadata import read_metadata, shown
from mocks.s3.notifications import notify
from mocks.s3.ranges import Slice, requested
from mocks.s3.records import OBJECT, address, bucket_of
from mocks.s3.restoring import check_readable, restored
from mocks.s3.versions import located, store, written_version

#: docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html: 5 GiB in one PUT.
LARGEST_PUT = 5 * 1024**3
#: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, in bytes of UTF-8.
LONGEST_KEY = 1024

_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
}


def check_key(key: str) -> None:
    """Raises KeyTooLongError."""
    size = len(key.encode())
    if size > LONGEST_KEY:
        details = {"Size": str(size), "MaxSizeAllowed": str(LONGEST_KEY)}
        raise ServiceError(400, "KeyTooLongError", "Your key is too long", details=details)


def check_length(request: Request, limit: int = LARGEST_PUT) -> int | None:
    """The size of the body, known and allowed before it is read; None of what is no number. Raises
    MissingContentLength or EntityTooLarge."""
    text = request.headers.get("x-amz-decoded-content-length") or request.headers.get("content-length")
    if text is None:
        raise missing_content_length()
    if text.isdecimal() and int(text) > limit:
        details = {"ProposedSize": text, "MaxSizeAllowed": str(limit)}
        raise ServiceError(
            400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", details=details
        )
    return int(text) if text.isdecimal() else None


async def put_object(call: Call) -> Any:
    """PUT /bucket/key: the body streams into storage and is verified before the object appears."""
    query = call.request.query
    if "uploadId=" in query:
        # An answer of S3 quoted in versitygw issue 1236.
        raise method_not_allowed("PUT", "UPLOAD", "DELETE, POST, GET")
    if "partNumber=" in query:
        raise invalid_argument("This operation does not accept a query-string.", "ResourceType", "partNumber")
    return await write_object(call, None, check_length(call.request))


async def write_object(call: Call, algorithm: Algorithm | None, size: int | None = None) -> dict[str, Any]:
    """The request's body is the object that the call names, if it is what the caller promised; answers what there is to
    tell of it. ``algorithm`` is that of the checksum to keep, None for the caller's choice."""
    bucket = await bucket_of(call)
    fields = await read_metadata(call, bucket)
    before = conditional(call.params) and await call.state.get(OBJECT, address(call)) is not None
    received = Received(call, algorithm)
    blob = await call.state.write_blob(received.pieces, size)
    received.check()
    # The wait for the body ended the exclusive phase: what was read before may be gone.
    bucket = await bucket_of(call)
    existing = await call.state.get(OBJECT, address(call))
    check_write(call.params, existing, call.params["Key"], before=before)
    etag = tag(call, fields, received.etag)
    record = {**fields, "size": blob.size, "etag": etag, "checksum": received.checksum}
    record["segments"] = content.whole(blob)
    if not blob.size:
        await call.state.delete_blob(blob.id)
    await store(call, bucket, record, existing)
    way = "Post" if call.operation.id == "PostObject" else "Put"
    await notify(call, bucket, f"ObjectCreated:{way}", record)
    return {
        "ETag": f'"{etag}"',
        **members(received.checksum),
        **told(call, fields),
        **written_version(record),
        **await expiry(call.state, bucket, record),
    }


async def get_object(call: Call) -> Any:
    """GET /bucket/key."""
    bucket, record = await located(call)
    check_reader(call, record)
    check_readable(call, record)
    check_read(call.params, record)
    slice_ = requested(call, record, await content.parts_of(call.state, record) if _by_part(call) else [])
    value = _described(call, record, slice_) | await _besides(call, bucket, record)
    segments = content.cut(await content.segments_of(call.state, record), slice_.start, slice_.stop)
    pieces = content.read(call.state, segments)
    if slice_.stop - slice_.start <= INLINE:
        return Reply({**value, "Body": b"".join([piece async for piece in pieces])}, slice_.status)
    return Reply(value, slice_.status, stream=pieces)


async def head_object(call: Call) -> Any:
    """HEAD /bucket/key: what GET would answer, without the bytes."""
    bucket, record = await located(call)
    check_reader(call, record)
    check_read(call.params, record)
    slice_ = requested(call, record, await content.parts_of(call.state, record) if _by_part(call) else [])
    return Reply(_described(call, record, slice_) | await _besides(call, bucket, record), slice_.status)


async def _besides(call: Call, bucket: Record, record: Record) -> dict[str, Any]:
    """What a bucket's rules and locks say of the object."""
    value = await expiry(call.state, bucket, record)
    return {**value, **await retention.shown(call, bucket, record)} if "lock" in bucket else value


def _by_part(call: Call) -> bool:
    return "PartNumber" in call.params


def _described(call: Call, record: Record, slice_: Slice) -> dict[str, Any]:
    value = {**shown(record), **told_later(call, record), "ContentLength": slice_.stop - slice_.start}
    if slice_.status == 206:
        value["ContentRange"] = f"bytes {slice_.start}-{slice_.stop - 1}/{record['size']}"
    if slice_.part is not None and record.get("parts"):
        value["PartsCount"] = record["parts"]
    if "restore" in record:
        value |= restored(record, call.now)
    if call.request.query:
        value |= _overridden(call)
    # Shown when asked for, and only for the whole: a range's bytes have another checksum.
    if call.params.get("ChecksumMode") == "ENABLED" and (slice_.status == 200 or slice_.part is not None):
        value.update(members(slice_.checksum if slice_.part is not None else record["checksum"]))
    return value


def _overridden(call: Call) -> dict[str, Any]:
    """The headers that the query's response-* parameters set (API_GetObject.html, "Overriding response headers")."""
    found = {target: call.params[name] for name, target in _OVERRIDES.items() if name in call.params}
    if "ResponseExpires" in call.params:
        found["Expires"] = http_date(iso(call.params["ResponseExpires"]))
    if found and call.credential is None:
        raise invalid_request("Request specific response headers cannot be used for anonymous GET requests.")
    return found
