"""Sessions that nobody paid, taken up again: https://docs.stripe.com/payments/checkout/abandoned-carts (2026-11).

An expired session whose ``after_expiration`` asks for it has an address that opens a copy of it, for thirty days.
"""

from __future__ import annotations

from mocks.stripe import checkout_sessions, setup_intents
from mocks.stripe.calls import Object, StripeCall


async def open_again(call: StripeCall, old: Object) -> Object | None:
    """A copy of an expired session, open for a day; None where it cannot be recovered, or not any more. Stored."""
    recovery = (old["after_expiration"] or {}).get("recovery") or {}
    if old["status"] != "expired" or not recovery.get("url") or recovery["expires_at"] <= call.timestamp:
        return None
    key = call.new_id("cs_test_", 58)
    copy = {
        **old,
        "id": key,
        "after_expiration": None,
        "allow_promotion_codes": recovery["allow_promotion_codes"],
        "created": call.timestamp,
        "expires_at": call.timestamp + checkout_sessions.DAY,
        "payment_intent": None,
        "recovered_from": old["id"],
        "status": "open",
        "url": call.hosted(f"c/pay/{key}"),
    }
    if old["setup_intent"]:
        copy["setup_intent"] = await _again(call, old)
    details = await call.named(checkout_sessions.HIDDEN, old["id"])
    await checkout_sessions.begin(call, copy, details)
    return copy


async def _again(call: StripeCall, old: Object) -> str:
    before = await call.named(setup_intents.KIND, old["setup_intent"])
    asked = {name: before[name] for name in ("customer", "description", "metadata")}
    intent = setup_intents.build(call, asked, None)
    await setup_intents.store(call, intent)
    call.event("setup_intent.created", intent)
    return str(intent["id"])
