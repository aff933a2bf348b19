"""What a payment under way waits for."""

from __future__ import annotations

from mocks.stripe import testbanks
from tests.mocks.stripe.client import Stripe


async def test_a_new_attempt_replaces_what_was_expected(stripe: Stripe) -> None:
    slow = await stripe.pay("pm_failedDelayed_de", currency="eur", payment_method_types=["sepa_debit", "card"])
    path = f"payment_intents/{slow['id']}"
    stripe.wait(testbanks.LATER - 1)
    assert (await stripe.get(path))["status"] == "processing"
    stripe.wait(1)
    assert (await stripe.get(path))["status"] == "requires_payment_method"
    again = await stripe.post(f"{path}/confirm", payment_method="pm_success_de")
    assert again["status"] == "processing"
    stripe.wait(testbanks.SOON)
    assert (await stripe.get(path))["status"] == "succeeded"


async def test_a_canceled_payment_waits_for_nothing(stripe: Stripe) -> None:
    paid = await stripe.pay("pm_usBankAccount", payment_method_types=["us_bank_account"])
    await stripe.post(f"payment_intents/{paid['id']}/cancel")
    stripe.wait(days=1)
    assert (await stripe.get(f"payment_intents/{paid['id']}"))["status"] == "canceled"
    assert (await stripe.get(f"charges/{paid['latest_charge']}"))["status"] == "failed"
    assert (await stripe.get("balance"))["available"][0]["amount"] == 0
