"""Tokens of accounts and of persons: what a browser told Stripe of somebody, and not the platform.

https://docs.stripe.com/connect/account-tokens (2026-11). What was told is kept sealed until the token is used, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing

KIND = "legal_details"

#: Kind of the token -> the beginning of its id.
PREFIXES = {"account": "ct_1", "person": "cpt_1"}


async def keep(call: StripeCall, token: str, told: Mapping[str, Any]) -> None:
    """Store what a token stands for."""
    await call.state.put(KIND, token, {"sealed": call.seal(orjson.dumps(told).decode())})


async def told(call: StripeCall, name: str) -> Mapping[str, Any]:
    """The call's parameters with what the token told that the parameter ``name`` holds; the token is spent."""
    body = call.body
    key = body.get(name)
    if not key:
        return body
    platform = call.inside(None)
    token = await platform.state.get("token", key)
    kept = await platform.state.get(KIND, key)
    if token is None or kept is None:
        raise missing("token", key, name)
    if token["used"]:
        raise invalid(f"You cannot use a Stripe token more than once: {key}.", code="token_already_used", param=name)
    await platform.state.put("token", key, {**token, "used": True})
    details: Object = orjson.loads(platform.unseal(kept["sealed"]))
    if details.pop("tos_shown_and_accepted", False):
        details["tos_acceptance"] = {"date": call.timestamp, "ip": token["client_ip"]}
    return {**body, **details}
