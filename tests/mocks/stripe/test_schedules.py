"""Subscription schedules: https://docs.stripe.com/api/subscription_schedules."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, clocked

KIND = "subscription_schedule"


def phase(one: Any, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A phase of one price."""
    return {"items": [{"price": one["id"], "quantity": quantity}], **more}


async def test_a_schedule_that_starts_now_has_a_subscription(stripe: Stripe) -> None:
    tea, customer = await price(stripe), await payer(stripe)
    year = {"interval": "year"}
    asked = {"customer": customer["id"], "start_date": "now", "phases": [phase(tea, 2, duration=year)]}
    made = await stripe.post("subscription_schedules", metadata={"order": "1"}, **asked)
    assert (made["status"], made["end_behavior"], made["metadata"]) == ("active", "release", {"order": "1"})
    assert made["current_phase"] == {name: made["phases"][0][name] for name in ("end_date", "start_date")}
    assert made["phases"][0]["end_date"] - made["created"] in (365 * DAY, 366 * DAY)
    begun = await stripe.get(f"subscriptions/{made['subscription']}")
    assert (begun["schedule"], begun["status"], begun["quantity"]) == (made["id"], "active", 2)
    assert await stripe.get(f"subscription_schedules/{made['id']}") == made
    types = await stripe.event_types()
    assert types.index("customer.subscription.created") < types.index(f"{KIND}.created")


async def test_a_schedule_for_later_waits(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    tea, customer = await price(stripe), await payer(stripe, test_clock=clock["id"])
    asked = {"customer": customer["id"], "start_date": START + DAY, "phases": [phase(tea)]}
    made = await stripe.post("subscription_schedules", **asked)
    assert (made["status"], made["subscription"], made["current_phase"]) == ("not_started", None, None)
    assert (made["test_clock"], made["phases"][0]["end_date"]) == (clock["id"], START + 32 * DAY)
    assert (await stripe.get("subscription_schedules", scheduled=True))["data"] == [made]
    canceled = await stripe.post(f"subscription_schedules/{made['id']}/cancel")
    assert (canceled["status"], canceled["canceled_at"]) == ("canceled", START)
    assert (await stripe.get("subscription_schedules", scheduled=True))["data"] == []
    found = await stripe.get("subscription_schedules", canceled_at={"gte": START}, customer=customer["id"])
    assert found["data"] == [canceled]
    await stripe.post(f"subscription_schedules/{made['id']}/cancel", expect=400)
    await stripe.post(f"subscription_schedules/{made['id']}", metadata={"a": "b"}, expect=400)


async def test_a_subscription_gets_a_schedule_and_is_let_go(stripe: Stripe) -> None:
    begun = await subscribed(stripe, await payer(stripe), await price(stripe))
    made = await stripe.post("subscription_schedules", from_subscription=begun["id"])
    item = begun["items"]["data"][0]
    dates = {"end_date": item["current_period_end"], "start_date": item["current_period_start"]}
    assert (made["status"], made["subscription"], made["current_phase"]) == ("active", begun["id"], dates)
    assert (await stripe.get(f"subscriptions/{begun['id']}"))["schedule"] == made["id"]
    await stripe.post("subscription_schedules", from_subscription=begun["id"], expect=400)
    refused = await stripe.post(f"subscriptions/{begun['id']}", cancel_at_period_end=True, expect=400)
    assert refused["error"]["message"].startswith(
        "The subscription is managed by the subscription schedule `sub_sched_"
    )
    released = await stripe.post(f"subscription_schedules/{made['id']}/release")
    assert (released["status"], released["subscription"]) == ("released", None)
    assert released["released_subscription"] == begun["id"]
    assert (await stripe.get(f"subscriptions/{begun['id']}"))["schedule"] is None
    assert (await stripe.event_types())[-4:] == [
        "customer.subscription.updated",
        f"{KIND}.created",
        "customer.subscription.updated",
        f"{KIND}.released",
    ]


async def test_a_canceled_schedule_ends_its_subscription(stripe: Stripe) -> None:
    begun = await subscribed(stripe, await payer(stripe), await price(stripe))
    made = await stripe.post("subscription_schedules", from_subscription=begun["id"])
    await stripe.post(f"subscription_schedules/{made['id']}/cancel", invoice_now=False, prorate=False)
    assert (await stripe.get(f"subscriptions/{begun['id']}"))["status"] == "canceled"
    assert (await stripe.event_types())[-2:] == [f"{KIND}.canceled", "customer.subscription.deleted"]


async def test_an_update_reaches_the_subscription(stripe: Stripe) -> None:
    tea, cake = await price(stripe, 1000), await price(stripe, 3000)
    begun = await subscribed(stripe, await payer(stripe), tea)
    made = await stripe.post("subscription_schedules", from_subscription=begun["id"])
    now = made["phases"][0]
    again = phase(tea, 3, start_date=now["start_date"], end_date=now["end_date"])
    phases = [again, phase(cake, proration_behavior="none")]
    new = await stripe.post(f"subscription_schedules/{made['id']}", phases=phases, proration_behavior="none")
    assert [each["start_date"] for each in new["phases"]] == [now["start_date"], now["end_date"]]
    assert (await stripe.get(f"subscriptions/{begun['id']}"))["quantity"] == 3
    assert "invoiceitem.created" not in await stripe.event_types()
    lost = await stripe.post(f"subscription_schedules/{made['id']}", phases=[phase(tea)], expect=400)
    assert lost["error"]["param"] == "phases[0][start_date]"
    changed = await stripe.post(f"subscription_schedules/{made['id']}", end_behavior="cancel")
    assert (changed["end_behavior"], changed["phases"]) == ("cancel", new["phases"])


async def test_what_cannot_be_scheduled_is_refused(stripe: Stripe) -> None:
    tea, customer = await price(stripe), await payer(stripe)
    begun = await subscribed(stripe, customer, tea)
    for asked in (
        {},
        {"customer": customer["id"]},
        {"customer": "cus_none", "phases": [phase(tea)]},
        {"from_subscription": begun["id"], "phases": [phase(tea)]},
        {"customer": customer["id"], "start_date": 1, "phases": [phase(tea)]},
    ):
        await stripe.post("subscription_schedules", expect=400, **asked)
    assert (await stripe.get("subscription_schedules"))["data"] == []
    assert (await stripe.get("subscription_schedules/sub_sched_none", expect=404))["error"]["param"]
