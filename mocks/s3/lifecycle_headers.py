"""What answers tell of lifecycle rules: when an object expires, when an upload is aborted, and by which rule.

A bucket without lifecycle rules costs a look at its record, which its caller has. Source:
docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (x-amz-expiration: the rule's id is URL-encoded) and
API_CreateMultipartUpload.html (x-amz-abort-date, x-amz-abort-rule-id).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from contracts.aws_values import http_date, iso
from mocks.base import Record, State
from mocks.s3.configurations import configuration
from mocks.s3.lifecycle_dates import LIFECYCLE, abortion, active, expiration
from mocks.s3.lifecycle_rules import Rule


async def expiry(state: State, bucket: Record, record: Record) -> dict[str, str]:
    """The member that tells when an object expires; nothing of a version that is not current."""
    if LIFECYCLE not in bucket.get("configured", ()) or "superseded" in record:
        return {}
    ending = expiration(await _rules(state, bucket), record)
    if ending is None:
        return {}
    return {"Expiration": f'expiry-date="{http_date(iso(ending.at))}", rule-id="{quote(ending.rule, safe="")}"'}


async def abortion_of(state: State, bucket: Record, upload: Record) -> dict[str, Any]:
    """The members that tell when an upload is aborted, unless it is completed before."""
    if LIFECYCLE not in bucket.get("configured", ()):
        return {}
    ending = abortion(await _rules(state, bucket), upload["key"], upload["initiated"])
    return {} if ending is None else {"AbortDate": iso(ending.at), "AbortRuleId": _in_a_header(ending.rule)}


def _in_a_header(rule: str) -> str:
    """The id of a rule as it is, or encoded where no header could have it."""
    return rule if rule.isascii() and rule.isprintable() else quote(rule, safe="")


async def _rules(state: State, bucket: Record) -> list[Rule]:
    found = await configuration(state, bucket, LIFECYCLE)
    return [] if found is None else active(found)
