"""Transfers were payouts as well."""

from __future__ import annotations

from typing import Any

from mocks.stripe.versions.before_2017_04_06 import transfer
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2017-02-14"}


async def test_accounts_and_transfers(stripe: Stripe) -> None:
    account = await stripe.post("accounts", managed=True, transfer_schedule={"interval": "manual"}, headers=OLD)
    assert account["transfer_schedule"]["interval"] == "manual"
    assert account["transfers_enabled"] is False
    assert "payouts_enabled" not in account
    call: Any = None
    shown = await transfer(call, {"object": "transfer", "created": 5, "description": "x"})
    assert (shown["status"], shown["type"], shown["date"], shown["description"]) == ("paid", "stripe_account", 5, "x")
    assert await transfer(call, shown) is shown
