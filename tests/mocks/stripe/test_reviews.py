"""Reviews and warnings of fraud: https://docs.stripe.com/radar/testing."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_risky_payment_waits_for_a_review(stripe: Stripe) -> None:
    paid = await stripe.pay("pm_card_riskLevelElevated")
    (review,) = (await stripe.get("reviews"))["data"]
    assert (review["open"], review["payment_intent"]) == (True, paid["id"])
    charge = await stripe.get(f"charges/{review['charge']}")
    assert (charge["outcome"]["risk_level"], charge["review"]) == ("elevated", review["id"])
    assert (await stripe.get(f"payment_intents/{paid['id']}"))["review"] == review["id"]
    approved = await stripe.post(f"reviews/{review['id']}/approve")
    assert (approved["open"], approved["closed_reason"]) == (False, "approved")
    assert (await stripe.get("reviews"))["data"] == []
    await stripe.error("POST", f"reviews/{review['id']}/approve", 400)
    types = await stripe.event_types()
    assert [name for name in types if name.startswith("review")] == ["review.opened", "review.closed"]


async def test_a_refund_closes_the_review(stripe: Stripe) -> None:
    await stripe.pay("pm_card_riskLevelElevated")
    (review,) = (await stripe.get("reviews"))["data"]
    await stripe.post("refunds", charge=review["charge"], reason="fraudulent")
    assert (await stripe.get(f"reviews/{review['id']}"))["closed_reason"] == "refunded_as_fraud"


async def test_a_warning_of_fraud(stripe: Stripe) -> None:
    paid = await stripe.pay("pm_card_createIssuerFraudRecord")
    (warning,) = (await stripe.get("radar/early_fraud_warnings", payment_intent=paid["id"]))["data"]
    assert (await stripe.get(f"radar/early_fraud_warnings/{warning['id']}"))["charge"] == paid["latest_charge"]
    assert "radar.early_fraud_warning.created" in await stripe.event_types()
