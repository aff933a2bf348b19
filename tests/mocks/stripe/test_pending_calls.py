"""Pending updates: https://docs.stripe.com/billing/subscriptions/pending-updates."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY

ASKED = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}


async def failing(stripe: Stripe, method: str = "pm_card_chargeCustomerFail", **params: Any) -> tuple[Any, Any]:
    """A customer who has paid once, and cannot pay any more."""
    customer = await payer(stripe, **params)
    made = await subscribed(stripe, customer, await price(stripe, 1000))
    await pays_with(stripe, customer, method)
    return customer, made


async def pays_with(stripe: Stripe, customer: Any, method: str) -> str:
    held = await stripe.post(f"payment_methods/{method}/attach", customer=customer["id"])
    await stripe.post(f"customers/{customer['id']}", invoice_settings={"default_payment_method": held["id"]})
    return str(held["id"])


async def more(stripe: Stripe, made: Any, quantity: int = 3, **params: Any) -> Any:
    wanted = [{"id": made["items"]["data"][0]["id"], "quantity": quantity}]
    return await stripe.post(f"subscriptions/{made['id']}", items=wanted, **ASKED, **params)


async def test_what_is_paid_is_changed_at_once(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe, 1000))
    changed = await more(stripe, made)
    assert (changed["quantity"], changed["pending_update"], changed["status"]) == (3, None, "active")
    assert (await stripe.get(f"invoices/{changed['latest_invoice']}"))["status"] == "paid"
    assert "customer.subscription.pending_update_applied" not in await stripe.event_types()


async def test_what_is_not_paid_waits_for_its_payment(stripe: Stripe) -> None:
    customer, made = await failing(stripe)
    before = len(await stripe.event_types())
    changed = await more(stripe, made, metadata={"plan": "big"})
    update, item = changed["pending_update"], changed["items"]["data"][0]
    assert (changed["status"], changed["quantity"], item["quantity"], changed["metadata"]) == ("active", 1, 1, {})
    assert update["expires_at"] == made["created"] + 23 * 3600
    assert [(each["id"], each["quantity"]) for each in update["subscription_items"]] == [(item["id"], 3)]
    assert (update["trial_end"], update["billing_cycle_anchor"], update["metadata"]) == (None, None, {"plan": "big"})
    assert (await stripe.get(f"subscription_items/{item['id']}"))["quantity"] == 1
    invoice = await stripe.get(f"invoices/{changed['latest_invoice']}")
    assert (invoice["status"], invoice["next_payment_attempt"]) == ("open", None)
    types = (await stripe.event_types())[before:]
    assert types[-2:] == ["invoice.payment_failed", "customer.subscription.updated"]
    last = (await stripe.get("events", type="customer.subscription.updated", limit=1))["data"][0]["data"]
    assert last["previous_attributes"] == {"latest_invoice": made["latest_invoice"], "pending_update": None}

    refused = await stripe.error("POST", f"invoices/{invoice['id']}/pay", 402)
    assert refused["code"] == "card_declined"
    assert (await stripe.get(f"subscriptions/{made['id']}"))["pending_update"] == update
    await pays_with(stripe, customer, "pm_card_visa")
    await stripe.post(f"subscriptions/{made['id']}", metadata={"own": "kept"})
    before = len(await stripe.event_types())
    assert (await stripe.post(f"invoices/{invoice['id']}/pay"))["status"] == "paid"
    now = await stripe.get(f"subscriptions/{made['id']}")
    assert (now["pending_update"], now["quantity"], now["latest_invoice"]) == (None, 3, invoice["id"])
    assert now["metadata"] == {"own": "kept", "plan": "big"}
    assert (await stripe.get(f"subscription_items/{item['id']}"))["quantity"] == 3
    assert (await stripe.event_types())[before:][-2:] == [
        "customer.subscription.pending_update_applied",
        "customer.subscription.updated",
    ]


async def test_the_customer_authenticates(stripe: Stripe) -> None:
    _, made = await failing(stripe, "pm_card_authenticationRequired")
    changed = await more(stripe, made)
    assert changed["pending_update"] is not None
    invoice = await stripe.get(f"invoices/{changed['latest_invoice']}", expand=["payments"])
    intent = await stripe.get(f"payment_intents/{invoice['payments']['data'][0]['payment']['payment_intent']}")
    assert (invoice["status"], intent["status"]) == ("open", "requires_action")
    assert "invoice.payment_action_required" in await stripe.event_types()


async def test_another_one_takes_its_place(stripe: Stripe) -> None:
    customer, made = await failing(stripe)
    first, second = await more(stripe, made), await more(stripe, made, 5)
    assert first["latest_invoice"] != second["latest_invoice"]
    assert (await stripe.get(f"invoices/{first['latest_invoice']}"))["status"] == "void"
    assert second["pending_update"]["subscription_items"][0]["quantity"] == 5
    await pays_with(stripe, customer, "pm_card_visa")
    third = await more(stripe, made, 7)
    assert (third["quantity"], third["pending_update"]) == (7, None)


async def test_items_by_themselves_wait_as_well(stripe: Stripe) -> None:
    customer, made = await failing(stripe)
    item, other = made["items"]["data"][0], await price(stripe, 500)
    kept = await stripe.post(f"subscription_items/{item['id']}", quantity=4, **ASKED)
    assert (kept["id"], kept["quantity"]) == (item["id"], 1)
    added = await stripe.post("subscription_items", subscription=made["id"], price=other["id"], **ASKED)
    await stripe.get(f"subscription_items/{added['id']}", expect=404)
    waiting = await stripe.get(f"subscriptions/{made['id']}")
    assert len(waiting["pending_update"]["subscription_items"]) == 2
    await pays_with(stripe, customer, "pm_card_visa")
    await stripe.post(f"invoices/{waiting['latest_invoice']}/pay")
    assert (await stripe.get(f"subscription_items/{added['id']}"))["price"]["id"] == other["id"]


async def test_a_trial_ends_when_it_is_paid(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await subscribed(stripe, customer, await price(stripe), trial_period_days=7)
    await pays_with(stripe, customer, "pm_card_chargeCustomerFail")
    asked = {"payment_behavior": "pending_if_incomplete", "trial_end": "now"}
    waits = await stripe.post(f"subscriptions/{made['id']}", **asked)
    assert (waits["status"], waits["trial_end"]) == ("trialing", made["created"] + 7 * DAY)
    assert waits["pending_update"]["trial_end"] == made["created"]
    await pays_with(stripe, customer, "pm_card_visa")
    await stripe.post(f"invoices/{waits['latest_invoice']}/pay")
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"


async def test_what_cannot_be_pending(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await subscribed(stripe, customer, await price(stripe))
    path, item = f"subscriptions/{made['id']}", made["items"]["data"][0]["id"]
    before = stripe.records()
    refused = await stripe.error("POST", path, 400, description="x", **ASKED)
    assert (refused["type"], refused["param"]) == ("invalid_request_error", "description")
    wanted = [{"id": item, "tax_rates": ""}]
    assert (await stripe.error("POST", path, 400, items=wanted, **ASKED))["param"] == "items[0][tax_rates]"
    refused = await stripe.error("POST", f"subscription_items/{item}", 400, metadata={"a": "b"}, **ASKED)
    assert refused["param"] == "metadata"
    wanted = [{"price": made["items"]["data"][0]["price"]["id"]}]
    fresh = {"customer": customer["id"], "items": wanted, "payment_behavior": "pending_if_incomplete"}
    assert (await stripe.error("POST", "subscriptions", 400, **fresh))["param"] == "payment_behavior"
    assert stripe.records() == before
    sent = await subscribed(stripe, customer, await price(stripe), collection_method="send_invoice", days_until_due=3)
    refused = await stripe.error("POST", f"subscriptions/{sent['id']}", 400, metadata={"a": "b"}, **ASKED)
    assert refused["param"] == "payment_behavior"
