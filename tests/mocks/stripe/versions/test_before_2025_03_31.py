"""Charges and intents named their invoice."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_invoice_is_null_without_one(stripe: Stripe) -> None:
    paid = await stripe.pay()
    for version, shown in (("2025-02-24.acacia", True), ("2025-03-31.basil", False)):
        headers = {"Stripe-Version": version}
        intent = await stripe.get(f"payment_intents/{paid['id']}", headers=headers)
        charge = await stripe.get(f"charges/{paid['latest_charge']}", headers=headers)
        assert ("invoice" in intent, "invoice" in charge) == (shown, shown)
