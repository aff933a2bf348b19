"""Billing periods: https://docs.stripe.com/billing/subscriptions/billing-cycle (2026-11).

Periods end on the anchor's day of the month, or on the last day of a shorter month: one that is anchored on the 31st
ends on 28 February, and then on 31 March.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from mocks.stripe.calls import Object

SECONDS = {"day": 86_400, "week": 604_800}


def _months(recurring: Mapping[str, Any]) -> int:
    return int(recurring["interval_count"]) * (12 if recurring["interval"] == "year" else 1)


def _on(anchor: datetime, months: int, day: int) -> int:
    """The anchor that many months later."""
    month = anchor.year * 12 + anchor.month - 1 + months
    year, month = month // 12, month % 12 + 1
    day = min(day, calendar.monthrange(year, month)[1])
    return int(anchor.replace(year=year, month=month, day=day).timestamp())


def end_after(anchor: int, start: int, recurring: Mapping[str, Any], day: int | None = None) -> int:
    """The first end of a period after ``start``, on the grid that the anchor makes. Times are in seconds;
    ``day`` is of the month, where that is another than the anchor's own."""
    unit = SECONDS.get(recurring["interval"])
    if unit is not None:
        length = unit * int(recurring["interval_count"])
        return anchor + ((start - anchor) // length + 1) * length
    at, now = datetime.fromtimestamp(anchor, UTC), datetime.fromtimestamp(start, UTC)
    each, day = _months(recurring), day or at.day
    apart = (now.year - at.year) * 12 + now.month - at.month
    steps = apart // each
    while _on(at, steps * each, day) <= start:
        steps += 1
    while _on(at, (steps - 1) * each, day) > start:
        steps -= 1
    return _on(at, steps * each, day)


def _begin_before(anchor: int, end: int, recurring: Mapping[str, Any], day: int | None) -> int:
    """The last point of the grid before ``end``."""
    unit = SECONDS.get(recurring["interval"])
    back = unit * int(recurring["interval_count"]) if unit else 31 * 86_400 * _months(recurring)
    found = end_after(anchor, end - back - 1, recurring, day)
    while (later := end_after(anchor, found, recurring, day)) < end:
        found = later
    return found if found < end else end_after(anchor, found - back - 1, recurring, day)


def worth(anchor: int, start: int, end: int, recurring: Mapping[str, Any], day: int | None = None) -> Fraction:
    """How many periods the time between is: parts of a period by their seconds, as a proration is reckoned."""
    total = Fraction(0)
    while end > start:
        begin = _begin_before(anchor, end, recurring, day)
        whole = end_after(anchor, begin, recurring, day) - begin
        total += Fraction(end - max(begin, start), whole)
        end = begin
    return total


def prorated(amount: int, share: Fraction) -> int:
    """A part of an amount, to the cent."""
    exact = Decimal(amount) * share.numerator / share.denominator
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def day_of(subscription: Object) -> int | None:
    """The day of the month that was asked for, which the anchor's own month may not have."""
    config = subscription["billing_cycle_anchor_config"]
    return int(config["day_of_month"]) if config else None


def share_of(subscription: Object, item: Object) -> Fraction:
    """How much of a whole period an item's current one is: less than that before the anchor."""
    start, end = item["current_period_start"], item["current_period_end"]
    return worth(subscription["billing_cycle_anchor"], start, end, item["price"]["recurring"], day_of(subscription))


def rolled(subscription: Object, item: Object, now: int) -> Object:
    """The item in the period that follows, when its own is over by ``now``; otherwise the item itself."""
    start = item["current_period_end"]
    if start > now:
        return item
    end = end_after(subscription["billing_cycle_anchor"], start, item["price"]["recurring"], day_of(subscription))
    return {**item, "current_period_end": end, "current_period_start": start}
