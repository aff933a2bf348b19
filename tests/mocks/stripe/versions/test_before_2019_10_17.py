"""Customers had ``account_balance``, invoices ``billing``."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_it_was_there_until_that_day(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}"
    assert "account_balance" in await stripe.get(path, headers={"Stripe-Version": "2019-10-08"})
    assert "account_balance" not in await stripe.get(path, headers={"Stripe-Version": "2019-10-17"})
    await stripe.delete(path)
    assert "account_balance" not in await stripe.get(path, headers={"Stripe-Version": "2019-10-08"})


async def test_the_balance_was_sent_by_that_name(stripe: Stripe) -> None:
    old = {"Stripe-Version": "2019-10-08"}
    assert (await stripe.post("customers", headers=old, account_balance=-500))["balance"] == -500
    await stripe.post("customers", expect=400, account_balance=-500)


async def test_how_an_invoice_is_collected_was_called_billing(stripe: Stripe) -> None:
    old = {"Stripe-Version": "2019-10-08"}
    customer = await stripe.customer()
    asked = {"customer": customer["id"], "billing": "send_invoice", "days_until_due": 3}
    made = await stripe.post("invoices", headers=old, **asked)
    assert (made["billing"], made["collection_method"]) == ("send_invoice", "send_invoice")
    listed = await stripe.get("invoices", headers=old, billing="charge_automatically")
    assert listed["data"] == []


async def test_a_subscription_had_a_start(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe), headers={"Stripe-Version": "2019-10-08"})
    assert (made["start"], made["billing"]) == (made["start_date"], "charge_automatically")
