"""Disputes: https://docs.stripe.com/testing#disputes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.stripe.client import Stripe


async def disputed(stripe: Stripe, card: str = "pm_card_createDispute") -> Any:
    paid = await stripe.pay(card)
    (dispute,) = (await stripe.get("disputes", payment_intent=paid["id"]))["data"]
    return dispute


async def since(stripe: Stripe, type: str) -> list[str]:
    """The types of the events after the last of that type."""
    types = await stripe.event_types()
    return types[len(types) - types[::-1].index(type) :]


async def net(stripe: Stripe) -> int:
    """The sum of all movements of the balance."""
    return sum(line["net"] for line in (await stripe.get("balance_transactions", limit=100))["data"])


async def test_a_test_card_is_disputed_at_once(stripe: Stripe) -> None:
    dispute = await disputed(stripe)
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == ("needs_response", "fraudulent", 2000)
    charge = await stripe.get(f"charges/{dispute['charge']}")
    assert charge["disputed"] is True
    (line,) = dispute["balance_transactions"]
    assert (line["amount"], line["fee"], line["net"], line["reporting_category"]) == (-2000, 1500, -3500, "dispute")
    assert await net(stripe) == 2000 - 88 - 3500
    events = await since(stripe, "payment_intent.succeeded")
    assert events[:2] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    error = await stripe.error("POST", "refunds", 400, charge=charge["id"])
    assert error["code"] == "charge_disputed"


async def test_winning_evidence(stripe: Stripe) -> None:
    dispute = await disputed(stripe)
    path = f"disputes/{dispute['id']}"
    waiting = await stripe.post(path, evidence={"customer_name": "Ada"}, submit=False)
    assert (waiting["status"], waiting["evidence_details"]["has_evidence"]) == ("needs_response", True)
    sent = await stripe.post(path, evidence={"uncategorized_text": "winning_evidence"})
    assert (sent["status"], sent["evidence_details"]["submission_count"]) == ("under_review", 1)
    won = await stripe.get(path)
    assert won["status"] == "won"
    assert [line["amount"] for line in won["balance_transactions"]] == [-2000, 2000]
    assert await net(stripe) == 2000 - 88 - 1500
    types = ["charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert (await stripe.event_types())[-3:] == types
    await stripe.error("POST", path, 400, evidence={"uncategorized_text": "more"})


async def test_losing_evidence_and_giving_in(stripe: Stripe) -> None:
    first = await disputed(stripe)
    await stripe.post(f"disputes/{first['id']}", evidence={"uncategorized_text": "losing_evidence"})
    assert (await stripe.get(f"disputes/{first['id']}"))["status"] == "lost"
    second = await disputed(stripe, "pm_card_createDisputeProductNotReceived")
    assert second["reason"] == "product_not_received"
    assert (await stripe.post(f"disputes/{second['id']}/close"))["status"] == "lost"
    await stripe.error("POST", f"disputes/{second['id']}/close", 400)
    assert (await stripe.event_types())[-1] == "charge.dispute.closed"


async def test_an_inquiry_moves_no_money_until_it_is_escalated(stripe: Stripe) -> None:
    inquiry = await disputed(stripe, "pm_card_createDisputeInquiry")
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])
    path = f"disputes/{inquiry['id']}"
    await stripe.post(path, evidence={"uncategorized_text": "escalate_inquiry_evidence"})
    escalated = await stripe.get(path)
    assert (escalated["status"], len(escalated["balance_transactions"])) == ("needs_response", 1)
    other = await disputed(stripe, "pm_card_createDisputeInquiry")
    await stripe.post("refunds", charge=other["charge"])
    await stripe.post(f"disputes/{other['id']}", evidence={"uncategorized_text": "winning_evidence"})
    assert (await stripe.get(f"disputes/{other['id']}"))["status"] == "warning_closed"


async def test_metadata_alone_submits_nothing(stripe: Stripe) -> None:
    dispute = await disputed(stripe)
    told = await stripe.post(f"disputes/{dispute['id']}", metadata={"order": "1"})
    assert (told["status"], told["metadata"]) == ("needs_response", {"order": "1"})
    error = await stripe.error("POST", f"disputes/{dispute['id']}", 400, evidence={"receipt": "file_nobody"})
    assert error["param"] == "evidence[receipt]"


@pytest.mark.parametrize("by_intent", [True, False])
async def test_a_captured_payment_is_disputed_too(stripe: Stripe, by_intent: bool) -> None:
    if by_intent:
        held = await stripe.pay("pm_card_createDispute", capture_method="manual")
        assert (await stripe.get("disputes"))["data"] == []
        await stripe.post(f"payment_intents/{held['id']}/capture", amount_to_capture=500)
    else:
        held = await stripe.post("charges", amount=700, currency="usd", source="tok_createDispute", capture=False)
        await stripe.post(f"charges/{held['id']}/capture", amount=500)
    (dispute,) = (await stripe.get("disputes"))["data"]
    assert dispute["amount"] == 500
