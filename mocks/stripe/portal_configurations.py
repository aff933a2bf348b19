"""What a customer may do in the billing portal: https://docs.stripe.com/api/customer_portal/configurations
(2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import checkout_rules
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed, given
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged

KIND = "billing_portal.configuration"
#: Which products a customer may change to: {"products"}. Only shown on request.
HIDDEN = "billing_portal.configuration_products"
REASONS = ("too_expensive", "missing_features", "switched_service", "unused", "other")

#: Every feature, switched off.
FEATURES: dict[str, Object] = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": []},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False},
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
#: What the account's own configuration allows, as if somebody had saved the dashboard's form.
USUAL: Object = {
    "customer_update": {"allowed_updates": ["email", "address", "phone"], "enabled": True},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"cancellation_reason": {"enabled": True, "options": list(REASONS)}, "enabled": True},
}


async def create(call: StripeCall) -> Object:
    body = call.body
    checkout_rules.valid(given(body, "default_return_url"), "default_return_url")
    made = _new(call, body)
    await _store(call, made)
    await _keep_products(call, made["id"])
    call.event("billing_portal.configuration.created", made)
    return made


def _new(call: StripeCall, body: Mapping[str, Any], *, default: bool = False) -> Object:
    key = call.new_id("bpc_1", 23)
    asks = bool((body.get("login_page") or {}).get("enabled"))
    return {
        "id": key,
        "object": KIND,
        "active": True,
        "application": None,
        "business_profile": _profile(body.get("business_profile"), None),
        "created": call.timestamp,
        "default_return_url": given(body, "default_return_url"),
        "features": _features(body.get("features"), FEATURES),
        "is_default": default,
        "livemode": False,
        "login_page": {"enabled": asks, "url": call.hosted(f"p/login/{key}") if asks else None},
        "metadata": first(body.get("metadata")),
        "name": given(body, "name"),
        "updated": call.timestamp,
    }


def _profile(sent: Any, old: Mapping[str, Any] | None) -> Object:
    names = ("headline", "privacy_policy_url", "terms_of_service_url")
    known = {**dict.fromkeys(names), **(old or {})}
    return {**known, **{name: value or None for name, value in (sent or {}).items()}}


def _features(sent: Any, old: Mapping[str, Object]) -> Object:
    """Each feature with what was sent of it; an empty string clears a member."""
    found: Object = {}
    for name, known in old.items():
        told = {key: None if value == "" else value for key, value in ((sent or {}).get(name) or {}).items()}
        for inner in ("cancellation_reason", "duration"):
            if told.get(inner):
                told[inner] = dict(known[inner]) | dict(told[inner] or {})
        for listed in ("allowed_updates", "default_allowed_updates"):
            if listed in told:
                told[listed] = told[listed] or []
        # Which products a customer may change to is only shown on request.
        told.pop("products", None)
        found[name] = {**known, **told}
    return found


async def _store(call: StripeCall, made: Object) -> None:
    index = {name: "true" if made[name] else "false" for name in ("active", "is_default")}
    await call.state.put(KIND, made["id"], made, index)


async def _keep_products(call: StripeCall, key: str) -> None:
    sent = ((call.body.get("features") or {}).get("subscription_update") or {}).get("products")
    if sent is not None:
        await call.state.put(HIDDEN, key, {"products": list(sent or ())})


async def products_of(call: StripeCall, configuration: str) -> list[Object]:
    """The products and prices that customers may change to."""
    found: list[Object] = (await call.state.get(HIDDEN, configuration) or {}).get("products", [])
    return found


async def default(call: StripeCall) -> Object:
    """The account's own configuration; it is there from its first use on."""
    found = await call.state.page(KIND, where={"is_default": "true"}, limit=1)
    if found:
        return found[0]
    made = _new(call, {"features": USUAL}, default=True)
    await _store(call, made)
    return made


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("configuration"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("configuration"))
    if body.get("active") is False and old["is_default"]:
        raise invalid("You cannot deactivate the default configuration.", param="active")
    checkout_rules.valid(given(body, "default_return_url"), "default_return_url")
    changes: Object = {name: given(body, name) for name in ("default_return_url", "name") if name in body}
    if "active" in body:
        changes["active"] = body["active"]
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("business_profile"):
        changes["business_profile"] = _profile(body["business_profile"], old["business_profile"])
    if body.get("features"):
        changes["features"] = _features(body["features"], old["features"])
    if body.get("login_page"):
        asks = body["login_page"]["enabled"]
        changes["login_page"] = {"enabled": asks, "url": call.hosted(f"p/login/{old['id']}") if asks else None}
    new, previous = changed(old, {**changes, "updated": call.timestamp})
    await _store(call, new)
    await _keep_products(call, old["id"])
    if previous:
        call.event("billing_portal.configuration.updated", new, previous)
    return new


async def list_all(call: StripeCall) -> Object:
    names = ("active", "is_default")
    where = {name: "true" if call.body[name] else "false" for name in names if name in call.body}
    return await page(call, KIND, where or None)


HANDLERS: Mapping[str, StripeHandler] = {
    "billing_portal.configurations.create": create,
    "billing_portal.configurations.list": list_all,
    "billing_portal.configurations.retrieve": retrieve,
    "billing_portal.configurations.update": update,
}
