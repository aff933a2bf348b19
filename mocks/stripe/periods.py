"""Billing periods: https://docs.stripe.com/billing/subscriptions/billing-cycle (2026-11).

Periods end on the anchor's day of the month, or on the last day of a shorter month: one that is anchored on the 31st
ends on 28 February, and then on 31 March.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mocks.stripe.calls import Object

SECONDS = {"day": 86_400, "week": 604_800}


def _months(recurring: Mapping[str, Any]) -> int:
    return int(recurring["interval_count"]) * (12 if recurring["interval"] == "year" else 1)


def _on(anchor: datetime, months: int) -> int:
    """The anchor that many months later."""
    month = anchor.year * 12 + anchor.month - 1 + months
    year, month = month // 12, month % 12 + 1
    day = min(anchor.day, calendar.monthrange(year, month)[1])
    return int(anchor.replace(year=year, month=month, day=day).timestamp())


def end_after(anchor: int, start: int, recurring: Mapping[str, Any]) -> int:
    """The first end of a period after ``start``, on the grid that the anchor makes. Times are in seconds."""
    unit = SECONDS.get(recurring["interval"])
    if unit is not None:
        length = unit * int(recurring["interval_count"])
        return anchor + ((start - anchor) // length + 1) * length
    at, now = datetime.fromtimestamp(anchor, UTC), datetime.fromtimestamp(start, UTC)
    each = _months(recurring)
    apart = (now.year - at.year) * 12 + now.month - at.month
    steps = apart // each
    while _on(at, steps * each) <= start:
        steps += 1
    while _on(at, (steps - 1) * each) > start:
        steps -= 1
    return _on(at, steps * each)


def rolled(subscription: Object, item: Object, now: int) -> Object:
    """The item in the period that follows, when its own is over by ``now``; otherwise the item itself."""
    start = item["current_period_end"]
    if start > now:
        return item
    end = end_after(subscription["billing_cycle_anchor"], start, item["price"]["recurring"])
    return {**item, "current_period_end": end, "current_period_start": start}
