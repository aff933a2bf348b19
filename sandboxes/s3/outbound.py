"""A call on its way to the account: bucket names mapped, the body framed anew, signed with the account's secret.

The provider is asked exactly what the contract read. Query parameters and ``x-amz-`` fields that the operation does
not have stay behind: to another reader the same request might be another operation.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from contracts import library, xml
from contracts.aws import AwsContract
from contracts.aws_read import query_pairs
from contracts.contract import Operation
from contracts.exchange import Headers, Request
from contracts.sigv4 import UNSIGNED, UNSIGNED_TRAILER
from sandboxes.base import Account, Marker, Outgoing
from sandboxes.s3.framing import TRAILERS, framed, framed_length
from sandboxes.s3.references import COPY_SOURCE, real_names, real_source
from sandboxes.s3.signing import HOME, region_of, signed

#: Fields that are this connection's, this gateway's, or written anew.
_DROPPED = frozenset(
    {
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "cookie",
        "date",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
_DROPPED_BEGINNINGS = ("broker-", "x-forwarded-")
#: Beginnings of ``x-amz-`` fields that a presigned URL may carry in its query, where S3 reads them as well (SDKs put
#: them there). Those that reach other buckets, lock or grant are not among them.
_IN_QUERY = (
    "x-amz-acl",
    "x-amz-checksum-",
    "x-amz-meta-",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-tagging",
)
_CHECKSUM = "x-amz-sdk-checksum-algorithm"
_DIGESTS = ("content-md5", "x-amz-checksum-", _CHECKSUM)
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def contract() -> AwsContract:
    """S3's contract."""
    found = library.load("s3")
    assert isinstance(found, AwsContract)  # noqa: S101 - its kind is aws, as source.toml says
    return found


def outbound(call: Outgoing, account: Account, marker: Marker, now: datetime) -> Request:
    """Path style: it works with every endpoint, and with bucket names that have dots."""
    names = real_names(call, marker)
    query, headers = _read(call.operation, call.request, names)
    request = replace(
        call.request,
        path=_real_path(call, names),
        query="&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query),
        headers=Headers(headers),
        sent_path="",
        host="",
        host_label=None,
    )
    if call.operation.id == "CreateBucket":
        request = _placed(request, call, region_of(account))
    return _sealed(request, call.request, account, now)


def _real_path(call: Outgoing, names: Mapping[str, str]) -> str:
    """The path with the real bucket; what follows it stays as it was sent."""
    bucket = call.params.path.get("Bucket")
    if bucket is None:
        return call.request.path
    _, slash, key = call.request.path.removeprefix("/").partition("/")
    return f"/{quote(names[bucket], safe='', errors='surrogateescape')}{slash}{key}"


