"""How what is bought is sent: https://docs.stripe.com/payments/during-payment/charge-shipping (2026-11).

The first option is chosen until the customer takes another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import missing_param
from mocks.stripe.metadata import first

RATE = "shipping_rate"


async def options(call: StripeCall, sent: Any) -> list[Object]:
    """The options as a session shows them. Rates that the call brings are made. Raises ServiceError."""
    found = []
    for at, each in enumerate(sent or ()):
        param = f"shipping_options[{at}]"
        if each.get("shipping_rate"):
            rate = await call.referred(RATE, each["shipping_rate"], f"{param}[shipping_rate]")
        elif each.get("shipping_rate_data"):
            rate = await _made(call, each["shipping_rate_data"])
        else:
            raise missing_param(f"{param}[shipping_rate]")
        amount = (rate.get("fixed_amount") or {}).get("amount", 0)
        found.append({"shipping_amount": amount, "shipping_rate": rate["id"]})
    return found


async def _made(call: StripeCall, sent: Mapping[str, Any]) -> Object:
    rate: Object = {
        "id": call.new_id("shr_1", 23),
        "object": RATE,
        "active": True,
        "created": call.timestamp,
        "delivery_estimate": sent.get("delivery_estimate"),
        "display_name": sent["display_name"],
        "fixed_amount": sent.get("fixed_amount"),
        "livemode": False,
        "metadata": first(sent.get("metadata")),
        "tax_behavior": sent.get("tax_behavior", "unspecified"),
        "tax_code": sent.get("tax_code"),
        "type": "fixed_amount",
    }
    await call.state.put(RATE, rate["id"], rate)
    return rate


def cost(option: Object) -> Object:
    """``shipping_cost`` for the option that is chosen."""
    amount = option["shipping_amount"]
    return {"amount_subtotal": amount, "amount_tax": 0, "amount_total": amount,
            "shipping_rate": option["shipping_rate"]}  # fmt: skip
