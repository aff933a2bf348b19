"""Sessions that were completed before their payment was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.stripe import checkout_settled
from mocks.stripe.calls import StripeCall
from mocks.stripe.pages.markup import document
from mocks.stripe.pages.stage import staged
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD, again, opened

DEBIT = {
    **CARD, "paymentMethod": "us_bank_account", "us_bank_account[routing_number]": "110000000",
    "us_bank_account[account_number]": "000123456789", "us_bank_account[name]": "Ada",
}  # fmt: skip


async def _told(stripe: Stripe, intent: Any) -> None:
    """As when the bank has answered."""

    async def show(call: StripeCall, refused: ServiceError | None) -> Any:
        await checkout_settled.answered(call, intent)
        return document("", "")

    service = stripe.harness.service
    stripe.harness.service = replace(service, pages=lambda request: staged(show, None))
    await stripe.harness.visit("GET", "/")
    stripe.harness.service = service


@pytest.mark.parametrize(
    ("status", "event", "paid"),
    [("succeeded", "succeeded", "paid"), ("requires_payment_method", "failed", "unpaid")],
)
async def test_the_banks_answer_is_told(stripe: Stripe, status: str, event: str, paid: str) -> None:
    made = await opened(stripe, allowed_payment_method_types=["card", "us_bank_account"])
    await stripe.visit(made["url"], DEBIT)
    done = await again(stripe, made)
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    intent = {"id": done["payment_intent"], "status": status}
    await _told(stripe, intent)
    assert (await stripe.event_types())[-1] == f"checkout.session.async_payment_{event}"
    assert (await again(stripe, made))["payment_status"] == paid
    before = await stripe.event_types()
    await _told(stripe, intent)
    assert await stripe.event_types() == before
