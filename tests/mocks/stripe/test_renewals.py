"""What time does to subscriptions: https://docs.stripe.com/billing/testing/test-clocks."""

from __future__ import annotations

from typing import Any

from tests.clocks import HeldClock
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe

DAY = 86_400
#: 2026-03-01 12:00 UTC.
START = 1_772_366_400


async def clocked(stripe: Stripe, start: int = START) -> Any:
    return await stripe.post("test_helpers/test_clocks", frozen_time=start)


async def advanced(stripe: Stripe, clock: Any, to: int) -> None:
    begun = await stripe.post(f"test_helpers/test_clocks/{clock['id']}/advance", frozen_time=to)
    assert begun["status"] == "advancing"
    assert begun["status_details"]["advancing"]["target_frozen_time"] == to
    done = await stripe.get(f"test_helpers/test_clocks/{clock['id']}")
    assert (done["status"], done["frozen_time"]) == ("ready", to)


def passed(stripe: Stripe, days: int) -> None:
    """The environment's own time goes on."""
    clock = stripe.harness.clock
    assert isinstance(clock, HeldClock)
    clock.advance(days=days)


async def types_after(stripe: Stripe, count: int) -> list[str]:
    return (await stripe.event_types())[count:]


async def test_a_trial_comes_to_its_third_invoice(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    assert (customer["created"], customer["test_clock"]) == (START, clock["id"])
    made = await subscribed(stripe, customer, await price(stripe), trial_period_days=14)
    assert (made["status"], made["created"], made["test_clock"]) == ("trialing", START, clock["id"])
    before = len(await stripe.event_types())
    await advanced(stripe, clock, START + 12 * DAY)
    assert await types_after(stripe, before) == [
        "test_helpers.test_clock.advancing",
        "invoice.upcoming",
        "customer.subscription.trial_will_end",
        "test_helpers.test_clock.ready",
    ]
    before += 4
    await advanced(stripe, clock, START + 14 * DAY)
    now = await stripe.get(f"subscriptions/{made['id']}")
    draft = await stripe.get(f"invoices/{now['latest_invoice']}")
    assert (now["status"], draft["status"], draft["total"]) == ("active", "draft", 2000)
    assert draft["automatically_finalizes_at"] == START + 14 * DAY + 3600
    assert now["items"]["data"][0]["current_period_start"] == START + 14 * DAY
    await advanced(stripe, clock, START + 14 * DAY + 3600)
    assert (await types_after(stripe, before))[1:3] == ["invoice.created", "customer.subscription.updated"]
    paid = await stripe.get(f"invoices/{now['latest_invoice']}")
    assert (paid["status"], paid["amount_paid"], paid["billing_reason"]) == ("paid", 2000, "subscription_cycle")
    assert paid["status_transitions"]["paid_at"] == START + 14 * DAY + 3600
    await advanced(stripe, clock, START + 46 * DAY)
    found = (await stripe.get("invoices", subscription=made["id"]))["data"]
    assert [each["total"] for each in found] == [2000, 2000, 0]
    assert {each["status"] for each in found} == {"paid"}
    events = (await stripe.get("events", type="invoice.paid"))["data"]
    assert events[0]["created"] == found[0]["created"] + 3600
    assert events[0]["request"] == {"id": None, "idempotency_key": None}


async def test_a_failed_renewal_is_past_due_and_recovers(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe))
    bad = await stripe.post("payment_methods/pm_card_chargeCustomerFail/attach", customer=customer["id"])
    await stripe.post(f"customers/{customer['id']}", invoice_settings={"default_payment_method": bad["id"]})
    end = made["items"]["data"][0]["current_period_end"]
    before = len(await stripe.event_types())
    await advanced(stripe, clock, end + 3600)
    assert await types_after(stripe, before) == [
        "test_helpers.test_clock.advancing",
        "invoice.upcoming",
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "customer.updated",
        "customer.subscription.updated",
        "test_helpers.test_clock.ready",
    ]
    late = await stripe.get(f"subscriptions/{made['id']}")
    invoice = await stripe.get(f"invoices/{late['latest_invoice']}")
    assert (late["status"], invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)
    assert invoice["next_payment_attempt"] == end + 3600 + 3 * DAY
    assert (await stripe.get(f"customers/{customer['id']}"))["delinquent"] is True
    good = await stripe.post("payment_methods/pm_card_visa/attach", customer=customer["id"])
    await stripe.post(f"customers/{customer['id']}", invoice_settings={"default_payment_method": good["id"]})
    await advanced(stripe, clock, end + 3600 + 3 * DAY)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"
    paid = await stripe.get(f"invoices/{invoice['id']}")
    assert (paid["status"], paid["attempt_count"], paid["next_payment_attempt"]) == ("paid", 2, None)
    assert (await stripe.get(f"customers/{customer['id']}"))["delinquent"] is False


async def test_after_the_last_attempt_a_subscription_ends(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe))
    bad = await stripe.post("payment_methods/pm_card_chargeCustomerFail/attach", customer=customer["id"])
    await stripe.post(f"subscriptions/{made['id']}", default_payment_method=bad["id"])
    await advanced(stripe, clock, made["items"]["data"][0]["current_period_end"] + 20 * DAY)
    ended = await stripe.get(f"subscriptions/{made['id']}")
    assert (ended["status"], ended["cancellation_details"]["reason"]) == ("canceled", "payment_failed")
    invoice = await stripe.get(f"invoices/{ended['latest_invoice']}")
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (4, None)


