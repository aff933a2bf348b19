"""What tests of subscriptions and invoices begin with: a customer who can pay, and prices."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def payer(stripe: Stripe, method: str = "pm_card_visa", **more: Any) -> Any:
    """A customer whose invoices are paid with a payment method."""
    made = await stripe.customer(**more)
    attached = await stripe.post(f"payment_methods/{method}/attach", customer=made["id"])
    settings = {"default_payment_method": attached["id"]}
    return await stripe.post(f"customers/{made['id']}", invoice_settings=settings)


async def price(stripe: Stripe, amount: int = 2000, interval: str | None = "month", **more: Any) -> Any:
    """A price; a recurring one unless the interval is None."""
    recurring = {"recurring": {"interval": interval}} if interval else {}
    asked = {"currency": "usd", "unit_amount": amount, "product_data": {"name": "Tea"}, **recurring}
    return await stripe.post("prices", **{**asked, **more})


async def subscribed(stripe: Stripe, customer: Any, *prices: Any, expect: int = 200, **more: Any) -> Any:
    """A subscription to one of each price."""
    items = [{"price": each["id"]} for each in prices]
    return await stripe.post("subscriptions", expect=expect, customer=customer["id"], items=items, **more)


async def quoted(stripe: Stripe, customer: Any, *prices: Any, **more: Any) -> Any:
    """A quote of two of each price."""
    items = [{"price": each["id"], "quantity": 2} for each in prices]
    return await stripe.post("quotes", customer=customer["id"], line_items=items, **more)


async def opened(stripe: Stripe, customer: Any, *prices: Any, **more: Any) -> Any:
    """The same, finalized."""
    made = await quoted(stripe, customer, *prices, **more)
    return await stripe.post(f"quotes/{made['id']}/finalize")
