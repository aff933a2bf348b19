"""Annotations: named texts beside an object, each up to 1 MiB, that come and go without changing it.

Sources: docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html and the pages of the four operations;
codes and most sentences from the service's model, where the pages quote none; wording ours elsewhere.
A record of kind ``annotation`` under ``GROUP/name``; an object's record names its group (``annotations``).
"""

from __future__ import annotations

import re
from typing import Any

from contracts.aws_values import iso
from mocks.base import Call, Record, Reply, ServiceError, State
from mocks.s3.checksums import Received, members
from mocks.s3.conditions import matches
from mocks.s3.content import ANNOTATION
from mocks.s3.errors import invalid_argument, invalid_request, precondition_failed
from mocks.s3.lock import protected, refused
from mocks.s3.notifications import notify
from mocks.s3.objects import check_length
from mocks.s3.records import bucket_of
from mocks.s3.tokens import from_token, to_token
from mocks.s3.versions import object_of, rewrite, version

_MOST, _LONGEST_NAME, _LARGEST = 1000, 512, 1024 * 1024
#: "Unicode letters, digits, underscores, periods, and hyphens" (userguide/annotations-managing.html).
_NAME = re.compile(r"[\w.-]+\Z")
_RESERVED = ("aws", "s3")


async def put_object_annotation(call: Call) -> Any:
    """PUT /bucket/key?annotation&annotationName=NAME: in place of an earlier one of that name."""
    name = _checked(call.params["AnnotationName"])
    check_length(call.request, _LARGEST)
    received = Received(call, None)
    body = b"".join([piece async for piece in received.pieces])
    received.check()
    text = _text(body)
    bucket, record = await bucket_of(call), await object_of(call)
    _check_match(call, record)
    if "customer_key" in record:
        raise invalid_request("Objects encrypted with SSE-C cannot have annotations.")
    group = record.get("annotations")
    if group is None:
        group = record["annotations"] = call.new_id("annotations_", 24)
        await rewrite(call.state, bucket, record)
    earlier = await call.state.get(ANNOTATION, f"{group}/{name}")
    if earlier is None and len(await _page(call.state, group, "", None, _MOST)) == _MOST:
        raise ServiceError(
            400,
            "AnnotationLimitExceeded",
            "The request would exceed the maximum number of annotations allowed per object.",
        )
    annotation = {
        "name": name,
        "text": text,
        "size": len(body),
        "etag": received.etag,
        "checksum": received.checksum,
        "modified": iso(call.now.replace(microsecond=0)),
    }
    await call.state.put(ANNOTATION, f"{group}/{name}", annotation)
    await notify(call, bucket, "ObjectAnnotation:Put", record)
    value = {"Key": record["key"], "AnnotationName": name, **_described(annotation, record)}
    return {**value, **members(received.checksum)}


async def get_object_annotation(call: Call) -> Any:
    """GET /bucket/key?annotation&annotationName=NAME."""
    record = await object_of(call)
    annotation = await _named(call, record, _checked(call.params["AnnotationName"]))
    value = {
        "AnnotationPayload": annotation["text"].encode(),
        "LastModified": annotation["modified"],
        "ContentLength": annotation["size"],
        **_described(annotation, record),
    }
    if call.params.get("ChecksumMode") == "ENABLED":
        value |= members(annotation["checksum"])
    return value


async def delete_object_annotation(call: Call) -> Any:
    """DELETE /bucket/key?annotation&annotationName=NAME: 204, whether or not it was there."""
    bucket, record = await bucket_of(call), await object_of(call)
    _check_match(call, record)
    if _governed(call, bucket, record):
        raise refused()
    name = _checked(call.params["AnnotationName"])
    if "annotations" in record and await call.state.delete(ANNOTATION, f"{record['annotations']}/{name}"):
        await notify(call, bucket, "ObjectAnnotation:Delete", record)
    return Reply(_versioned(record))


