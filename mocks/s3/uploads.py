"""Multipart uploads until they are completed: create, upload a part, list, abort.

Kinds: ``upload`` by its id; ``upload-order`` under ``bucket/key`` + END + id, for lists by key and then by age,
since ids begin with their time; ``part`` under ``id/number``.
Limits: docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from contracts.aws_values import iso
from mocks.base import Call, Record, Reply, State
from mocks.s3 import content
from mocks.s3.checksums import COMPOSITE, FULL, Received, members, promise, type_mismatch
from mocks.s3.digests import ALGORITHMS, DEFAULT, Algorithm
from mocks.s3.encryption import check_part, tag, told, told_later
from mocks.s3.errors import invalid_argument, invalid_request, no_such_upload
from mocks.s3.lifecycle_headers import abortion_of
from mocks.s3.metadata import read_metadata
from mocks.s3.objects import check_length
from mocks.s3.principals import initiator, upload_parties
from mocks.s3.ranges import LAST_PART
from mocks.s3.records import END, UPLOAD, bucket_of, ordered

ORDER, PART = "upload-order", "part"

#: The form of an upload's id, and its length: see ``create_multipart_upload``.
UPLOAD_ID = re.compile(r"[0-9a-f]{11}_[0-9A-Za-z]{64}\Z", re.ASCII)

_PAGE = 1000


def order_key(bucket: str, key: str, upload_id: str) -> str:
    """Where an upload stands among those of its bucket."""
    return f"{bucket}/{ordered(key)}{END}{upload_id}"


async def create_multipart_upload(call: Call) -> Any:
    """POST /bucket/key?uploads."""
    bucket = await bucket_of(call)
    fields = await read_metadata(call, bucket)
    algorithm, kind = _checksum_plan(call)
    # The time first, so that ids of one key sort by age; the environment's tag follows the underscore.
    upload_id = call.new_id(f"{int(call.now.timestamp() * 1000):011x}_", 64)
    name, key = bucket["name"], call.params["Key"]
    record: Record = {
        "id": upload_id,
        "bucket": name,
        "key": key,
        "initiated": iso(call.now.replace(microsecond=0)),
        **initiator(call),
        "fields": fields,
        "algorithm": algorithm.name if algorithm else None,
        "type": kind,
    }
    await call.state.put(UPLOAD, upload_id, record)
    await call.state.put(ORDER, order_key(name, key, upload_id), record)
    value = {"Bucket": name, "Key": key, "UploadId": upload_id, **told(call, fields)}
    value |= await abortion_of(call.state, bucket, record)
    return {**value, "ChecksumAlgorithm": algorithm.name, "ChecksumType": kind} if algorithm else value


def _checksum_plan(call: Call) -> tuple[Algorithm | None, str]:
    """The upload's algorithm and type (API_CreateMultipartUpload.html). Raises InvalidRequest."""
    name, kind = call.params.get("ChecksumAlgorithm"), call.params.get("ChecksumType")
    if name is None:
        if kind is not None:
            raise invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            )
        return None, FULL
    algorithm = ALGORITHMS[name]
    kind = kind or (COMPOSITE if algorithm.composite else FULL)
    if not (algorithm.composite if kind == COMPOSITE else algorithm.full_object):
        message = f"The {kind} checksum type cannot be used with the {name.lower()} checksum algorithm."
        raise invalid_request(message)
    return algorithm, kind


async def upload_of(call: Call) -> Record:
    """The upload that the call names. Raises NoSuchBucket or NoSuchUpload."""
    await bucket_of(call)
    upload_id = call.params["UploadId"]
    found = await call.state.get(UPLOAD, upload_id)
    if found is None or (found["bucket"], found["key"]) != (call.params["Bucket"], call.params["Key"]):
        raise no_such_upload(upload_id)
    return found


def check_number(number: int) -> None:
    """Raises InvalidArgument."""
    if not 1 <= number <= LAST_PART:
        message = f"Part number must be an integer between 1 and {LAST_PART}, inclusive"
        raise invalid_argument(message, "partNumber", number)


def refuse_metadata(call: Call) -> None:
    """Raises InvalidArgument: metadata is the upload's and no part's (an answer of S3 quoted in minio-py issue 675)."""
    for name, value in call.request.headers:
        if name.startswith("x-amz-meta-"):
            raise invalid_argument("Metadata cannot be specified in this context.", name, value[:256])


