"""Ephemeral keys and customer sessions: what a page or an app may show a customer of its own things, for a while.

https://docs.stripe.com/api/customer_sessions and https://docs.stripe.com/payments/mobile/accept-payment (2026-11).
"""

from __future__ import annotations

from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import exclusive, invalid

KIND = "ephemeral_key"
HOUR = 60 * 60
SESSION_MINUTES = 30

#: Parameter -> (kind of the record, name of the associated object).
OWNERS = {
    "customer": ("customer", "customer"),
    "issuing_card": ("issuing.card", "issuing.card"),
    "verification_session": ("identity.verification_session", "identity.verification_session"),
}

#: Component -> its features that can be allowed, and what holds without a word.
COMPONENTS: dict[str, Object | None] = {
    "active_entitlements": None,
    "buy_button": None,
    "customer_portal": None,
    "customer_sheet": {
        "payment_method_allow_redisplay_filters": ["always"],
        "payment_method_remove": "disabled",
    },
    "mobile_payment_element": {
        "payment_method_allow_redisplay_filters": ["always"],
        "payment_method_redisplay": "disabled",
        "payment_method_remove": "disabled",
        "payment_method_save": "disabled",
        "payment_method_save_allow_redisplay_override": None,
    },
    "payment_element": {
        "payment_method_allow_redisplay_filters": ["always"],
        "payment_method_redisplay": "disabled",
        "payment_method_redisplay_limit": 3,
        "payment_method_remove": "disabled",
        "payment_method_save": "disabled",
        "payment_method_save_usage": None,
    },
    "pricing_table": None,
}


async def create(call: StripeCall) -> Object:
    """A key for one customer, card or session; the caller has to say which version its app speaks."""
    if "stripe-version" not in call.request.headers:
        raise invalid(
            "Please provide the Stripe-Version header when creating ephemeral keys; it has to be the version that your "
            "mobile SDK expects."
        )
    sent = [name for name in OWNERS if call.body.get(name)]
    if len(sent) > 1:
        raise exclusive(*sent)
    if not sent:
        raise invalid(
            "You must provide one of: customer, issuing_card, verification_session.", code="parameter_missing"
        )
    kind, noun = OWNERS[sent[0]]
    owner = await call.referred(kind, call.body[sent[0]], sent[0])
    key: Object = {
        "id": call.new_id("ephkey_1", 23),
        "object": KIND,
        "associated_objects": [{"id": owner["id"], "type": noun}],
        "created": call.timestamp,
        "expires": call.timestamp + HOUR,
        "livemode": False,
    }
    await call.state.put(KIND, key["id"], key)
    return {**key, "secret": call.new_id("ek_test_", 80)}


async def delete(call: StripeCall) -> Object:
    key = await call.named(KIND, call.path("key"))
    await call.state.delete(KIND, key["id"])
    return {**key, "expires": call.timestamp}


async def create_session(call: StripeCall) -> Object:
    """A customer session; nothing reads it but the provider's own script."""
    if not call.body.get("customer"):
        raise invalid("Missing required param: customer.", code="parameter_missing", param="customer")
    customer = await call.referred("customer", call.body["customer"], "customer")
    asked = call.body["components"]
    if not any((part or {}).get("enabled") for part in asked.values()):
        raise invalid("At least one component must be enabled.", param="components")
    return {
        "object": "customer_session",
        "client_secret": call.new_id("cuss_secret_", 60),
        "components": {name: _component(asked.get(name), features) for name, features in COMPONENTS.items()},
        "created": call.timestamp,
        "customer": customer["id"],
        "customer_account": None,
        "expires_at": call.timestamp + SESSION_MINUTES * 60,
        "livemode": False,
    }


def _component(asked: Any, features: Object | None) -> Object:
    enabled = bool((asked or {}).get("enabled"))
    if features is None:
        return {"enabled": enabled}
    return {"enabled": enabled, "features": {**features, **((asked or {}).get("features") or {})} if enabled else None}
