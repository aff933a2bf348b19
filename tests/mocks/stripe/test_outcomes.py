"""What the bank and Stripe thought of a payment: https://docs.stripe.com/api/charges/object."""

from __future__ import annotations

from mocks.stripe import outcomes
from mocks.stripe.testcards import NAMED


def test_of_a_card() -> None:
    assert outcomes.of_card(None)["type"] == "authorized"
    decline = NAMED["chargeDeclined"].declined
    assert outcomes.of_card(decline)["type"] == "issuer_declined"


def test_of_a_bank() -> None:
    assert outcomes.of_bank()["type"] == "authorized"
    assert outcomes.of_bank("blocked")["type"] == "blocked"
