"""What was used of a metered price: the meter's events of a customer, or the usage records of older versions.

https://docs.stripe.com/billing/subscriptions/usage-based/how-it-works and
https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api (2026-11). Use is kept by meter and
customer in the order of its time, so that what falls into a period is read at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.prices import HIDDEN
from mocks.stripe.pricing import is_metered

METER = "billing.meter"
SUMMARY = "billing.meter_event_summary"
#: A piece of use, by ``stream:time:order``: {"at", "value", "key"}.
USE = "billing.usage"
LONG = 100


def stream_of(meter: str, customer: str) -> str:
    """The line of use that events of a meter for a customer make."""
    return f"{meter}:{customer}"


async def note(call: StripeCall, stream: str, at: int, value: int, order: str) -> str:
    """Keep a piece of use; answers the key under which it can be taken back."""
    key = f"{stream}:{at:012}:{order}"
    await call.state.put(USE, key, {"at": at, "value": value, "key": key})
    return key


async def between(call: StripeCall, stream: str, start: int, end: int) -> list[Object]:
    """The use of a stream from a time (included) to another (excluded), oldest first."""
    prefix, found = f"{stream}:", list[Object]()
    after = f"{prefix}{start:012}"
    while True:
        page = await call.state.page(USE, order="key", prefix=prefix, after=after, limit=LONG)
        found += [each for each in page if each["at"] < end]
        if len(page) < LONG or page[-1]["at"] >= end:
            return found
        after = page[-1]["key"]


def aggregated(formula: str, used: Iterable[Object]) -> int:
    """The sum, the number, or the newest of values that stand in the order of their time."""
    values = [int(each["value"]) for each in used]
    if formula == "count":
        return len(values)
    return values[-1] if formula == "last" and values else sum(values)


def summary(meter: str, customer: str, formula: str, start: int, end: int, used: Iterable[Object]) -> Object:
    """What was used between times, under an id that stays the same."""
    return {
        "id": "mtrusg_test_" + sha256(f"{meter}:{customer}:{start}:{end}".encode()).hexdigest()[:24],
        "object": SUMMARY,
        "aggregated_value": aggregated(formula, used),
        "end_time": end,
        "livemode": False,
        "meter": meter,
        "start_time": start,
    }


async def of(call: StripeCall, subscription: Object, item: Object, until: int | None = None) -> int:
    """How much of an item's price was used in its period. "If the overall cycle usage is negative, Stripe reports the
    invoice line item usage quantity as 0"."""
    end = item["current_period_end"] if until is None else until
    key = item["price"]["recurring"]["meter"]
    if key is None:
        return await _recorded(call, item, end)
    meter = await call.state.get(METER, key)
    if meter is None:
        return 0
    found = await between(call, stream_of(key, subscription["customer"]), item["current_period_start"], end)
    return max(0, aggregated(meter["default_aggregation"]["formula"], found))


async def _recorded(call: StripeCall, item: Object, end: int) -> int:
    """What usage records come to, as ``aggregate_usage`` of their price says: "sum" when nobody does."""
    hidden = await call.state.get(HIDDEN, item["price"]["id"]) or {}
    formula = hidden.get("aggregate_usage") or "sum"
    start = 0 if formula == "last_ever" else item["current_period_start"]
    found = await between(call, item["id"], start, end)
    if formula == "max":
        return max((int(each["value"]) for each in found), default=0)
    return aggregated("sum" if formula == "sum" else "last", found)


def shown(subscription: Object, begun: list[Object]) -> list[Object]:
    """Which items have lines where their periods begin. "Flexible billing mode doesn't create zero-amount line items
    when you add usage-based items": https://docs.stripe.com/billing/subscriptions/billing-mode/compare (2026-11)."""
    if subscription["billing_mode"]["type"] == "classic":
        return begun
    return [item for item in begun if not is_metered(item["price"])]
