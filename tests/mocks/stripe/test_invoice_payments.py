"""How an invoice is paid: https://docs.stripe.com/api/invoice-payment."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_the_payments_of_an_invoice(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    (payment,) = (await stripe.get("invoice_payments", invoice=made["latest_invoice"]))["data"]
    assert (payment["status"], payment["amount_paid"], payment["is_default"]) == ("paid", 2000, True)
    intent = await stripe.get(f"payment_intents/{payment['payment']['payment_intent']}")
    assert (intent["amount"], intent["description"]) == (2000, "Subscription creation")
    assert intent["setup_future_usage"] == "off_session"


async def test_an_intent_that_was_confirmed_pays_its_invoice_once(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await subscribed(stripe, customer, await price(stripe), payment_behavior="default_incomplete")
    (payment,) = (await stripe.get("invoice_payments", invoice=made["latest_invoice"]))["data"]
    path = f"payment_intents/{payment['payment']['payment_intent']}/confirm"
    before = len(await stripe.event_types())
    await stripe.post(path, payment_method="pm_card_visa", return_url="https://shop.example")
    types = (await stripe.event_types())[before:]
    assert [name for name in types if not name.startswith("payment_method")] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ]
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 2000)
    await stripe.error("POST", f"invoices/{invoice['id']}/pay", 400)
