"""Payment intents waited for sources."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2018-11-08"}


async def test_statuses_and_what_comes_next(stripe: Stripe) -> None:
    made = await stripe.post("payment_intents", headers=OLD, amount=500, currency="usd", allowed_source_types=["card"])
    assert (made["status"], made["next_source_action"]) == ("requires_source", None)
    assert (made["allowed_source_types"], "next_action" in made) == (["card"], False)
    newer = await stripe.get(f"payment_intents/{made['id']}", headers={"Stripe-Version": "2019-02-11"})
    assert newer["status"] == "requires_payment_method"
