"""How a subscription begins: https://docs.stripe.com/billing/subscriptions/overview."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_a_paid_subscription_is_active(stripe: Stripe) -> None:
    customer, monthly = await payer(stripe), await price(stripe)
    made = await subscribed(stripe, customer, monthly, metadata={"a": "b"})
    assert (made["status"], made["quantity"], made["plan"]["id"]) == ("active", 1, monthly["id"])
    assert (made["items"]["total_count"], made["items"]["data"][0]["price"]) == (1, monthly)
    assert made["automatic_tax"]["enabled"] is False
    assert made["billing_mode"]["type"] == "flexible"
    assert made["cancellation_details"] == {"comment": None, "feedback": None, "reason": None}
    assert made["payment_settings"]["save_default_payment_method"] == "off"
    assert await stripe.get(f"subscriptions/{made['id']}") == made
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 2000)
    assert invoice["billing_reason"] == "subscription_create"
    assert (await stripe.event_types())[-6:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.created",
    ]


async def test_several_items_have_no_plan_together(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe), await price(stripe, 500))
    assert (made["plan"], made["items"]["total_count"]) == (None, 2)
    assert (await stripe.get(f"invoices/{made['latest_invoice']}"))["total"] == 2500


async def test_without_a_payment_method_there_is_none(stripe: Stripe) -> None:
    customer, monthly = await stripe.customer(), await price(stripe)
    asked = {"customer": customer["id"], "items": [{"price": monthly["id"]}]}
    refused = await stripe.error("POST", "subscriptions", 400, **asked)
    assert (refused["code"], "no attached payment source" in refused["message"]) == ("resource_missing", True)
    assert (await stripe.get("subscriptions", customer=customer["id"]))["data"] == []
    free = await stripe.post("subscriptions", **{**asked, "items": [{"price": (await price(stripe, 0))["id"]}]})
    assert free["status"] == "active"


async def test_a_card_pays_as_a_source_too(stripe: Stripe) -> None:
    customer = await stripe.customer(source="tok_visa")
    assert (await subscribed(stripe, customer, await price(stripe)))["status"] == "active"


async def test_a_trial_begins_with_nothing_to_pay(stripe: Stripe) -> None:
    made = await subscribed(stripe, await stripe.customer(), await price(stripe), trial_period_days=7)
    assert (made["status"], made["trial_end"] - made["trial_start"]) == ("trialing", 7 * 86_400)
    assert made["items"]["data"][0]["current_period_end"] == made["trial_end"] == made["billing_cycle_anchor"]
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert (invoice["status"], invoice["total"]) == ("paid", 0)
    assert invoice["lines"]["data"][0]["description"] == "Trial period for Tea"
    over = await stripe.post(f"subscriptions/{made['id']}", trial_end="now")
    assert (over["status"], over["billing_cycle_anchor"]) == ("past_due", over["trial_end"])


async def test_an_incomplete_one_waits_for_its_first_payment(stripe: Stripe) -> None:
    waiting = await subscribed(
        stripe,
        await stripe.customer(),
        await price(stripe),
        payment_behavior="default_incomplete",
        expand=["latest_invoice.confirmation_secret", "latest_invoice.payments"],
    )
    assert waiting["status"] == "incomplete"
    invoice = waiting["latest_invoice"]
    assert (invoice["status"], invoice["payments"]["data"][0]["status"]) == ("open", "open")
    assert invoice["confirmation_secret"]["client_secret"].startswith("pi_")


async def test_a_declined_first_payment(stripe: Stripe) -> None:
    customer = await payer(stripe, "pm_card_chargeCustomerFail")
    made = await subscribed(stripe, customer, await price(stripe))
    assert made["status"] == "incomplete"
    assert (await stripe.get(f"invoices/{made['latest_invoice']}"))["attempt_count"] == 1
    refused = await stripe.error(
        "POST",
        "subscriptions",
        402,
        customer=customer["id"],
        items=[{"price": (await price(stripe))["id"]}],
        payment_behavior="error_if_incomplete",
    )
    assert refused["code"] == "card_declined"


async def test_what_a_subscription_needs(stripe: Stripe) -> None:
    customer, once = await payer(stripe), await price(stripe, interval=None)

    async def refused(**params: object) -> tuple[str | None, str | None]:
        error = await stripe.error("POST", "subscriptions", 400, **params)
        return error.get("code"), error.get("param")

    items = [{"price": once["id"]}]
    assert await refused(customer="cus_none", items=items) == ("resource_missing", "customer")
    assert await refused(customer=customer["id"]) == ("parameter_missing", "items")
    assert await refused(items=items) == ("parameter_missing", "customer")
    unknown = [{"price": "price_none"}]
    assert await refused(customer=customer["id"], items=unknown) == ("resource_missing", "items[0][price]")
    assert await refused(customer=customer["id"], items=items) == (None, "items[0][price]")
    loose = await stripe.post("payment_methods", type="card", card={"token": "tok_visa"})
    monthly = [{"price": (await price(stripe))["id"]}]
    assert await refused(customer=customer["id"], items=monthly, default_payment_method=loose["id"]) == (
        "resource_missing",
        "default_payment_method",
    )
