"""Reversals: https://docs.stripe.com/api/transfer_reversals."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def sent(stripe: Stripe, amount: int = 1000) -> tuple[Any, Any]:
    """An account, and a transfer to it."""
    account = await connect.account(stripe)
    await connect.funded(stripe)
    return account, await stripe.post("transfers", amount=amount, currency="usd", destination=account["id"])


async def test_a_part_comes_back_then_the_rest_then_no_more(stripe: Stripe) -> None:
    account, transfer = await sent(stripe)
    before = await connect.available(stripe)
    path = f"transfers/{transfer['id']}/reversals"
    part = await stripe.post(path, amount=300, metadata={"why": "late"})
    assert (part["amount"], part["transfer"], part["metadata"]) == (300, transfer["id"], {"why": "late"})
    back = await stripe.get(f"refunds/{part['destination_payment_refund']}", headers=connect.on(account["id"]))
    assert (back["amount"], back["source_transfer_reversal"]) == (300, part["id"])
    assert await connect.available(stripe) == before + 300
    assert await connect.available(stripe, account["id"]) == 700
    too_much = await stripe.error("POST", path, 400, amount=701)
    assert too_much["message"].endswith("is greater than unreversed amount on transfer ($7.00)")
    rest = await stripe.post(path)
    shown = await stripe.get(f"transfers/{transfer['id']}")
    assert (shown["amount_reversed"], shown["reversed"], shown["reversals"]["total_count"]) == (1000, True, 2)
    assert [each["id"] for each in shown["reversals"]["data"]] == [rest["id"], part["id"]]
    assert [each["id"] for each in (await stripe.get(path))["data"]] == [rest["id"], part["id"]]
    assert "already fully reversed" in (await stripe.error("POST", path, 400))["message"]
    assert (await stripe.event_types())[-2:] == ["transfer.reversed"] * 2
    moved = await stripe.get(f"balance_transactions/{part['balance_transaction']}")
    assert (moved["type"], moved["reporting_category"]) == ("transfer_refund", "transfer_reversal")


async def test_what_the_account_has_paid_out_does_not_come_back(stripe: Stripe) -> None:
    account, transfer = await sent(stripe)
    await stripe.post("payouts", amount=900, currency="usd", headers=connect.on(account["id"]))
    error = await stripe.error("POST", f"transfers/{transfer['id']}/reversals", 400)
    assert error["code"] == "balance_insufficient"


async def test_a_reversal_is_found_below_its_transfer_only(stripe: Stripe) -> None:
    account, transfer = await sent(stripe)
    reversal = await stripe.post(f"transfers/{transfer['id']}/reversals", amount=1)
    other = await stripe.post("transfers", amount=100, currency="usd", destination=account["id"])
    path = f"transfers/{transfer['id']}/reversals/{reversal['id']}"
    changed = await stripe.post(path, metadata={"k": "v"})
    assert await stripe.get(path) == changed
    assert (await stripe.get(f"transfers/{transfer['id']}"))["reversals"]["data"][0]["metadata"] == {"k": "v"}
    await stripe.error("GET", f"transfers/{other['id']}/reversals/{reversal['id']}", 404)
    await stripe.error("POST", "transfers/tr_none/reversals", 404)
