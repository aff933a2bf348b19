"""Metered use on invoices: https://docs.stripe.com/billing/subscriptions/usage-based/how-it-works."""

from __future__ import annotations

from typing import Any

from mocks.stripe.usage import aggregated
from tests.mocks.stripe.billing import payer, price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.metering import meter, metered, used
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked


def test_values_are_summed_counted_or_the_newest() -> None:
    found = [{"value": 3}, {"value": 7}, {"value": 2}]
    assert [aggregated(formula, found) for formula in ("sum", "count", "last")] == [12, 3, 2]
    assert [aggregated(formula, []) for formula in ("sum", "count", "last")] == [0, 0, 0]


async def begun(stripe: Stripe, *prices: Any, **more: Any) -> tuple[Any, Any, Any]:
    """A clock, a customer in its time, and their subscription."""
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    items = [{"price": each["id"]} for each in prices]
    return clock, customer, await stripe.post("subscriptions", customer=customer["id"], items=items, **more)


async def test_use_is_paid_when_its_period_is_over(stripe: Stripe) -> None:
    clock, customer, made = await begun(stripe, await metered(stripe, await meter(stripe)))
    item = made["items"]["data"][0]
    assert (made["status"], made["latest_invoice"], "quantity" in item) == ("active", None, False)
    await used(stripe, customer, 100)
    await advanced(stripe, clock, START + 10 * DAY)
    await used(stripe, customer, 20, timestamp=START + 9 * DAY)
    end = item["current_period_end"]
    await advanced(stripe, clock, end + 3600)
    await used(stripe, customer, 7)
    first = (await stripe.get("invoices", subscription=made["id"]))["data"][0]
    line = first["lines"]["data"][0]
    assert (line["quantity"], line["amount"], line["period"]) == (120, 600, {"start": START, "end": end})
    assert line["description"] == "120 × Calls (at $0.05 / month)"  # noqa: RUF001 - Stripe's own sign
    assert (first["status"], first["amount_paid"], first["billing_reason"]) == ("paid", 600, "subscription_cycle")
    await advanced(stripe, clock, end + 31 * DAY + 3600)
    second = (await stripe.get("invoices", subscription=made["id"]))["data"][0]
    assert (second["id"] != first["id"], second["total"]) == (True, 35)


async def test_a_fee_is_paid_before_and_use_after(stripe: Stripe) -> None:
    tiers = [{"up_to": 100, "unit_amount": 0}, {"up_to": "inf", "unit_amount_decimal": "2.5"}]
    over = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers}
    calls = await metered(stripe, await meter(stripe), **over)
    clock, customer, made = await begun(stripe, await price(stripe, 2000), calls)
    first = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert [line["amount"] for line in first["lines"]["data"]] == [2000]
    await used(stripe, customer, 101)
    end = made["items"]["data"][0]["current_period_end"]
    await advanced(stripe, clock, end + 3600)
    renewed = (await stripe.get("invoices", subscription=made["id"]))["data"][0]
    assert [(line["quantity"], line["amount"]) for line in renewed["lines"]["data"]] == [(1, 2000), (100, 0), (1, 3)]
    assert [line["period"]["start"] for line in renewed["lines"]["data"]] == [end, START, START]


async def test_a_preview_asks_for_what_the_renewal_will(stripe: Stripe) -> None:
    tiers = [{"up_to": 10, "unit_amount": 7, "flat_amount": 300}, {"up_to": "inf", "unit_amount_decimal": "0.75"}]
    for mode in ("graduated", "volume"):
        one = await meter(stripe, event_name=mode)
        calls = await metered(stripe, one, billing_scheme="tiered", tiers_mode=mode, tiers=tiers)
        clock, customer, made = await begun(stripe, await price(stripe, 2000), calls)
        await used(stripe, customer, 33, event_name=mode)
        seen = await stripe.post("invoices/create_preview", subscription=made["id"])
        await advanced(stripe, clock, made["items"]["data"][0]["current_period_end"] + 3600)
        renewed = (await stripe.get("invoices", subscription=made["id"]))["data"][0]
        shown = [(line["description"], line["amount"]) for line in seen["lines"]["data"]]
        assert shown == [(line["description"], line["amount"]) for line in renewed["lines"]["data"]]
        assert seen["total"] == renewed["total"] == (2000 + 70 + 300 + 17 if mode == "graduated" else 2000 + 25)


async def test_classic_billing_shows_that_nothing_was_used_yet(stripe: Stripe) -> None:
    calls = await metered(stripe, await meter(stripe))
    _, _, made = await begun(stripe, calls, billing_mode={"type": "classic"})
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert [(line["quantity"], line["amount"]) for line in invoice["lines"]["data"]] == [(0, 0)]
    assert (invoice["status"], invoice["total"]) == ("paid", 0)


async def test_a_trial_uses_for_nothing(stripe: Stripe) -> None:
    clock, customer, made = await begun(stripe, await metered(stripe, await meter(stripe)), trial_period_days=7)
    await used(stripe, customer, 100)
    await advanced(stripe, clock, START + 7 * DAY + 3600)
    found = (await stripe.get("invoices", subscription=made["id"]))["data"]
    assert [invoice["total"] for invoice in found] == [0]


async def test_use_has_no_quantity(stripe: Stripe) -> None:
    calls = await metered(stripe, await meter(stripe))
    customer = await payer(stripe)
    asked = {"customer": customer["id"], "items": [{"price": calls["id"], "quantity": 2}]}
    refused = await stripe.post("subscriptions", expect=400, **asked)
    assert refused["error"]["message"].startswith("Quantity should not be specified where usage_type is `metered`.")
    made = await stripe.post("subscriptions", customer=customer["id"], items=[{"price": calls["id"]}])
    item = made["items"]["data"][0]
    await stripe.post(f"subscription_items/{item['id']}", quantity=3, expect=400)
    session = {"mode": "subscription", "success_url": "https://shop.example/done"}
    await stripe.post("checkout/sessions", line_items=[{"price": calls["id"], "quantity": 1}], expect=400, **session)
    shown = await stripe.post("checkout/sessions", line_items=[{"price": calls["id"]}], **session)
    assert shown["amount_total"] == 0


async def test_a_subscription_has_up_to_twenty_items(stripe: Stripe) -> None:
    prices = [await price(stripe) for _ in range(21)]
    items = [{"price": each["id"]} for each in prices]
    customer = await payer(stripe)
    refused = await stripe.post("subscriptions", customer=customer["id"], items=items, expect=400)
    assert refused["error"]["param"] == "items"
    made = await stripe.post("subscriptions", customer=customer["id"], items=items[:20])
    await stripe.post("subscription_items", subscription=made["id"], price=prices[20]["id"], expect=400)
