"""External accounts: https://docs.stripe.com/api/external_accounts."""

from __future__ import annotations

import pytest

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_another_bank_becomes_the_default_and_the_first_can_go(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    path = f"accounts/{account['id']}/external_accounts"
    first = account["external_accounts"]["data"][0]
    stuck = await stripe.error("DELETE", f"{path}/{first['id']}", 400)
    assert "default external account" in stuck["message"]
    token = await stripe.post(
        "tokens", bank_account={name: connect.BANK[name] for name in connect.BANK if name != "object"}
    )
    second = await stripe.post(path, external_account=token["id"], metadata={"k": "v"})
    assert (second["default_for_currency"], second["metadata"]) == (False, {"k": "v"})
    await stripe.error("POST", path, 400, external_account=token["id"])
    changed = await stripe.post(f"{path}/{second['id']}", default_for_currency=True)
    assert changed["default_for_currency"] is True
    assert (await stripe.get(f"{path}/{first['id']}"))["default_for_currency"] is False
    gone = await stripe.delete(f"{path}/{first['id']}")
    assert gone == {"id": first["id"], "object": "bank_account", "deleted": True, "currency": "usd"}
    assert [each["id"] for each in (await stripe.get(path))["data"]] == [second["id"]]
    types = [each["type"] for each in (await stripe.get("events", headers=connect.on(account["id"])))["data"]]
    assert {"account.external_account.created", "account.external_account.deleted"} <= set(types)
    assert "000123456789" not in str(stripe.records())


async def test_a_debit_card_is_one_too(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    path = f"accounts/{account['id']}/external_accounts"
    card = await stripe.post(path, external_account="tok_visa_debit")
    assert (card["object"], card["account"]) == ("card", account["id"])
    for kind, count in (("card", 1), ("bank_account", 1)):
        assert len((await stripe.get(path, object=kind))["data"]) == count


@pytest.mark.parametrize("id", ["ba_none", "card_none"])
async def test_a_missing_one_is_missed(stripe: Stripe, id: str) -> None:
    account = await connect.account(stripe)
    error = await stripe.error("GET", f"accounts/{account['id']}/external_accounts/{id}", 404)
    assert error["code"] == "resource_missing"
