"""Which bytes of an object a GET or HEAD wants: a range, a part, or all of them.

Source: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, Range and partNumber.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.aws_values import http_date
from mocks.base import Call, Record, ServiceError
from mocks.s3.errors import invalid_argument, invalid_request

_RANGE = re.compile(r"bytes=(\d{0,40})-(\d{0,40})\Z", re.ASCII)
LAST_PART = 10_000


@dataclass(frozen=True, slots=True)
class Slice:
    """The bytes ``[start, stop)`` of an object and the status that carries them. ``part`` is the part's number
    when one was asked for, ``checksum`` then that part's."""

    start: int
    stop: int
    status: int = 200
    part: int | None = None
    checksum: Sequence[str] | None = None


def requested(call: Call, record: Record, parts: Sequence[Record]) -> Slice:
    """What the call wants. Raises InvalidRange, InvalidPartNumber or InvalidRequest."""
    number, text = call.params.get("PartNumber"), call.params.get("Range")
    if number is not None:
        if text is not None:
            raise invalid_request("Cannot specify both Range header and partNumber query parameter")
        return _part(number, record, parts)
    found = None if text is None or _outdated(call, record) else byte_range(text, record["size"])
    return Slice(0, record["size"]) if found is None else Slice(*found, status=206)


def _outdated(call: Call, record: Record) -> bool:
    """Whether If-Range names another state of the object, so that all of it is wanted (RFC 9110, 13.1.5)."""
    condition = call.request.headers.get("if-range")
    if condition is None:
        return False
    if '"' in condition:
        return condition.strip() != f'"{record["etag"]}"'
    return condition.strip() != http_date(record["modified"])


def byte_range(text: str, size: int) -> tuple[int, int] | None:
    """``[start, stop)`` of a Range header; None when it is to be ignored, as a form that S3 does not know is
    (several ranges, other units: RFC 9110, 14.2). Raises InvalidRange."""
    form = _RANGE.match(text.strip())
    if form is None or form[1] == form[2] == "":
        return None
    if form[1] == "":
        # The last bytes: a suffix longer than the object is all of it.
        start, stop = max(size - int(form[2]), 0), size
    else:
        start, stop = int(form[1]), min(int(form[2]) + 1 if form[2] else size, size)
        if form[2] and int(form[2]) < start:
            return None
    if start >= stop:
        raise ServiceError(
            416,
            "InvalidRange",
            "The requested range is not satisfiable",
            details={"RangeRequested": text, "ActualObjectSize": str(size)},
            headers=[("content-range", f"bytes */{size}")],
        )
    return start, stop


def _part(number: int, record: Record, parts: Sequence[Record]) -> Slice:
    if not 1 <= number <= LAST_PART:
        message = f"Part number must be an integer between 1 and {LAST_PART}, inclusive"
        raise invalid_argument(message, "partNumber", number)
    if not parts and number == 1:
        # An object in one piece is its own first part.
        return Slice(0, record["size"], 206 if record["size"] else 200, 1, record["checksum"])
    start = 0
    for at, part in enumerate(parts, 1):
        if at == number:
            return Slice(start, start + part["size"], 206 if part["size"] else 200, number, part.get("checksum"))
        start += part["size"]
    details = {"PartNumberRequested": str(number), "ActualPartCount": str(max(len(parts), 1))}
    raise ServiceError(416, "InvalidPartNumber", "The requested partnumber is not satisfiable", details=details)
