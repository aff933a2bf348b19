"""Sessions that were completed before their payment was."""

from __future__ import annotations

import pytest

from tests.clocks import HeldClock
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD, again, opened

DEBIT = {
    **CARD, "paymentMethod": "us_bank_account", "us_bank_account[routing_number]": "110000000",
    "us_bank_account[name]": "Ada",
}  # fmt: skip


@pytest.mark.parametrize(
    ("number", "event", "paid"),
    [("000123456789", "succeeded", "paid"), ("000111111113", "failed", "unpaid")],
)
async def test_the_banks_answer_is_told(stripe: Stripe, number: str, event: str, paid: str) -> None:
    made = await opened(
        stripe, allowed_payment_method_types=["card", "us_bank_account"], invoice_creation={"enabled": True}
    )
    await stripe.visit(made["url"], {**DEBIT, "us_bank_account[account_number]": number})
    done = await again(stripe, made)
    assert (done["status"], done["payment_status"], done["invoice"]) == ("complete", "unpaid", None)
    assert "checkout.session.completed" in await stripe.event_types()
    clock = stripe.harness.clock
    assert isinstance(clock, HeldClock)
    clock.advance(300)
    settled = await again(stripe, made)
    assert (settled["payment_status"], settled["invoice"] is not None) == (paid, paid == "paid")
    assert f"checkout.session.async_payment_{event}" in await stripe.event_types()
    before = await stripe.event_types()
    clock.advance(300)
    assert await stripe.event_types() == before
