"""Schedules in time: https://docs.stripe.com/billing/subscriptions/subscription-schedules."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked, types_after
from tests.mocks.stripe.test_schedules import phase

KIND = "subscription_schedule"


async def invoiced(stripe: Stripe, subscription: str) -> list[tuple[str, int]]:
    """Why each invoice was made, and its total; the oldest first."""
    found = (await stripe.get("invoices", subscription=subscription))["data"]
    return [(each["billing_reason"], each["total"]) for each in reversed(found)]


async def begun(stripe: Stripe, *phases: Any, **more: Any) -> tuple[Any, Any]:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    asked = {"customer": customer["id"], "start_date": START, "phases": phases, **more}
    return clock, await stripe.post("subscription_schedules", **asked)


async def test_a_phase_that_follows_renews_at_its_price(stripe: Stripe) -> None:
    tea, cake = await price(stripe, 1000), await price(stripe, 3000)
    clock, made = await begun(stripe, phase(tea), phase(cake, 2))
    turn = made["phases"][1]["start_date"]
    before = len(await stripe.event_types())
    await advanced(stripe, clock, turn + 3600)
    now = await stripe.get(f"{KIND}s/{made['id']}")
    assert now["current_phase"]["start_date"] == turn
    assert await invoiced(stripe, made["subscription"]) == [("subscription_create", 1000), ("subscription_cycle", 6000)]
    types = await types_after(stripe, before)
    assert types[1:6] == [
        "invoice.upcoming",
        "customer.subscription.updated",
        f"{KIND}.updated",
        "invoice.created",
        "customer.subscription.updated",
    ]
    item = (await stripe.get(f"subscriptions/{made['subscription']}"))["items"]["data"][0]
    assert (item["price"]["id"], item["quantity"]) == (cake["id"], 2)


async def test_a_turn_within_a_period_is_prorated_as_the_phase_wants(stripe: Stripe) -> None:
    tea, cake = await price(stripe, 1000), await price(stripe, 3000)
    half = START + 31 * DAY // 2
    for behaviour, owed in (("none", []), ("always_invoice", [("subscription_update", 1000)])):
        clock, made = await begun(stripe, phase(tea, end_date=half), phase(cake, proration_behavior=behaviour))
        await advanced(stripe, clock, half)
        assert (await invoiced(stripe, made["subscription"]))[1:] == owed


async def test_after_the_last_phase_the_subscription_goes_on(stripe: Stripe) -> None:
    clock, made = await begun(stripe, phase(await price(stripe)))
    end = made["phases"][0]["end_date"]
    before = len(await stripe.event_types())
    await advanced(stripe, clock, end - 7 * DAY)
    assert f"{KIND}.expiring" in await types_after(stripe, before)
    await advanced(stripe, clock, end + 3600)
    done = await stripe.get(f"{KIND}s/{made['id']}")
    assert (done["status"], done["completed_at"], done["subscription"]) == ("completed", end, None)
    assert done["released_subscription"] == made["subscription"]
    free = await stripe.get(f"subscriptions/{made['subscription']}")
    assert (free["schedule"], free["status"]) == (None, "active")
    assert len(await invoiced(stripe, free["id"])) == 2


async def test_or_it_ends(stripe: Stripe) -> None:
    clock, made = await begun(stripe, phase(await price(stripe)), end_behavior="cancel")
    end = made["phases"][0]["end_date"]
    await advanced(stripe, clock, end + 3600)
    gone = await stripe.get(f"subscriptions/{made['subscription']}")
    assert (gone["status"], gone["ended_at"]) == ("canceled", end)
    assert len(await invoiced(stripe, gone["id"])) == 1
    assert (await stripe.get(f"{KIND}s/{made['id']}"))["status"] == "completed"


async def test_a_schedule_begins_at_its_time(stripe: Stripe) -> None:
    trial = phase(await price(stripe), trial=True)
    clock, made = await begun(stripe, trial, phase(await price(stripe)), start_date=START + 2 * DAY)
    assert made["status"] == "not_started"
    await advanced(stripe, clock, START + 2 * DAY)
    now = await stripe.get(f"{KIND}s/{made['id']}", expand=["subscription"])
    started = now["subscription"]
    assert (now["status"], started["status"], started["start_date"]) == ("active", "trialing", START + 2 * DAY)
    assert started["trial_end"] == now["phases"][0]["end_date"]
    assert f"{KIND}.updated" in await stripe.event_types()


async def test_items_come_and_go_with_phases(stripe: Stripe) -> None:
    tea, cake, jam = await price(stripe, 100), await price(stripe, 200), await price(stripe, 300)
    both = {"items": [{"price": tea["id"]}, {"price": cake["id"]}]}
    clock, made = await begun(stripe, both, phase(jam) | {"items": [{"price": cake["id"], "quantity": 5}]})
    await advanced(stripe, clock, made["phases"][1]["start_date"] + 3600)
    now = await stripe.get(f"subscriptions/{made['subscription']}")
    assert [(item["price"]["id"], item["quantity"]) for item in now["items"]["data"]] == [(cake["id"], 5)]
    assert (await invoiced(stripe, now["id"]))[-1] == ("subscription_cycle", 1000)


async def test_without_a_payment_method_the_first_invoice_waits(stripe: Stripe) -> None:
    customer = await stripe.customer()
    asked = {"customer": customer["id"], "start_date": "now", "phases": [phase(await price(stripe))]}
    made = await stripe.post(f"{KIND}s", **asked)
    waits = await stripe.get(f"subscriptions/{made['subscription']}")
    assert (waits["status"], waits["schedule"]) == ("incomplete", made["id"])
    assert (await stripe.get(f"invoices/{waits['latest_invoice']}"))["status"] == "open"
    paid = await subscribed(stripe, await payer(stripe), await price(stripe))
    assert paid["schedule"] is None
