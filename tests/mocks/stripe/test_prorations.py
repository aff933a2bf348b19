"""Prorations: https://docs.stripe.com/billing/subscriptions/prorations."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked


async def test_an_upgrade_half_way_waits_for_the_next_invoice(stripe: Stripe) -> None:
    clock = await clocked(stripe, START + 31 * DAY)  # April has thirty days
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe, 1000))
    item, dear = made["items"]["data"][0], await price(stripe, 2000)
    await advanced(stripe, clock, made["created"] + 15 * DAY)
    before = len(await stripe.event_types())
    changed = await stripe.post(f"subscriptions/{made['id']}", items=[{"id": item["id"], "price": dear["id"]}])
    assert changed["latest_invoice"] == made["latest_invoice"]
    types = (await stripe.event_types())[before:]
    assert types == ["invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"]
    end = item["current_period_end"]
    await advanced(stripe, clock, end + 3600)
    renewed = await stripe.get(f"subscriptions/{made['id']}", expand=["latest_invoice"])
    invoice = renewed["latest_invoice"]
    lines = invoice["lines"]["data"]
    assert sorted(line["amount"] for line in lines) == [-500, 1000, 2000]
    assert (invoice["total"], invoice["status"], invoice["amount_paid"]) == (2500, "paid", 2500)
    credit = next(line for line in lines if line["amount"] < 0)
    assert credit["description"] == "Unused time on Tea after 16 Apr 2026"
    details = credit["parent"]["subscription_item_details"]
    assert (details["proration"], details["subscription"], details["subscription_item"]) == (
        True,
        made["id"],
        item["id"],
    )


async def test_more_of_it_is_invoiced_at_once_when_that_is_asked_for(stripe: Stripe) -> None:
    clock = await clocked(stripe, START + 31 * DAY)
    made = await subscribed(stripe, await payer(stripe, test_clock=clock["id"]), await price(stripe, 1000))
    item = made["items"]["data"][0]
    asked = {"items": [{"id": item["id"], "quantity": 3}], "proration_date": made["created"] + 10 * DAY}
    await advanced(stripe, clock, made["created"] + 12 * DAY)
    changed = await stripe.post(f"subscriptions/{made['id']}", proration_behavior="always_invoice", **asked)
    invoice = await stripe.get(f"invoices/{changed['latest_invoice']}")
    assert (invoice["billing_reason"], invoice["status"]) == ("subscription_update", "paid")
    assert sorted(line["amount"] for line in invoice["lines"]["data"]) == [-667, 2000]
    assert invoice["amount_paid"] == 1333


async def test_without_prorations_nothing_is_noted(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    item = made["items"]["data"][0]
    await stripe.post(f"subscription_items/{item['id']}", quantity=5, proration_behavior="none")
    assert "invoiceitem.created" not in await stripe.event_types()
    await stripe.post(f"subscription_items/{item['id']}", quantity=6)
    assert (await stripe.event_types()).count("invoiceitem.created") == 2


async def test_another_interval_begins_and_is_paid_at_once(stripe: Stripe) -> None:
    clock = await clocked(stripe, START + 31 * DAY)
    made = await subscribed(stripe, await payer(stripe, test_clock=clock["id"]), await price(stripe, 1000))
    yearly = await price(stripe, 9000, "year")
    item = made["items"]["data"][0]
    await advanced(stripe, clock, made["created"] + 15 * DAY)
    changed = await stripe.post(f"subscriptions/{made['id']}", items=[{"id": item["id"], "price": yearly["id"]}])
    assert changed["billing_cycle_anchor"] == made["created"] + 15 * DAY
    assert (await stripe.get(f"invoices/{changed['latest_invoice']}"))["amount_paid"] == 8500


async def test_the_end_of_a_trial_by_hand_is_paid_at_once(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe), trial_period_days=7)
    over = await stripe.post(f"subscriptions/{made['id']}", trial_end="now")
    assert (await stripe.get(f"invoices/{over['latest_invoice']}"))["amount_paid"] == 2000


async def test_a_change_that_is_not_paid(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await subscribed(stripe, customer, await price(stripe))
    item = made["items"]["data"][0]
    bad = await stripe.post("payment_methods/pm_card_chargeCustomerFail/attach", customer=customer["id"])
    await stripe.post(f"subscriptions/{made['id']}", default_payment_method=bad["id"])
    asked = {"items": [{"id": item["id"], "quantity": 2}], "proration_behavior": "always_invoice"}
    before = stripe.records()
    path = f"subscriptions/{made['id']}"
    refused = await stripe.error("POST", path, 402, payment_behavior="error_if_incomplete", **asked)
    assert (refused["code"], stripe.records()) == ("card_declined", before)
    once = {"Idempotency-Key": "one"}
    await stripe.post(path, expect=402, headers=once, payment_behavior="error_if_incomplete", **asked)
    assert stripe.records() == before
    assert (await stripe.post(path, **asked))["status"] == "past_due"


async def test_a_date_outside_of_the_period(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    asked = {"items": [{"id": made["items"]["data"][0]["id"], "quantity": 2}], "proration_date": 1000}
    assert (await stripe.error("POST", f"subscriptions/{made['id']}", 400, **asked))["param"] == "proration_date"


async def test_an_end_within_the_period_gives_the_rest_back(stripe: Stripe) -> None:
    clock = await clocked(stripe, START + 31 * DAY)  # April has thirty days
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe, 3000))
    at = made["created"] + 20 * DAY
    foretold = await stripe.post(
        "invoices/create_preview", subscription=made["id"], subscription_details={"cancel_at": at}
    )
    assert foretold["total"] == -1000
    await stripe.post(f"subscriptions/{made['id']}", cancel_at=at)
    (credit,) = (await stripe.get("invoiceitems", customer=customer["id"]))["data"]
    assert (credit["amount"], credit["proration"], credit["period"]["start"]) == (-1000, True, at)
    await stripe.post(f"subscriptions/{made['id']}", cancel_at=at - 10 * DAY, proration_behavior="none")
    await stripe.post(f"subscriptions/{made['id']}", cancel_at="")
    amounts = [each["amount"] for each in (await stripe.get("invoiceitems", customer=customer["id"]))["data"]]
    assert amounts == [2000, -1000]


async def test_an_end_within_a_later_period_makes_that_one_cheaper(stripe: Stripe) -> None:
    clock = await clocked(stripe)  # March: the next period is April
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe, 3000))
    at = made["items"]["data"][0]["current_period_end"] + 10 * DAY
    await stripe.post(f"subscriptions/{made['id']}", cancel_at=at)
    assert (await stripe.get("invoiceitems", customer=customer["id"]))["data"] == []
    await advanced(stripe, clock, at + 1)
    ended = await stripe.get(f"subscriptions/{made['id']}")
    renewal = await stripe.get(f"invoices/{ended['latest_invoice']}")
    assert (ended["status"], renewal["total"]) == ("canceled", 1000)


async def test_an_end_within_the_first_period_makes_it_cheaper(stripe: Stripe) -> None:
    clock = await clocked(stripe, START + 31 * DAY)  # April has thirty days
    customer, dear = await payer(stripe, test_clock=clock["id"]), await price(stripe, 3000)
    at = clock["frozen_time"] + 20 * DAY
    for asked, total in (({}, 2000), ({"proration_behavior": "none"}, 3000)):
        made = await subscribed(stripe, customer, dear, cancel_at=at, **asked)
        assert (await stripe.get(f"invoices/{made['latest_invoice']}"))["total"] == total
