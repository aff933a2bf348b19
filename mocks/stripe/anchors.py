"""The times of a new subscription: when it starts, what its cycle is anchored to, and its first period.

https://docs.stripe.com/billing/subscriptions/billing-cycle and
https://docs.stripe.com/billing/subscriptions/backdating (2026-11). Wording ours.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mocks.stripe import periods
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import exclusive, invalid
from mocks.stripe.subscription_items import later

DAY = 86_400
CONFIG = ("day_of_month", "hour", "minute", "month", "second")


@dataclass(frozen=True, slots=True)
class Times:
    """All in seconds. ``free`` is a first period that is not paid for, because nothing shall be prorated."""

    now: int
    start: int
    anchor: int
    trial_end: int | None
    config: Object | None
    free: bool

    def first(self, recurring: Mapping[str, Any]) -> tuple[int, int]:
        """The first period of something that recurs so."""
        if self.trial_end is not None:
            return self.now, self.trial_end
        if self.anchor <= self.now:
            return self.now, later(self.now, recurring)
        day = self.config["day_of_month"] if self.config else None
        return self.start, periods.end_after(self.anchor, self.now, recurring, day)

    @property
    def elapsed(self) -> tuple[int, int] | None:
        """What is charged for besides the first period: the time since the start where the cycle begins now."""
        waits = self.trial_end is None and self.anchor > self.now
        return None if self.start == self.now or waits or self.free else (self.start, self.now)


def times(call: StripeCall, recurring: Sequence[Mapping[str, Any]]) -> Times:
    """What a call asks for; raises ServiceError where that cannot be."""
    body, now = call.body, call.timestamp
    trial_end = _trial_end(call, recurring[0])
    start = int(body.get("backdate_start_date") or now)
    if start > now:
        raise invalid("`backdate_start_date` cannot be in the future.", param="backdate_start_date")
    if body.get("billing_cycle_anchor") and body.get("billing_cycle_anchor_config"):
        raise exclusive("billing_cycle_anchor", "billing_cycle_anchor_config")
    config = _config(body.get("billing_cycle_anchor_config"))
    anchor = _anchor(call, trial_end or now, config)
    named = anchor is not None
    if anchor is not None:
        natural = max(later(trial_end or now, each) for each in recurring)
        if anchor > natural:
            raise invalid(
                f"billing_cycle_anchor cannot be later than the next natural billing date ({natural}).",
                param="billing_cycle_anchor",
            )
    free = body.get("proration_behavior") == "none"
    return Times(
        now,
        start,
        anchor if anchor is not None else trial_end or now,
        trial_end,
        config,
        free and (named or start != now),
    )


def _trial_end(call: StripeCall, recurring: Mapping[str, Any]) -> int | None:
    body = call.body
    if body.get("trial_end") not in (None, "", "now"):
        if int(body["trial_end"]) <= call.timestamp:
            raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end")
        return int(body["trial_end"])
    days = body.get("trial_period_days")
    if days is None and body.get("trial_from_plan"):
        days = recurring["trial_period_days"]
    return call.timestamp + int(days) * DAY if days else None


def _anchor(call: StripeCall, after: int, config: Object | None) -> int | None:
    if config is not None:
        return _next(after, config)
    anchor = call.body.get("billing_cycle_anchor")
    if anchor is None:
        return None
    if anchor < after:
        words = (
            "`billing_cycle_anchor` cannot be before the trial ends."
            if after != call.timestamp
            else ("`billing_cycle_anchor` must be in the future.")
        )
        raise invalid(words, param="billing_cycle_anchor")
    return int(anchor)


def _config(sent: Any) -> Object | None:
    return {name: sent.get(name) for name in CONFIG} if sent else None


def _next(after: int, config: Object) -> int:
    """The first time at or after ``after`` that is on the day that was asked for, at the hour of ``after`` itself
    unless another is."""
    base = datetime.fromtimestamp(after, UTC)
    named = {name: config[name] for name in ("hour", "minute", "second") if config[name] is not None}
    if named:
        # "hour ... second": what is left out of them is then zero.
        named = {"hour": 0, "minute": 0, "second": 0, **named}
    month = base.year * 12 + base.month - 1
    while True:
        year, number = month // 12, month % 12 + 1
        day = min(config["day_of_month"], calendar.monthrange(year, number)[1])
        at = int(base.replace(year=year, month=number, day=day, **named).timestamp())
        if at >= after and config["month"] in (None, number):
            return at
        month += 1
