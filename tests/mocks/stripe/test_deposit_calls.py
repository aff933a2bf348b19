"""Telling of small deposits."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.stripe import testbanks
from tests.mocks.stripe.client import Stripe

BANK = {"account_number": "000123456789", "routing_number": "110000000", "account_holder_type": "individual"}


def _sent(number: str = "000123456789") -> Any:
    return {
        "type": "us_bank_account",
        "us_bank_account": {**BANK, "account_number": number},
        "billing_details": {"name": "Jenny Rosen", "email": "jenny@example.com"},
    }


async def _asked(stripe: Stripe, **more: Any) -> Any:
    return await stripe.post(
        "payment_intents", amount=2000, currency="usd", confirm=True, payment_method_types=["us_bank_account"],
        **{"payment_method_data": _sent(), **more},
    )  # fmt: skip


async def test_a_payment_goes_on_when_the_owner_is_known(stripe: Stripe) -> None:
    intent = await _asked(stripe)
    action = intent["next_action"]
    assert (intent["status"], action["type"]) == ("requires_action", "verify_with_microdeposits")
    assert action["verify_with_microdeposits"]["microdeposit_type"] == "descriptor_code"
    path = f"payment_intents/{intent['id']}/verify_microdeposits"
    error = await stripe.error("POST", path, 400, amounts=[1, 2])
    assert (error["code"], error["param"]) == ("payment_method_microdeposit_verification_amounts_mismatch", "amounts")
    assert (await stripe.error("POST", path, 400))["code"] == "parameter_missing"
    error = await stripe.error("POST", path, 400, amounts=[32])
    assert error["code"] == "payment_method_microdeposit_verification_amounts_invalid"
    told = await stripe.post(path, amounts=[32, 45])
    assert (told["status"], told["next_action"]) == ("processing", None)
    stripe.wait(testbanks.SOON)
    assert (await stripe.get(f"payment_intents/{intent['id']}"))["status"] == "succeeded"
    error = await stripe.error("POST", path, 400, amounts=[32, 45])
    assert error["code"] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("told", "code"),
    [({"amounts": [10, 11]}, "attempts_exceeded"), ({"descriptor_code": "SM44DD"}, "timeout")],
)
async def test_an_owner_who_is_not_known_in_the_end(stripe: Stripe, told: Any, code: str) -> None:
    intent = await _asked(stripe)
    error = await stripe.error("POST", f"payment_intents/{intent['id']}/verify_microdeposits", 400, **told)
    assert error["code"] == f"payment_method_microdeposit_verification_{code}"
    failed = await stripe.get(f"payment_intents/{intent['id']}")
    assert (failed["status"], failed["last_payment_error"]["code"]) == ("requires_payment_method", error["code"])


async def test_a_code_may_be_wrong_three_times(stripe: Stripe) -> None:
    intent = await _asked(stripe)
    path = f"payment_intents/{intent['id']}/verify_microdeposits"
    codes = [(await stripe.error("POST", path, 400, descriptor_code="SM22BB"))["code"] for _ in range(3)]
    assert codes == ["payment_method_microdeposit_verification_descriptor_code_mismatch"] * 2 + [
        "payment_method_microdeposit_verification_attempts_exceeded"
    ]


async def test_a_saved_account_is_known_from_then_on(stripe: Stripe) -> None:
    customer = await stripe.customer()
    intent = await stripe.post(
        "setup_intents", customer=customer["id"], confirm=True, payment_method_types=["us_bank_account"],
        payment_method_data=_sent(), mandate_data={"customer_acceptance": {"type": "offline"}},
    )  # fmt: skip
    assert intent["next_action"]["type"] == "verify_with_microdeposits"
    saved = await stripe.post(f"setup_intents/{intent['id']}/verify_microdeposits", descriptor_code="SM11AA")
    assert (saved["status"], saved["mandate"]) == ("succeeded", intent["mandate"])
    paid = await stripe.pay(
        saved["payment_method"], customer=customer["id"], payment_method_types=["us_bank_account"], off_session=True
    )
    assert paid["status"] == "processing"


async def test_deposits_that_cannot_be_sent(stripe: Stripe) -> None:
    intent = await _asked(stripe, payment_method_data=_sent("000666666661"))
    stripe.wait(testbanks.SOON)
    failed = await stripe.get(f"payment_intents/{intent['id']}")
    assert failed["status"] == "requires_payment_method"
    assert failed["last_payment_error"]["code"] == "payment_method_microdeposit_failed"
