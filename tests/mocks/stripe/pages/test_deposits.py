"""The page where a customer tells of small deposits."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def _waiting(stripe: Stripe, kind: str = "us_bank_account") -> tuple[Any, str]:
    details = {"account_number": "000123456789"}
    details |= (
        {"routing_number": "110000000"}
        if kind == "us_bank_account"
        else {"institution_number": "000", "transit_number": "11000"}
    )
    method = {"type": kind, kind: details, "billing_details": {"name": "Jenny", "email": "jenny@example.com"}}
    intent = await stripe.post(
        "payment_intents", amount=2000, currency="usd" if kind == "us_bank_account" else "cad", confirm=True,
        payment_method_types=[kind], payment_method_data=method,
    )  # fmt: skip
    return intent, intent["next_action"]["verify_with_microdeposits"]["hosted_verification_url"]


async def test_a_code(stripe: Stripe) -> None:
    intent, there = await _waiting(stripe)
    assert "descriptor_code" in (await stripe.visit(there)).body.decode()
    wrong = await stripe.visit(there, {"descriptor_code": "SM22BB"}, expect=400)
    assert "does not match" in wrong.body.decode()
    assert "is verified" in (await stripe.visit(there, {"descriptor_code": "SM11AA"}, expect=200)).body.decode()
    assert (await stripe.get(f"payment_intents/{intent['id']}"))["status"] == "processing"
    assert "Nothing to do" in (await stripe.visit(there)).body.decode()


async def test_amounts(stripe: Stripe) -> None:
    intent, there = await _waiting(stripe, "acss_debit")
    assert "in cents" in (await stripe.visit(there, {"first": "a", "second": "b"}, expect=400)).body.decode()
    await stripe.visit(there, {"first": "45", "second": "32"}, expect=200)
    assert (await stripe.get(f"payment_intents/{intent['id']}"))["status"] == "processing"


async def test_the_secret_lets_people_in(stripe: Stripe) -> None:
    _, there = await _waiting(stripe)
    assert (await stripe.visit(there.partition("?")[0], expect=404)).status == 404