async def list_object_annotations(call: Call) -> Any:
    """GET /bucket/key?annotation: by name, paged."""
    limit, prefix = call.params.get("MaxAnnotationResults", _MOST), call.params.get("AnnotationPrefix", "")
    if not 1 <= limit <= _MOST:
        message = f"max-annotation-results must be an integer between 1 and {_MOST}"
        raise invalid_argument(message, "max-annotation-results", limit)
    if prefix and not _NAME.match(prefix):
        raise ServiceError(400, "InvalidPrefix", "The annotation prefix you provided is invalid.")
    token = call.params.get("ContinuationToken")
    record = await object_of(call)
    found: list[Record] = []
    if "annotations" in record:
        after = from_token(token) if token else None
        found = await _page(call.state, record["annotations"], prefix, after, limit + 1)
    page = found[:limit]
    value: dict[str, Any] = {
        "Bucket": call.params["Bucket"],
        "Key": record["key"],
        "Annotations": [_listed(annotation) for annotation in page],
        "AnnotationCount": len(page),
        "MaxAnnotationResults": limit,
        **_versioned(record),
    }
    if prefix:
        value["AnnotationPrefix"] = prefix
    if token:
        value["ContinuationToken"] = token
    if len(found) > limit:
        value["NextContinuationToken"] = to_token(page[-1]["name"])
    return value


async def copied(call: Call, source: Record) -> Record:
    """The member of a copy's record that names its annotations: the source's, unless the caller wants none
    (API_CopyObject.html, x-amz-object-annotation-directive)."""
    if "annotations" not in source or call.params.get("AnnotationDirective", "COPY") == "EXCLUDE":
        return {}
    group, after = call.new_id("annotations_", 24), None
    while page := await _page(call.state, source["annotations"], "", after, 10):
        for annotation in page:
            await call.state.put(ANNOTATION, f"{group}/{annotation['name']}", annotation)
        after = page[-1]["name"]
    return {"annotations": group}


async def _page(state: State, group: str, prefix: str, after: str | None, limit: int) -> list[Record]:
    where = f"{group}/"
    begin = where + after if after is not None else None
    return list(await state.page(ANNOTATION, order="key", prefix=where + prefix, after=begin, limit=limit))


async def _named(call: Call, record: Record, name: str) -> Record:
    found = None
    if "annotations" in record:
        found = await call.state.get(ANNOTATION, f"{record['annotations']}/{name}")
    if found is None:
        message = "The specified annotation does not exist on this object."
        raise ServiceError(404, "NoSuchAnnotation", message, details={"AnnotationName": name})
    return found


def _checked(name: str) -> str:
    """Raises InvalidAnnotationName or AnnotationNameTooLong."""
    if len(name.encode()) > _LONGEST_NAME:
        raise ServiceError(400, "AnnotationNameTooLong", f"The annotation name exceeds {_LONGEST_NAME} bytes.")
    if not _NAME.match(name) or name.lower().startswith(_RESERVED):
        raise ServiceError(400, "InvalidAnnotationName", "The annotation name you provided is invalid.")
    return name


def _text(body: bytes) -> str:
    """Raises UnsupportedMediaType, or InvalidRequest without a byte."""
    if not body:
        raise invalid_request("An annotation has at least one byte.")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        message = "The annotation payload is not valid UTF-8 encoded text."
        raise ServiceError(415, "UnsupportedMediaType", message) from error


def _check_match(call: Call, record: Record) -> None:
    condition = call.params.get("ObjectIfMatch")
    if condition is not None and not matches(condition, record["etag"]):
        raise precondition_failed("x-amz-object-if-match")


def _governed(call: Call, bucket: Record, record: Record) -> bool:
    """Whether Object Lock keeps the object's annotations: in governance mode, unless the caller passes it
    (API_DeleteObjectAnnotation.html). The model has no parameter for the header."""
    bypass = (call.request.headers.get("x-amz-bypass-governance-retention") or "").lower() == "true"
    return protected(record, call.now, bypass=bypass and "lock" in bucket)


def _versioned(record: Record) -> dict[str, Any]:
    return {"ObjectVersionId": version(record)} if "version" in record else {}


def _described(annotation: Record, record: Record) -> dict[str, Any]:
    """What the answers about one annotation share; it is encrypted as its object is."""
    return {
        "ETag": f'"{annotation["etag"]}"',
        "ServerSideEncryption": record["encryption"]["ServerSideEncryption"],
        **_versioned(record),
    }


def _listed(annotation: Record) -> dict[str, Any]:
    return {
        "AnnotationName": annotation["name"],
        "LastModified": annotation["modified"],
        "ETag": f'"{annotation["etag"]}"',
        "ChecksumAlgorithm": [annotation["checksum"][0]],
        "Size": annotation["size"],
    }
