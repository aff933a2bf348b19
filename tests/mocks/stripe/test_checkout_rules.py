"""What a checkout session must not be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.stripe.checkout_rules import enough
from tests.mocks.stripe.client import Stripe

BACK = "https://shop.example/done"
TEA = {"price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Tea"}}}


async def _refused(stripe: Stripe, **more: Any) -> dict[str, Any]:
    asked = {"mode": "payment", "success_url": BACK, "line_items": [TEA], **more}
    return await stripe.error("POST", "checkout/sessions", 400, **asked)


async def test_what_is_for_another_mode(stripe: Stripe) -> None:
    refused = await _refused(stripe, subscription_data={"metadata": {"a": "b"}})
    assert (refused["param"], refused["message"]) == (
        "subscription_data",
        "You can not pass `subscription_data` in `payment` mode.",
    )
    assert (await _refused(stripe, mode="setup"))["param"] == "line_items"
    bare = await stripe.error("POST", "checkout/sessions", 400, mode="setup", success_url=BACK)
    assert bare["param"] == "currency"
    both = await _refused(stripe, allow_promotion_codes=True, discounts=[{"coupon": "none"}])
    assert both["code"] == "parameters_exclusive"


@pytest.mark.parametrize("address", ["shop", "/done", "javascript://x/%0aalert(1)", "data://text/html,x"])
async def test_addresses_lead_somewhere(stripe: Stripe, address: str) -> None:
    refused = await _refused(stripe, success_url=address)
    assert (refused["code"], refused["param"]) == ("url_invalid", "success_url")


async def test_an_applications_own_scheme_is_fine(stripe: Stripe) -> None:
    made = await stripe.post("checkout/sessions", mode="payment", success_url="myshop://done", line_items=[TEA])
    assert made["success_url"] == "myshop://done"
    embedded = await _refused(stripe, ui_mode="embedded_page")
    assert embedded["param"] == "success_url"


async def test_a_session_ends_within_a_day(stripe: Stripe) -> None:
    now = int(stripe.harness.clock.now().timestamp())
    assert "at least 30 minutes" in (await _refused(stripe, expires_at=now + 60))["message"]
    assert "less than 24 hours" in (await _refused(stripe, expires_at=now + 2 * 86_400))["message"]
    made = await stripe.post(
        "checkout/sessions", mode="payment", success_url=BACK, line_items=[TEA], expires_at=now + 3600
    )
    assert made["expires_at"] == now + 3600


def test_too_little_is_not_paid() -> None:
    enough("payment", 0, "usd")
    enough("subscription", 20, "usd")
    with pytest.raises(ServiceError, match=r"at least \$0\.50 usd"):
        enough("payment", 20, "usd")
