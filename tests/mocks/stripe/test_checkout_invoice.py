"""The invoice of what was paid once."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD, again, opened

WANTED = {"enabled": True, "invoice_data": {"description": "Thanks", "metadata": {"order": "7"}}}


async def _paid(stripe: Stripe, **more: Any) -> Any:
    made = await opened(stripe, invoice_creation=WANTED, **more)
    await stripe.visit(made["url"], CARD)
    done = await again(stripe, made)
    return done, await stripe.get(f"invoices/{done['invoice']}", expand=["payments"])


async def test_a_payment_has_its_invoice(stripe: Stripe) -> None:
    done, invoice = await _paid(stripe)
    assert (invoice["status"], invoice["amount_paid"], invoice["customer"]) == ("paid", 1500, done["customer"])
    assert (invoice["description"], invoice["metadata"]) == ("Thanks", {"order": "7"})
    (payment,) = invoice["payments"]["data"]
    assert payment["payment"]["payment_intent"] == done["payment_intent"]
    types = await stripe.event_types()
    assert types[-1] == "checkout.session.completed"
    assert [each for each in types if each.startswith("invoice.")] == [
        "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
    ]  # fmt: skip
    assert len((await stripe.get("payment_intents"))["data"]) == 1


async def test_its_total_is_what_was_paid(stripe: Stripe) -> None:
    coupon = await stripe.post("coupons", percent_off=10, duration="once")
    rate = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": {"amount": 500, "currency": "usd"}}
    done, invoice = await _paid(
        stripe, discounts=[{"coupon": coupon["id"]}], shipping_options=[{"shipping_rate_data": rate}]
    )
    assert done["amount_total"] == 1850
    assert (invoice["total"], invoice["amount_due"], invoice["amount_shipping"]) == (1850, 1850, 500)
    assert invoice["lines"]["data"][0]["amount"] == 1350


async def test_nothing_to_pay_has_one_too(stripe: Stripe) -> None:
    free = await price(stripe, 0, None)
    _, invoice = await _paid(stripe, line_items=[{"price": free["id"], "quantity": 1}])
    assert (invoice["status"], invoice["total"]) == ("paid", 0)
