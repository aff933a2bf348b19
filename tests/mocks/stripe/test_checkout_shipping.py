"""How what is bought is sent."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe

TEA = {"price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Tea"}}}
FAST = {"display_name": "Fast", "type": "fixed_amount", "fixed_amount": {"amount": 500, "currency": "usd"}}


async def test_the_first_option_counts(stripe: Stripe) -> None:
    asked: dict[str, Any] = {"mode": "payment", "success_url": "https://shop.example/", "line_items": [TEA]}
    made = await stripe.post("checkout/sessions", **asked, shipping_options=[{"shipping_rate_data": FAST}])
    (option,) = made["shipping_options"]
    assert (option["shipping_amount"], made["shipping_cost"]["shipping_rate"]) == (500, option["shipping_rate"])
    assert (made["amount_subtotal"], made["amount_total"]) == (700, 1200)
    rate = option["shipping_rate"]
    again = await stripe.post("checkout/sessions", **asked, shipping_options=[{"shipping_rate": rate}])
    assert again["shipping_options"] == [option]
    assert (await stripe.get(f"shipping_rates/{rate}"))["display_name"] == "Fast"
    other = {"shipping_rate_data": {**FAST, "fixed_amount": {"amount": 100, "currency": "usd"}}}
    changed = await stripe.post(f"checkout/sessions/{made['id']}", shipping_options=[other])
    assert changed["amount_total"] == 800


async def test_an_option_needs_a_rate(stripe: Stripe) -> None:
    asked: dict[str, Any] = {"mode": "payment", "success_url": "https://shop.example/", "line_items": [TEA]}
    missing = await stripe.error(
        "POST", "checkout/sessions", 400, **asked, shipping_options=[{"shipping_rate": "shr_none"}]
    )
    assert missing["param"] == "shipping_options[0][shipping_rate]"
