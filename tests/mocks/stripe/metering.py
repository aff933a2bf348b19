"""What tests of metered use begin with: a meter, its price and its events."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def meter(stripe: Stripe, formula: str = "sum", expect: int = 200, **more: Any) -> Any:
    """A meter of the event ``calls``."""
    asked = {"display_name": "API calls", "event_name": "calls", "default_aggregation": {"formula": formula}}
    return await stripe.post("billing/meters", expect=expect, **{**asked, **more})


async def metered(stripe: Stripe, one: Any, expect: int = 200, **more: Any) -> Any:
    """A monthly price of five cents a call, or of what else is asked for."""
    recurring = {"interval": "month", "usage_type": "metered", "meter": one["id"]}
    asked = {"currency": "usd", "product_data": {"name": "Calls"}, "recurring": recurring}
    return await stripe.post("prices", expect=expect, **{**asked, **(more or {"unit_amount": 5})})


async def used(stripe: Stripe, customer: Any, value: object, expect: int = 200, **more: Any) -> Any:
    """Something was used."""
    payload = {"stripe_customer_id": customer["id"], "value": str(value)}
    asked = {"event_name": "calls", "payload": payload, **more}
    return await stripe.post("billing/meter_events", expect=expect, **asked)
