"""Conditional requests: ETags and dates on reads, copies and writes.

Precedence on reads: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html ("If-Match and
If-Unmodified-Since"); on writes: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
"""

from __future__ import annotations

from datetime import datetime

from contracts.aws_values import http_date
from contracts.contract import Params
from mocks.base import Record, ServiceError
from mocks.s3.errors import conditional_conflict, no_such_key, precondition_failed, unaccepted


def matches(condition: str, etag: str) -> bool:
    """Whether a list of entity tags, or ``*``, names ``etag``. S3 takes them with and without quotes."""
    wanted = (item.strip() for item in condition.split(","))
    return any(item == "*" or item.removeprefix("W/").strip('"') == etag for item in wanted)


def check_read(params: Params, record: Record) -> None:
    """The conditions of GET and HEAD. Raises 412, or 304 with the validators."""
    broken = _broken(params, record, "")
    if broken in ("If-None-Match", "If-Modified-Since"):
        headers = [("etag", f'"{record["etag"]}"'), ("last-modified", http_date(record["modified"]))]
        raise ServiceError(304, "NotModified", "Not Modified", headers=headers)
    if broken:
        raise precondition_failed(broken)


def check_source(params: Params, record: Record) -> None:
    """The conditions of a copy on its source: each failure is 412 (API_CopyObject.html)."""
    broken = _broken(params, record, "CopySource")
    if broken:
        raise precondition_failed(f"x-amz-copy-source-{broken}")


def _broken(params: Params, record: Record, prefix: str) -> str:
    """The condition that does not hold, else "". A tag decides over the date of its kind."""
    modified = datetime.fromisoformat(record["modified"])
    match, none_match = params.get(f"{prefix}IfMatch"), params.get(f"{prefix}IfNoneMatch")
    unmodified, modified_since = params.get(f"{prefix}IfUnmodifiedSince"), params.get(f"{prefix}IfModifiedSince")
    if match is not None:
        if not matches(match, record["etag"]):
            return "If-Match"
    elif unmodified is not None and modified > unmodified:
        return "If-Unmodified-Since"
    if none_match is not None:
        return "If-None-Match" if matches(none_match, record["etag"]) else ""
    return "If-Modified-Since" if modified_since is not None and modified <= modified_since else ""


def conditional(params: Params) -> bool:
    """Whether a write has a condition."""
    return "IfNoneMatch" in params.header or "IfMatch" in params.header


def check_write(params: Params, existing: Record | None, key: str, *, before: bool = False) -> None:
    """``If-None-Match: *`` and ``If-Match`` on a write. Raises 412; If-Match on a missing key is 404. ``before`` tells
    that there was an object when the write began: that it is gone since is a conflict, 409."""
    if before and existing is None and conditional(params):
        raise conditional_conflict()
    none_match, match = params.get("IfNoneMatch"), params.get("IfMatch")
    if none_match is not None:
        # Neither another value nor both conditions at once (versitygw pull 1727).
        if none_match.strip() != "*" or match is not None:
            raise unaccepted("If-None-Match")
        if existing is not None:
            raise precondition_failed("If-None-Match")
    if match is not None:
        if existing is None:
            raise no_such_key(key)
        if not matches(match, existing["etag"]):
            raise precondition_failed("If-Match")