def _read(
    operation: Operation, request: Request, names: Mapping[str, str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The query parameters and the header fields that go on."""
    asked, fields = contract().wire_names(operation)
    query = [(name, value) for name, value in query_pairs(request.query) if name in asked]
    headers = [(name, value) for name, value in request.headers if _goes_on(name, fields)]
    have = {name for name, _ in headers}
    for name, value in query_pairs(request.query):
        field = name.lower()
        if field.startswith(_IN_QUERY) and _is_read(field, fields) and field not in have:
            headers.append((field, value))
    return query, [(name, real_source(value, names) if name == COPY_SOURCE else value) for name, value in headers]


def _goes_on(name: str, fields: frozenset[str]) -> bool:
    if name.startswith("x-amz-"):
        return _is_read(name, fields)
    return name not in _DROPPED and not name.startswith(_DROPPED_BEGINNINGS)


def _is_read(name: str, fields: frozenset[str]) -> bool:
    return name in fields or any(field.endswith("-") and name.startswith(field) for field in fields)


def _placed(request: Request, call: Outgoing, region: str) -> Request:
    """A bucket is made where the account's endpoint is, whichever region the application knows: elsewhere it would
    answer nothing but redirects. us-east-1 is said by saying nothing (API_CreateBucket.html, LocationConstraint)."""
    asked: Mapping[str, Any] = (call.params.body or {}).get("CreateBucketConfiguration") or {}
    inside = "" if region == HOME else f"<LocationConstraint>{xml.escape(region)}</LocationConstraint>"
    tags = asked.get("Tags") or []
    if tags:
        inside += f"<Tags>{''.join(_tag(tag) for tag in tags)}</Tags>"
    root = "CreateBucketConfiguration"
    body = f'<{root} xmlns="{_NAMESPACE}">{inside}</{root}>'.encode() if inside else b""
    kept = [(name, value) for name, value in request.headers if not name.startswith(_DIGESTS)]
    return replace(request, body=body, headers=Headers(kept))


def _tag(tag: Mapping[str, str]) -> str:
    return f"<Tag><Key>{xml.escape(tag['Key'])}</Key><Value>{xml.escape(tag['Value'])}</Value></Tag>"


# -- the body ------------------------------------------------------------------------------------------


def _sealed(request: Request, original: Request, account: Account, now: datetime) -> Request:
    """With its length, its encoding and the signature over all."""
    encodings = _encodings(original)
    announced = _announced(original)
    if request.stream is None:
        ready = _whole(request, announced, encodings)
        return signed(ready, account, now, hashlib.sha256(ready.body).hexdigest())
    length = _length(original)
    if announced and length is not None and hasattr(request.stream, "trailers"):
        fields = [
            ("content-encoding", ",".join(["aws-chunked", *encodings])),
            ("content-length", str(framed_length(length, announced))),
            ("x-amz-decoded-content-length", str(length)),
            ("x-amz-trailer", ",".join(announced)),
        ]
        ready = _with(replace(request, stream=framed(request.stream, announced)), fields)
        return signed(ready, account, now, UNSIGNED_TRAILER)
    ready = _with(request if _has_checksum(request) else _without(request, _CHECKSUM), _encoding(encodings))
    if length is not None:
        ready = _with(ready, [("content-length", str(length))])
    # The application's own digest of these very bytes covers them all the way.
    sent = original.headers.get("x-amz-content-sha256", "") or ""
    return signed(ready, account, now, sent if len(sent) == 64 else UNSIGNED)


def _whole(request: Request, announced: Sequence[str], encodings: Sequence[str]) -> Request:
    """A body in memory. A checksum that came as a trailer was read over; another one stands in for it."""
    fields = [*_encoding(encodings)]
    if request.body:
        fields.append(("content-length", str(len(request.body))))
    if announced:
        request = _without(request, _CHECKSUM)
        fields.append(
            ("content-md5", base64.b64encode(hashlib.md5(request.body, usedforsecurity=False).digest()).decode())
        )
    return _with(request, fields)


def _announced(request: Request) -> list[str]:
    """The trailers whose length is known; none at all when one is not."""
    if not (request.headers.get("x-amz-content-sha256") or "").endswith("-TRAILER"):
        return []
    found = [name.strip().lower() for name in (request.headers.get("x-amz-trailer") or "").split(",") if name.strip()]
    return found if all(name in TRAILERS for name in found) else []


def _length(request: Request) -> int | None:
    text = request.headers.get("x-amz-decoded-content-length") or request.headers.get("content-length") or ""
    return int(text) if text.isascii() and text.isdecimal() else None


def _encodings(request: Request) -> list[str]:
    parts = (part.strip() for value in request.headers.all("content-encoding") for part in value.split(","))
    return [part for part in parts if part and part.lower() != "aws-chunked"]


def _encoding(encodings: Sequence[str]) -> Iterator[tuple[str, str]]:
    if encodings:
        yield "content-encoding", ",".join(encodings)


def _has_checksum(request: Request) -> bool:
    """S3 refuses a checksum's algorithm without the checksum (API_PutObject.html, x-amz-sdk-checksum-algorithm)."""
    return any(name.startswith("x-amz-checksum-") for name, _ in request.headers)


def _with(request: Request, fields: Sequence[tuple[str, str]] | Iterator[tuple[str, str]]) -> Request:
    return replace(request, headers=Headers([*request.headers, *fields]))


def _without(request: Request, name: str) -> Request:
    return replace(request, headers=Headers([pair for pair in request.headers if pair[0] != name]))
