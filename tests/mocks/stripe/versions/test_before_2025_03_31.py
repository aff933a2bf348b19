"""An invoice had one payment, a subscription one period and one discount."""

from __future__ import annotations

from mocks.stripe.versions.before_2025_03_31 import SENT
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2025-02-24.acacia"}
BASIL = {"Stripe-Version": "2025-03-31.basil"}


async def test_invoice_is_null_without_one(stripe: Stripe) -> None:
    paid = await stripe.pay()
    for version, shown in (("2025-02-24.acacia", True), ("2025-03-31.basil", False)):
        headers = {"Stripe-Version": version}
        intent = await stripe.get(f"payment_intents/{paid['id']}", headers=headers)
        charge = await stripe.get(f"charges/{paid['latest_charge']}", headers=headers)
        assert ("invoice" in intent, "invoice" in charge) == (shown, shown)


async def test_an_invoice_and_its_payment_name_each_other(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}", headers=OLD)
    assert invoice["paid"] is True
    assert invoice["paid_out_of_band"] is False
    assert invoice["subscription"] == made["id"]
    intent = await stripe.get(f"payment_intents/{invoice['payment_intent']}", headers=OLD)
    assert intent["invoice"] == invoice["id"]
    assert intent["latest_charge"] == invoice["charge"]
    charge = await stripe.get(f"charges/{invoice['charge']}", headers=OLD, expand=["invoice"])
    assert charge["invoice"]["id"] == invoice["id"]
    today = await stripe.get(f"invoices/{made['latest_invoice']}", headers=BASIL)
    assert not {"paid", "payment_intent", "charge", "subscription", "tax", "discount"} & set(today)


async def test_the_payment_is_expanded_where_it_stood(stripe: Stripe) -> None:
    customer, tea = await payer(stripe), await price(stripe)
    asked = {"payment_behavior": "default_incomplete", "expand": ["latest_invoice.payment_intent"]}
    made = await subscribed(stripe, customer, tea, headers=OLD, **asked)
    assert made["latest_invoice"]["payment_intent"]["client_secret"]
    assert made["latest_invoice"]["payment_intent"]["invoice"] == made["latest_invoice"]["id"]
    error = await subscribed(stripe, customer, tea, headers=BASIL, expect=400, **asked)
    assert error["error"]["message"].startswith("This property cannot be expanded (latest_invoice.payment_intent)")


async def test_a_subscription_had_the_period(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    shown = await stripe.get(f"subscriptions/{made['id']}", headers=OLD)
    item = shown["items"]["data"][0]
    assert (shown["current_period_end"], shown["discount"]) == (item["current_period_end"], None)
    assert "current_period_end" not in await stripe.get(f"subscriptions/{made['id']}", headers=BASIL)


async def test_lines_and_items_named_their_price(stripe: Stripe) -> None:
    customer, tea = await payer(stripe), await price(stripe)
    made = await subscribed(stripe, customer, tea)
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}", headers=OLD)
    (line,) = invoice["lines"]["data"]
    assert (line["type"], line["price"]["id"], line["plan"]["id"]) == ("subscription", tea["id"], tea["id"])
    assert (line["subscription"], line["proration"]) == (made["id"], False)
    once = await price(stripe, interval=None)
    item = await stripe.post("invoiceitems", headers=OLD, customer=customer["id"], price=once["id"])
    assert (item["price"]["id"], item["plan"], item["unit_amount"]) == (once["id"], None, 2000)


async def test_out_of_band_was_told(stripe: Stripe) -> None:
    made = await subscribed(
        stripe, await payer(stripe), await price(stripe), collection_method="send_invoice", days_until_due=3
    )
    path = f"invoices/{made['latest_invoice']}"
    await stripe.post(f"{path}/pay", paid_out_of_band=True)
    shown = await stripe.get(path, headers=OLD)
    assert (shown["paid"], shown["paid_out_of_band"], shown["charge"]) == (True, True, None)


def test_one_coupon_becomes_the_first_discount() -> None:
    change = SENT["subscriptions.create"]
    assert change([(("coupon",), "tea"), (("customer",), "cus")]) == [
        (("discounts", "0", "coupon"), "tea"),
        (("customer",), "cus"),
    ]
    assert change([(("coupon",), "")]) == [(("discounts",), "")]


async def test_checkout_had_its_shipping_beside(stripe: Stripe) -> None:
    asked = {"mode": "setup", "currency": "usd", "success_url": "https://a.example"}
    assert (await stripe.post("checkout/sessions", headers=OLD, **asked))["shipping_details"] is None


async def test_how_usage_added_up(stripe: Stripe) -> None:
    made = await price(stripe)
    old = await stripe.get(f"prices/{made['id']}", headers=OLD)
    assert old["recurring"]["aggregate_usage"] is None
    assert (await stripe.get(f"plans/{made['id']}", headers=OLD))["aggregate_usage"] is None
    assert "aggregate_usage" not in (await stripe.get(f"prices/{made['id']}", headers=BASIL))["recurring"]
    once = await price(stripe, interval=None)
    assert (await stripe.get(f"prices/{once['id']}", headers=OLD))["recurring"] is None
