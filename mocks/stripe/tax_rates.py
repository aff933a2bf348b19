"""Tax rates: https://docs.stripe.com/api/tax_rates (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import empty_param, invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged

KIND = "tax_rate"

PLAIN = ("country", "description", "jurisdiction", "state", "tax_type")


async def create(call: StripeCall) -> Object:
    rate = build(call, call.body)
    await call.state.put(KIND, rate["id"], rate)
    call.event("tax_rate.created", rate)
    return rate


def build(call: StripeCall, body: Mapping[str, Any]) -> Object:
    """A new rate; raises ServiceError."""
    if not body["display_name"].strip():
        raise empty_param("display_name")
    percentage = float(body["percentage"])
    if not 0 <= percentage <= 100:
        raise invalid("Invalid percentage: must be between 0 and 100.", param="percentage")
    return {
        "id": call.new_id("txr_1", 23),
        "object": KIND,
        "active": body.get("active", True),
        "country": given(body, "country"),
        "created": call.timestamp,
        "description": given(body, "description"),
        "display_name": body["display_name"],
        "effective_percentage": percentage,
        "flat_amount": None,
        "inclusive": body["inclusive"],
        "jurisdiction": given(body, "jurisdiction"),
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "percentage": percentage,
        "rate_type": "percentage",
        "state": given(body, "state"),
        "tax_type": given(body, "tax_type"),
    }


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("tax_rate"))


async def update(call: StripeCall) -> Object:
    """What a rate takes is not to be changed: https://docs.stripe.com/api/tax_rates/update."""
    body = call.body
    old = await call.named(KIND, call.path("tax_rate"))
    if "display_name" in body and not body["display_name"].strip():
        raise empty_param("display_name")
    changes: Object = {name: given(body, name) for name in PLAIN if name in body}
    changes |= {name: body[name] for name in ("active", "display_name") if name in body}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new, previous = changed(old, changes)
    await call.state.put(KIND, new["id"], new)
    if previous:
        call.event("tax_rate.updated", new, previous)
    return new


async def list_all(call: StripeCall) -> Object:
    wanted = {name: call.body[name] for name in ("active", "inclusive") if name in call.body}
    keep = (lambda rate: all(rate[name] == value for name, value in wanted.items())) if wanted else None
    return await page(call, KIND, keep=keep)
