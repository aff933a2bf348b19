"""A page about an intent shows it to whoever has its client secret, and to nobody else."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe


@pytest.mark.parametrize("other", ["", "pi_1_secret_2", None])
async def test_a_wrong_secret_shows_nothing(stripe: Stripe, other: str | None) -> None:
    intent = await stripe.post(
        "payment_intents",
        amount=2000,
        currency="usd",
        payment_method="pm_card_threeDSecure2Required",
        confirm=True,
        return_url="https://shop.example/",
    )
    address = intent["next_action"]["redirect_to_url"]["url"]
    assert (await stripe.visit(address)).status == 200
    own = f"client_secret={intent['client_secret']}"
    assert own in address
    wrong = address.replace(own, "" if other is None else f"client_secret={other}")
    assert (await stripe.visit(wrong, expect=404)).status == 404
