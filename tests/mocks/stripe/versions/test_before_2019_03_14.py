"""Invoices had a date."""

from __future__ import annotations

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe


async def test_date_and_finalization(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await stripe.post("invoices", headers={"Stripe-Version": "2019-02-19"}, customer=customer["id"])
    assert (made["date"], made["finalized_at"], made["application_fee"]) == (made["created"], None, None)
    assert "date" not in await stripe.get(f"invoices/{made['id']}", headers={"Stripe-Version": "2019-03-14"})


async def test_without_payment_there_was_no_subscription(stripe: Stripe) -> None:
    customer = await stripe.post("customers", source="tok_chargeCustomerFail")
    asked = {"customer": customer["id"], "items": [{"price": (await price(stripe))["id"]}]}
    refused = await stripe.post("subscriptions", expect=402, headers={"Stripe-Version": "2019-02-19"}, **asked)
    assert refused["error"]["code"] == "card_declined"
    assert (await stripe.post("subscriptions", headers={"Stripe-Version": "2019-03-14"}, **asked))[
        "status"
    ] == "incomplete"