async def upload_part(call: Call) -> Any:
    """PUT /bucket/key?partNumber=N&uploadId=ID."""
    check_number(call.params["PartNumber"])
    refuse_metadata(call)
    upload = await upload_of(call)
    _check_promise(call, upload)
    check_part(call, upload)
    size = check_length(call.request)
    received = Received(call, ALGORITHMS[upload["algorithm"]] if upload["algorithm"] else DEFAULT)
    blob = await call.state.write_blob(received.pieces, size)
    received.check()
    upload = await upload_of(call)
    if not blob.size:
        await call.state.delete_blob(blob.id)
    etag = tag(call, upload["fields"], received.etag)
    part = {
        "number": call.params["PartNumber"],
        "size": blob.size,
        "etag": etag,
        "checksum": received.checksum,
        "segments": content.whole(blob),
    }
    await put_part(call, upload, part)
    shown = members(received.checksum if upload["algorithm"] else received.told, typed=False)
    return {"ETag": f'"{etag}"', **shown, **told_later(call, upload["fields"])}


def _check_promise(call: Call, upload: Record) -> None:
    """A part's checksum must be of the upload's algorithm, and must be there when they make a composite one."""
    promised, _, _ = promise(call.params, call.request)
    expected, actual = upload["algorithm"], promised.name if promised else None
    # An upload without an algorithm takes parts with any: today's SDKs send one with every part and none with the
    # upload (botocore's handlers set it for UploadPart alone). FULL_OBJECT parts may come without.
    if expected is None or expected == actual or (actual is None and upload["type"] == FULL):
        return
    raise type_mismatch(ALGORITHMS[expected], promised)


async def put_part(call: Call, upload: Record, part: Record) -> None:
    """Store a part in place of an earlier one of its number."""
    part["modified"] = iso(call.now.replace(microsecond=0))
    where = f"{upload['id']}/{part['number']:05d}"
    earlier = await call.state.get(PART, where)
    if earlier is not None:
        await content.release(call.state, earlier["segments"])
    await call.state.put(PART, where, part)


async def parts_of(state: State, upload_id: str) -> AsyncIterator[Record]:
    """Every part of an upload, by number."""
    after: str | None = None
    while True:
        page = await state.page(PART, order="key", prefix=f"{upload_id}/", after=after, limit=_PAGE)
        for part in page:
            yield part
        if len(page) < _PAGE:
            return
        await asyncio.sleep(0)  # other environments have their turn
        after = f"{upload_id}/{page[-1]['number']:05d}"


async def forget(state: State, upload: Record, *, kept: frozenset[int] = frozenset()) -> None:
    """The upload is over: its records go, and the bytes of every part whose number is not in ``kept``."""
    async for part in parts_of(state, upload["id"]):
        if part["number"] not in kept:
            await content.release(state, part["segments"])
        await state.delete(PART, f"{upload['id']}/{part['number']:05d}")
    await state.delete(ORDER, order_key(upload["bucket"], upload["key"], upload["id"]))
    await state.delete(UPLOAD, upload["id"])


async def discard_uploads(state: State, bucket: str) -> None:
    """Abort every upload of a bucket that is deleted."""
    while uploads := await state.page(ORDER, order="key", prefix=f"{bucket}/", limit=100):
        for upload in uploads:
            await forget(state, upload)


async def abort_multipart_upload(call: Call) -> Any:
    """DELETE /bucket/key?uploadId=ID."""
    await forget(call.state, await upload_of(call))
    return Reply()


async def list_parts(call: Call) -> Any:
    """GET /bucket/key?uploadId=ID."""
    upload = await upload_of(call)
    limit = min(call.params.get("MaxParts", _PAGE), _PAGE)
    marker = call.params.get("PartNumberMarker", 0)
    for name, number in (("max-parts", limit), ("part-number-marker", marker)):
        if number < 0:
            raise invalid_argument(f"Argument {name} must be an integer between 0 and 2147483647", name, number)
    page = await call.state.page(
        PART, order="key", prefix=f"{upload['id']}/", after=f"{upload['id']}/{marker:05d}", limit=limit + 1
    )
    value: dict[str, Any] = {
        "Bucket": upload["bucket"],
        "Key": upload["key"],
        "UploadId": upload["id"],
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[:limit][-1]["number"] if page[:limit] else 0,
        "MaxParts": limit,
        "IsTruncated": len(page) > limit,
        "Parts": [_listed(part, upload) for part in page[:limit]],
        **upload_parties(call, upload),
        "StorageClass": upload["fields"]["class"],
    }
    if upload["algorithm"]:
        value |= {"ChecksumAlgorithm": upload["algorithm"], "ChecksumType": upload["type"]}
    return value | await abortion_of(call.state, await bucket_of(call), upload)


def _listed(part: Record, upload: Record) -> dict[str, Any]:
    value = {
        "PartNumber": part["number"],
        "LastModified": part["modified"],
        "ETag": f'"{part["etag"]}"',
        "Size": part["size"],
    }
    return {**value, **members(part["checksum"], typed=False)} if upload["algorithm"] else value
