"""The times of new subscriptions: https://docs.stripe.com/billing/subscriptions/billing-cycle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import advanced, clocked


def at(month: int, day: int, hour: int = 0) -> int:
    return int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp())


async def begun(stripe: Stripe, now: int, amount: int = 3000, **more: Any) -> tuple[Any, Any]:
    """The clock, and a subscription that began at a time, with its invoice."""
    clock = await clocked(stripe, now)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe, amount), expand=["latest_invoice"], **more)
    return clock, made


async def test_the_first_period_before_the_anchor_is_a_part(stripe: Stripe) -> None:
    clock, made = await begun(stripe, at(4, 21), billing_cycle_anchor=at(5, 1))
    item, invoice = made["items"]["data"][0], made["latest_invoice"]
    assert (item["current_period_start"], item["current_period_end"]) == (at(4, 21), at(5, 1))
    assert (made["status"], made["billing_cycle_anchor"], invoice["amount_paid"]) == ("active", at(5, 1), 1000)
    assert invoice["lines"]["data"][0]["period"] == {"start": at(4, 21), "end": at(5, 1)}
    await advanced(stripe, clock, at(4, 26))
    await stripe.post(f"subscriptions/{made['id']}", items=[{"id": item["id"], "quantity": 2}])
    waiting = (await stripe.get("invoiceitems", pending=True, customer=made["customer"]))["data"]
    assert sorted(each["amount"] for each in waiting) == [-500, 1000]
    await advanced(stripe, clock, at(5, 1, 1))
    found = (await stripe.get("invoices", subscription=made["id"], limit=1))["data"][0]
    assert found["amount_paid"] == 6500


async def test_a_first_period_that_is_free_has_no_invoice(stripe: Stripe) -> None:
    clock, made = await begun(stripe, at(4, 21), billing_cycle_anchor=at(5, 1), proration_behavior="none")
    assert (made["status"], made["latest_invoice"]) == ("active", None)
    await advanced(stripe, clock, at(5, 1, 1))
    assert [each["amount_paid"] for each in (await stripe.get("invoices", subscription=made["id"]))["data"]] == [3000]


async def test_a_trial_and_then_a_part(stripe: Stripe) -> None:
    clock, made = await begun(stripe, at(4, 1), trial_end=at(4, 16), billing_cycle_anchor=at(5, 1))
    assert (made["status"], made["latest_invoice"]["total"], made["trial_end"]) == ("trialing", 0, at(4, 16))
    await advanced(stripe, clock, at(4, 16, 1))
    found = (await stripe.get("invoices", subscription=made["id"], limit=1))["data"][0]
    assert (found["amount_paid"], found["lines"]["data"][0]["period"]["end"]) == (1500, at(5, 1))


async def test_the_day_of_the_month_that_is_asked_for(stripe: Stripe) -> None:
    asked = {"day_of_month": 31, "hour": 12}
    clock, made = await begun(stripe, at(4, 15), billing_cycle_anchor_config=asked)
    assert made["billing_cycle_anchor"] == at(4, 30, 12)
    assert made["billing_cycle_anchor_config"] == {**asked, "minute": None, "month": None, "second": None}
    await advanced(stripe, clock, at(4, 30, 13))
    again = await stripe.get(f"subscriptions/{made['id']}")
    assert again["items"]["data"][0]["current_period_end"] == at(5, 31, 12)


async def test_what_has_passed_is_charged_for(stripe: Stripe) -> None:
    """https://docs.stripe.com/billing/subscriptions/backdating: to now, and up to an anchor."""
    _, made = await begun(stripe, at(10, 16), backdate_start_date=at(9, 1))
    invoice = made["latest_invoice"]
    assert (made["start_date"], made["billing_cycle_anchor"]) == (at(9, 1), at(10, 16))
    # A whole month to 16 October, and half of the one before, which has 31 days.
    assert [line["amount"] for line in invoice["lines"]["data"]] == [3000 + 1452, 3000]
    _, made = await begun(stripe, at(10, 15), backdate_start_date=at(9, 1), billing_cycle_anchor=at(11, 1))
    assert [line["amount"] for line in made["latest_invoice"]["lines"]["data"]] == [6000]
    _, made = await begun(stripe, at(10, 15), backdate_start_date=at(9, 1), proration_behavior="none")
    assert (made["start_date"], made["latest_invoice"]["total"]) == (at(9, 1), 3000)


async def test_times_that_cannot_be(stripe: Stripe) -> None:
    clock = await clocked(stripe, at(4, 21))
    customer, monthly = await payer(stripe, test_clock=clock["id"]), await price(stripe)

    async def refused(**more: Any) -> Any:
        asked = {"customer": customer["id"], "items": [{"price": monthly["id"]}], **more}
        return (await stripe.error("POST", "subscriptions", 400, **asked))["param"]

    before = stripe.records()
    assert await refused(billing_cycle_anchor=at(4, 1)) == "billing_cycle_anchor"
    assert await refused(billing_cycle_anchor=at(5, 30)) == "billing_cycle_anchor"
    assert await refused(billing_cycle_anchor=at(5, 1), trial_end=at(5, 3)) == "billing_cycle_anchor"
    assert await refused(trial_end=at(4, 1)) == "trial_end"
    assert await refused(backdate_start_date=at(5, 1)) == "backdate_start_date"
    both = {"billing_cycle_anchor": at(5, 1), "billing_cycle_anchor_config": {"day_of_month": 3}}
    assert await refused(**both) == "billing_cycle_anchor"
    assert await refused(collection_method="send_invoice") == "days_until_due"
    assert stripe.records() == before


async def test_the_end_can_be_that_of_a_period(stripe: Stripe) -> None:
    _, made = await begun(stripe, at(4, 21), cancel_at="min_period_end")
    assert made["cancel_at"] == made["items"]["data"][0]["current_period_end"]
