"""Refunds: https://docs.stripe.com/refunds."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe


async def test_partly_then_all_then_no_more(stripe: Stripe) -> None:
    paid = await stripe.pay()
    part = await stripe.post("refunds", payment_intent=paid["id"], amount=500, reason="requested_by_customer")
    assert (part["amount"], part["status"], part["charge"]) == (500, "succeeded", paid["latest_charge"])
    moved = await stripe.get(f"balance_transactions/{part['balance_transaction']}")
    assert (moved["amount"], moved["fee"], moved["net"], moved["type"]) == (-500, 0, -500, "refund")
    too_much = await stripe.error("POST", "refunds", 400, charge=paid["latest_charge"], amount=1501)
    assert too_much["message"] == "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)"
    rest = await stripe.post("refunds", charge=paid["latest_charge"])
    assert rest["amount"] == 1500
    charge = await stripe.get(f"charges/{paid['latest_charge']}", expand=["refunds"])
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 2000)
    assert [refund["id"] for refund in charge["refunds"]["data"]] == [rest["id"], part["id"]]
    again = await stripe.error("POST", "refunds", 400, payment_intent=paid["id"])
    assert again["code"] == "charge_already_refunded"
    assert [item["id"] for item in (await stripe.get("refunds", charge=paid["latest_charge"]))["data"]] == [
        rest["id"], part["id"],
    ]  # fmt: skip
    assert (await stripe.event_types())[-4:] == ["charge.refunded", "refund.created"] * 2


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "parameter_missing"),
        ({"charge": "ch_none"}, "resource_missing"),
        ({"payment_intent": "pi_none"}, "resource_missing"),
    ],
)
async def test_what_to_refund_has_to_be_there(stripe: Stripe, params: dict[str, str], code: str) -> None:
    assert (await stripe.error("POST", "refunds", 400, **params))["code"] == code


async def test_an_unpaid_intent_has_nothing_to_refund(stripe: Stripe) -> None:
    made = await stripe.post("payment_intents", amount=2000, currency="usd")
    error = await stripe.error("POST", "refunds", 400, payment_intent=made["id"])
    assert "does not have a successful charge to refund" in error["message"]


async def test_cards_whose_refunds_take_time_or_fail(stripe: Stripe) -> None:
    slow = await stripe.pay("pm_card_pendingRefund")
    refund = await stripe.post("refunds", payment_intent=slow["id"])
    assert refund["status"] == "pending"
    assert (await stripe.get(f"refunds/{refund['id']}"))["status"] == "succeeded"
    failing = await stripe.pay("pm_card_refundFail")
    refund = await stripe.post("refunds", payment_intent=failing["id"])
    assert refund["status"] == "succeeded"
    failed = await stripe.get(f"refunds/{refund['id']}")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert (await stripe.get(f"charges/{failing['latest_charge']}"))["amount_refunded"] == 0


async def test_metadata_changes_and_only_waiting_refunds_are_canceled(stripe: Stripe) -> None:
    paid = await stripe.pay()
    refund = await stripe.post("refunds", payment_intent=paid["id"], metadata={"a": "1"})
    changed = await stripe.post(f"refunds/{refund['id']}", metadata={"b": "2"})
    assert changed["metadata"] == {"a": "1", "b": "2"}
    await stripe.error("POST", f"refunds/{refund['id']}/cancel", 400)
