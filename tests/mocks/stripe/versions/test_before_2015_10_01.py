"""Accounts had bank accounts."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2015-09-23"}
BANK = {"country": "US", "currency": "usd", "account_number": "000123456789", "routing_number": "110000000"}


async def test_bank_accounts(stripe: Stripe) -> None:
    bank = {"object": "bank_account", **BANK}
    made = await stripe.post("accounts", managed=True, country="US", bank_account=bank, headers=OLD)
    assert [each["last4"] for each in made["bank_accounts"]["data"]] == ["6789"]
    assert made["bank_accounts"]["url"] == f"/v1/accounts/{made['id']}/bank_accounts"
    assert "external_accounts" not in made
    listed = await stripe.get(f"accounts/{made['id']}/bank_accounts", headers=OLD)
    assert len(listed["data"]) == 1
