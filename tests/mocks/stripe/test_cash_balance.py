"""Cash balances: https://docs.stripe.com/api/cash_balance."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe


async def test_transfers_add_up(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/cash_balance"
    assert (await stripe.get(path))["available"] is None
    fund = f"test_helpers/customers/{customer['id']}/fund_cash_balance"
    first = await stripe.post(fund, amount=500, currency="usd", reference="R1")
    second = await stripe.post(fund, amount=200, currency="usd")
    assert (first["ending_balance"], second["ending_balance"]) == (500, 700)
    assert first["funded"]["bank_transfer"]["reference"] == "R1"
    assert (await stripe.get(path))["available"] == {"usd": 700}
    lines = f"customers/{customer['id']}/cash_balance_transactions"
    assert [each["id"] for each in (await stripe.get(lines))["data"]] == [second["id"], first["id"]]
    assert (await stripe.get(f"{lines}/{first['id']}"))["net_amount"] == 500
    shown = await stripe.get(f"customers/{customer['id']}", expand=["cash_balance"])
    assert shown["cash_balance"]["available"] == {"usd": 700}
    assert (await stripe.event_types())[1:3] == [
        "customer_cash_balance_transaction.created",
        "cash_balance.funds_available",
    ]


async def test_settings_and_refusals(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/cash_balance"
    changed = await stripe.post(path, settings={"reconciliation_mode": "manual"})
    assert changed["settings"] == {"reconciliation_mode": "manual", "using_merchant_default": False}
    back = await stripe.post(path, settings={"reconciliation_mode": "merchant_default"})
    assert back["settings"] == {"reconciliation_mode": "automatic", "using_merchant_default": True}
    fund = f"test_helpers/customers/{customer['id']}/fund_cash_balance"
    assert (await stripe.error("POST", fund, 400, amount=0, currency="usd"))["param"] == "amount"
    assert (await stripe.error("POST", fund, 400, amount=5, currency="sek"))["param"] == "currency"


@pytest.mark.parametrize(
    ("kind", "currency"), [("us", "usd"), ("eu", "eur"), ("gb", "gbp"), ("jp", "jpy"), ("mx", "mxn")]
)
async def test_each_currency_has_its_transfer(stripe: Stripe, kind: str, currency: str) -> None:
    customer = await stripe.customer()
    funded = await stripe.post(
        f"test_helpers/customers/{customer['id']}/fund_cash_balance", amount=500, currency=currency
    )
    assert funded["funded"]["bank_transfer"]["type"] == f"{kind}_bank_transfer"