async def test_what_was_to_end_ends_and_what_nobody_paid_expires(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    ending = await subscribed(stripe, customer, await price(stripe), cancel_at_period_end=True)
    waiting = await subscribed(stripe, customer, await price(stripe), payment_behavior="default_incomplete")
    await advanced(stripe, clock, START + 23 * 3600)
    expired = await stripe.get(f"subscriptions/{waiting['id']}")
    assert (expired["status"], expired["ended_at"]) == ("incomplete_expired", START + 23 * 3600)
    assert (await stripe.get(f"invoices/{waiting['latest_invoice']}"))["status"] == "void"
    end = ending["cancel_at"]
    await advanced(stripe, clock, end + 2 * DAY)
    ended = await stripe.get(f"subscriptions/{ending['id']}")
    assert (ended["status"], ended["ended_at"], ended["cancel_at_period_end"]) == ("canceled", end, True)
    assert len((await stripe.get("invoices", subscription=ending["id"]))["data"]) == 1


async def test_trials_without_a_payment_method(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer, monthly = await stripe.customer(test_clock=clock["id"]), await price(stripe)
    found = {}
    for ending in ("cancel", "pause", "create_invoice"):
        settings = {"end_behavior": {"missing_payment_method": ending}}
        found[ending] = await subscribed(stripe, customer, monthly, trial_period_days=1, trial_settings=settings)
    assert (await stripe.event_types())[-1] == "customer.subscription.trial_will_end"
    await advanced(stripe, clock, START + 2 * DAY)
    status = {name: (await stripe.get(f"subscriptions/{each['id']}"))["status"] for name, each in found.items()}
    assert status == {"cancel": "canceled", "pause": "paused", "create_invoice": "past_due"}


async def test_while_collection_is_paused(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer, monthly = await payer(stripe, test_clock=clock["id"]), await price(stripe)
    found = {}
    for behaviour in ("void", "mark_uncollectible", "keep_as_draft"):
        made = await subscribed(stripe, customer, monthly)
        await stripe.post(f"subscriptions/{made['id']}", pause_collection={"behavior": behaviour})
        found[behaviour] = made
    resumed = await subscribed(stripe, customer, monthly)
    pause = {"behavior": "void", "resumes_at": START + 5 * DAY}
    await stripe.post(f"subscriptions/{resumed['id']}", pause_collection=pause)
    await advanced(stripe, clock, START + 32 * DAY)
    status = {}
    for name, each in {**found, "resumed": resumed}.items():
        now = await stripe.get(f"subscriptions/{each['id']}")
        status[name] = (await stripe.get(f"invoices/{now['latest_invoice']}"))["status"]
    assert status == {
        "void": "void",
        "mark_uncollectible": "uncollectible",
        "keep_as_draft": "draft",
        "resumed": "paid",
    }


async def test_a_confirmed_payment_begins_a_subscription(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await subscribed(
        stripe, customer, await price(stripe), payment_behavior="default_incomplete", expand=["latest_invoice.payments"]
    )
    intent = made["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]
    await stripe.post(
        f"payment_intents/{intent}/confirm", payment_method="pm_card_visa", return_url="https://shop.example"
    )
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"
    assert (await stripe.get(f"invoices/{made['latest_invoice']['id']}"))["status"] == "paid"


async def test_a_longer_trial(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    made = await subscribed(
        stripe, await payer(stripe, test_clock=clock["id"]), await price(stripe), trial_period_days=5
    )
    longer = await stripe.post(f"subscriptions/{made['id']}", trial_end=START + 20 * DAY)
    assert longer["items"]["data"][0]["current_period_end"] == START + 20 * DAY
    await advanced(stripe, clock, START + 19 * DAY)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "trialing"
    await advanced(stripe, clock, START + 20 * DAY)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"


async def test_without_a_test_clock_the_environments_own_time_counts(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    passed(stripe, 62)
    found = (await stripe.get("invoices", subscription=made["id"]))["data"]
    assert [(each["status"], each["billing_reason"]) for each in found] == [
        ("paid", "subscription_cycle"),
        ("paid", "subscription_cycle"),
        ("paid", "subscription_create"),
    ]
    assert (
        found[0]["created"]
        == (await stripe.get(f"subscriptions/{made['id']}"))["items"]["data"][0]["current_period_start"]
    )


async def test_what_time_did_is_told_although_the_call_was_refused(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    passed(stripe, 40)
    await stripe.post("subscriptions", expect=400, customer="cus_none", headers={"Idempotency-Key": "one"})
    events = (await stripe.get("events", type="invoice.paid"))["data"]
    assert len(events) == len((await stripe.get("invoices", subscription=made["id"], status="paid"))["data"]) == 2


async def test_what_is_not_charged_is_sent(stripe: Stripe) -> None:
    """https://docs.stripe.com/billing/collection-method: an hour after it was drafted."""
    clock = await clocked(stripe)
    customer = await stripe.customer(test_clock=clock["id"], email="ada@example.com")
    made = await subscribed(stripe, customer, await price(stripe), collection_method="send_invoice", days_until_due=7)
    draft = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert (made["status"], draft["status"], draft["due_date"]) == ("active", "draft", START + 7 * DAY)
    before = len(await stripe.event_types())
    await advanced(stripe, clock, START + 3600)
    assert (await types_after(stripe, before))[1:3] == ["invoice.finalized", "invoice.sent"]
    assert (await stripe.get(f"invoices/{draft['id']}"))["status"] == "open"
