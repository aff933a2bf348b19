"""Single values of an AWS service model as text, both ways: integers, booleans, timestamps, blobs."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Any

from contracts.aws_model import Shape

#: How S3 writes times in bodies (docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html, examples).
ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z\Z")

_INTEGER = re.compile(r"[+-]?\d{1,19}\Z", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_WIDTH = {"integer": 31, "long": 63}


class NotCoercible(ValueError):
    """The text is not a value of the shape's type; ``expected`` names the type."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(expected)


def from_text(shape: Shape, text: str) -> Any:
    """The value that ``text`` stands for. Raises NotCoercible."""
    kind = shape.type
    if kind == "string":
        return text
    if kind in _WIDTH:
        return _integer(text, _WIDTH[kind])
    if kind == "boolean":
        if text.strip().lower() not in _BOOLEANS:
            raise NotCoercible("boolean")
        return _BOOLEANS[text.strip().lower()]
    if kind == "timestamp":
        return moment(text)
    if kind == "blob":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise NotCoercible("base64") from error
    raise NotCoercible(kind)


def _integer(text: str, bits: int) -> int:
    text = text.strip()
    if not _INTEGER.match(text) or not -(2**bits) <= int(text) < 2**bits:
        raise NotCoercible("integer")
    return int(text)


def moment(text: str) -> datetime:
    """ISO 8601 or an HTTP date, as aware UTC. Raises NotCoercible."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError) as error:
        raise NotCoercible("timestamp") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def to_text(shape: Shape, value: Any, *, header: bool = False) -> str:
    """``value`` as it travels. Times are HTTP dates in headers and ISO 8601 in bodies unless the shape says
    otherwise; a time that is already ISO 8601 text is taken as it is."""
    kind = shape.type
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return _time_text(value, shape.timestamp_format or ("rfc822" if header else "iso8601"))
    if kind == "blob":
        return base64.b64encode(value).decode("ascii")
    return str(value)


def _time_text(value: datetime | str, style: str) -> str:
    if style == "iso8601":
        return value if isinstance(value, str) else iso(value)
    return http_date(value if isinstance(value, str) else iso(value))


def iso(moment: datetime) -> str:
    """``2026-11-21T22:11:46.000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@lru_cache(maxsize=1024)
def http_date(text: str) -> str:
    """ISO 8601 text as ``Sat, 21 Nov 2026 22:11:46 GMT``; text that is no ISO 8601 time stays as it is."""
    if not ISO_8601.match(text):
        return text
    return format_datetime(datetime.fromisoformat(text), usegmt=True)
