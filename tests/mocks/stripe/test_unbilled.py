"""Use that no invoice asked for when its item or its subscription goes:
https://docs.stripe.com/billing/subscriptions/billing-mode/compare."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.metering import meter, metered, used
from tests.mocks.stripe.test_renewals import DAY, START, advanced
from tests.mocks.stripe.test_usage import begun


async def _totals(stripe: Stripe, subscription: str) -> list[int]:
    found = (await stripe.get("invoices", subscription=subscription))["data"]
    return [each["total"] for each in reversed(found)]


async def test_a_final_invoice_asks_for_what_was_used(stripe: Stripe) -> None:
    clock, customer, made = await begun(stripe, await metered(stripe, await meter(stripe)))
    await advanced(stripe, clock, START + 5 * DAY)
    await used(stripe, customer, 100)
    gone = await stripe.delete(f"subscriptions/{made['id']}", invoice_now=True)
    assert gone["status"] == "canceled"
    assert await _totals(stripe, made["id"]) == [500]
    invoice = (await stripe.get("invoices", subscription=made["id"]))["data"][0]
    line = invoice["lines"]["data"][0]
    assert (line["quantity"], line["period"]) == (100, {"start": START, "end": START + 5 * DAY})
    assert line["description"] == "100 × Calls (at $0.05 / month)"  # noqa: RUF001 - Stripe's own sign


async def test_so_does_the_end_of_a_period(stripe: Stripe) -> None:
    clock, customer, made = await begun(stripe, await metered(stripe, await meter(stripe)))
    await used(stripe, customer, 40)
    await stripe.post(f"subscriptions/{made['id']}", cancel_at_period_end=True)
    await advanced(stripe, clock, made["items"]["data"][0]["current_period_end"] + 3600)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "canceled"
    assert await _totals(stripe, made["id"]) == [200]


async def _two(stripe: Stripe, **more: Any) -> tuple[Any, Any, str]:
    calls = await metered(stripe, await meter(stripe))
    clock, customer, made = await begun(stripe, await price(stripe, 2000), calls, **more)
    await advanced(stripe, clock, START + 5 * DAY)
    await used(stripe, customer, 10)
    item = next(each for each in made["items"]["data"] if each["price"]["id"] == calls["id"])
    return customer, made, item["id"]


async def test_an_item_that_goes_leaves_its_use_behind(stripe: Stripe) -> None:
    customer, _, item = await _two(stripe)
    await stripe.delete(f"subscription_items/{item}")
    waits = (await stripe.get("invoiceitems", customer=customer["id"]))["data"]
    assert [(each["amount"], each["quantity"], each["proration"]) for each in waits] == [(50, 10, False)]


async def test_in_classic_billing_it_does_not(stripe: Stripe) -> None:
    customer, _, item = await _two(stripe, billing_mode={"type": "classic"})
    await stripe.delete(f"subscription_items/{item}")
    assert (await stripe.get("invoiceitems", customer=customer["id"]))["data"] == []


async def test_a_new_cycle_asks_for_the_use_of_the_one_before(stripe: Stripe) -> None:
    _, made, _ = await _two(stripe)
    asked = {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none"}
    await stripe.post(f"subscriptions/{made['id']}", **asked)
    assert (await _totals(stripe, made["id"]))[-1] == 2050
