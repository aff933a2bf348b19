"""What follows a payment: https://docs.stripe.com/testing#disputes."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe


@pytest.mark.parametrize(
    ("card", "event"),
    [
        ("createDispute", "charge.dispute.created"),
        ("createDisputeProductNotReceived", "charge.dispute.created"),
        ("createDisputeInquiry", "charge.dispute.created"),
        ("createIssuerFraudRecord", "radar.early_fraud_warning.created"),
        ("riskLevelElevated", "review.opened"),
    ],
)
@pytest.mark.parametrize("older", [True, False])
async def test_a_card_brings_what_it_is_for(stripe: Stripe, card: str, event: str, older: bool) -> None:
    if older:
        await stripe.post("charges", amount=700, currency="usd", source=f"tok_{card}")
    else:
        await stripe.pay(f"pm_card_{card}")
    assert (await stripe.event_types()).count(event) == 1


async def test_an_ordinary_card_brings_nothing(stripe: Stripe) -> None:
    await stripe.post("charges", amount=700, currency="usd", source="tok_visa")
    assert await stripe.event_types() == ["charge.succeeded"]
