"""Setup intents: https://docs.stripe.com/api/setup_intents (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import ServiceError
from mocks.stripe import banks, confirmation, intents, mandates, microdeposits, payment_methods, plastic
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import exclusive, invalid, uncancelable, unexpected_state
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.refusals import doc_url
from mocks.stripe.testcards import Decline

KIND = "setup_intent"
ATTEMPT = "setup_attempt"
#: When the bank wants to see whose card is saved.
SHOWN = ("required", "always", "unless_set_up", "set_up")
CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


async def create(call: StripeCall) -> Object:
    body = call.body
    if body.get("payment_method") and body.get("payment_method_data"):
        raise exclusive("payment_method", "payment_method_data")
    if given(body, "customer"):
        await call.referred("customer", body["customer"], "customer")
    method = await intents.method_of(call, body, given(body, "customer"), None)
    intent = build(call, body, method)
    if method is not None:
        intents.allowed_type(intent, method)
    confirm = body.get("confirm", False)
    if confirm:
        _ready(call, intent, method)
    if method is not None:
        await payment_methods.store(call, method)
    call.event("setup_intent.created", intent)
    if confirm and method is not None:
        return await attempt(call, intent, method)
    await store(call, intent)
    return intent


def build(call: StripeCall, body: Mapping[str, Any], method: Object | None) -> Object:
    """A new setup intent from its parameters; not stored yet."""
    key = call.new_id("seti_1", 23)
    offered = intents.offered(call, body)
    return {
        "id": key,
        "object": KIND,
        "application": None,
        "automatic_payment_methods": offered.automatic,
        "cancellation_reason": None,
        "client_secret": f"{key}_secret_{call.new_id('', 31)}",
        "created": call.timestamp,
        "customer": given(body, "customer"),
        "customer_account": None,
        "description": given(body, "description"),
        "excluded_payment_method_types": given(body, "excluded_payment_method_types"),
        "flow_directions": given(body, "flow_directions"),
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": first(body.get("metadata")),
        "next_action": None,
        "on_behalf_of": given(body, "on_behalf_of"),
        "payment_method": method["id"] if method else None,
        "payment_method_configuration_details": offered.configuration,
        "payment_method_options": intents.options(offered.types, body.get("payment_method_options"), setup=True),
        "payment_method_types": offered.types,
        "single_use_mandate": None,
        "status": "requires_confirmation" if method else "requires_payment_method",
        "usage": body.get("usage", "off_session"),
    }


async def store(call: StripeCall, intent: Object) -> None:
    """Write a setup intent."""
    index = {name: intent[name] for name in ("customer", "payment_method") if intent[name]}
    await call.state.put(KIND, intent["id"], intent, index)


def _ready(call: StripeCall, intent: Object, method: Object | None) -> None:
    if method is None:
        raise invalid(
            "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a "
            "payment method and then confirm it again.",
            code="setup_intent_unexpected_state",
        )
    confirmation.ready(call, intent, method)


async def retrieve(call: StripeCall) -> Object:
    intent = await call.named(KIND, call.path("intent"))
    intents.matching_secret(call, intent)
    return intent


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("intent"))
    _changeable(old, "update")
    changes: Object = {name: given(body, name) for name in ("description", "flow_directions") if name in body}
    if "customer" in body:
        changes["customer"] = given(body, "customer")
        if changes["customer"]:
            await call.referred("customer", changes["customer"], "customer")
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    named = intents.named_types(call, body)
    if named:
        changes["payment_method_types"] = named
    if body.get("payment_method_options"):
        types = changes.get("payment_method_types") or old["payment_method_types"]
        changes["payment_method_options"] = intents.options(
            types, body["payment_method_options"], old["payment_method_options"], setup=True
        )
    new, _ = changed(old, changes)
    method = await intents.method_of(call, body, new["customer"], old)
    if method is not None:
        intents.allowed_type(new, method)
        await payment_methods.store(call, method)
        new = {**new, "payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    await store(call, new)
    return new


def _changeable(intent: Object, what: str) -> None:
    if intent["status"] not in CHANGEABLE:
        raise unexpected_state(
            f"You cannot {what} this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent "
            "with one "
            f"of the following statuses may be {what.removesuffix('e')}ed: {', '.join(CHANGEABLE)}."
            if intent["status"] != "succeeded" or what != "confirm"
            else "You cannot confirm this SetupIntent because it has already succeeded.",
            intent,
        )


async def confirm(call: StripeCall) -> Object:
    old = await call.named(KIND, call.path("intent"))
    intents.matching_secret(call, old)
    _changeable(old, "confirm")
    method = await intents.method_of(call, call.body, old["customer"], old)
    if method is None and old["payment_method"]:
        method = await call.state.get(payment_methods.KIND, old["payment_method"])
    if old["status"] == "requires_action" and method is not None and method["id"] == old["payment_method"]:
        return old
    _ready(call, old, method)
    if method is None:
        raise TypeError("an intent without a payment method is not ready")
    intents.allowed_type(old, method)
    return await attempt(call, old, method)


async def attempt(call: StripeCall, intent: Object, method: Object) -> Object:
    """Save the payment method, as far as it goes now. Raises a kept 402 where its bank says no."""
    terms = confirmation.Terms.of(call.body)
    if method["type"] == "card":
        method = {**method, "card": plastic.verified(method["card"])}
        test = plastic.behind(method["card"])
        if test is not None and test.authentication in SHOWN and not call.authenticated:
            return await _wait(call, intent, method, terms)
        if test is not None and test.declined is not None and not test.attachable:
            raise await _refuse(call, intent, method, test.declined)
    elif await microdeposits.needed(call, method):
        given = await mandates.given(call, intent, method)
        return await _wait(call, {**intent, **given}, method, terms, microdeposits.action(call, intent, method))
    elif method["type"] not in banks.DELAYED | banks.DIRECT and not call.authenticated:
        return await _wait(call, intent, method, terms)
    return await succeed(call, intent, method)


async def _wait(
    call: StripeCall, intent: Object, method: Object, terms: confirmation.Terms, action: Object | None = None
) -> Object:
    await payment_methods.store(call, method)
    waiting = {
        **intent,
        "latest_attempt": await _attempted(call, intent, method, "requires_action"),
        "next_action": action or confirmation.next_action(intent, terms, confirmation.bank_page(call, intent)),
        "payment_method": method["id"],
        "status": "requires_action",
    }
    await store(call, waiting)
    call.event("setup_intent.requires_action", waiting)
    return waiting


async def succeed(call: StripeCall, intent: Object, method: Object) -> Object:
    """The payment method is saved. Stored."""
    if intent["customer"] and not method["customer"]:
        method = await payment_methods.attach_to(call, method, intent["customer"])
    else:
        await payment_methods.store(call, method)
    if intent["usage"] == "off_session":
        await payment_methods.remember(call, method["id"], off_session=True)
    done = {
        **intent,
        "last_setup_error": None,
        "latest_attempt": await _attempted(call, intent, method, "succeeded"),
        **await mandates.given(call, intent, method),
        "next_action": None,
        "payment_method": method["id"],
        "status": "succeeded",
    }
    await store(call, done)
    call.event("setup_intent.succeeded", done)
    return done


async def _refuse(call: StripeCall, intent: Object, method: Object, decline: Decline) -> ServiceError:
    await payment_methods.store(call, method)
    error = {
        **plastic.card_error(decline),
        "code": decline.code,
        "doc_url": doc_url(decline.code),
        "message": decline.message,
        "payment_method": method,
    }
    error = dict(sorted(error.items()))
    failed = {
        **intent,
        "last_setup_error": error,
        "latest_attempt": await _attempted(call, intent, method, "failed", error),
        "payment_method": None,
        "status": "requires_payment_method",
    }
    await store(call, failed)
    call.event("setup_intent.setup_failed", failed)
    details = {**plastic.card_error(decline), "setup_intent": failed, "payment_method": method}
    return ServiceError(402, decline.code, decline.message, details=details, keep=True)


async def unproved(call: StripeCall, intent: Object) -> Object:
    """The customer's bank did not recognise the customer:
    https://docs.stripe.com/error-codes#setup-intent-authentication-failure."""
    method = await call.referred(payment_methods.KIND, intent["payment_method"], "payment_method")
    error = {
        "code": "setup_intent_authentication_failure",
        "doc_url": doc_url("setup_intent_authentication_failure"),
        "message": "The latest attempt to set up the payment method has failed because authentication failed.",
        "payment_method": method,
        "type": "invalid_request_error",
    }
    failed = {
        **intent,
        "last_setup_error": error,
        "latest_attempt": await _attempted(call, intent, method, "failed", error),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    await store(call, failed)
    call.event("setup_intent.setup_failed", failed)
    return failed


async def _attempted(call: StripeCall, intent: Object, method: Object, status: str, error: Object | None = None) -> str:
    """Store the attempt, with what it failed of; answers its id."""
    key = call.new_id("setatt_1", 23)
    details: Mapping[str, Any] = {"type": method["type"], method["type"]: {}}
    if method["type"] == "card":
        card = method["card"]
        shown = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
        details = {
            "card": {**{name: card[name] for name in shown}, "network": card["brand"], "three_d_secure": None},
            "type": "card",
        }
    attempt: Object = {
        "id": key,
        "object": ATTEMPT,
        "application": None,
        "created": call.timestamp,
        "customer": intent["customer"],
        "customer_account": None,
        "flow_directions": None,
        "livemode": False,
        "on_behalf_of": intent["on_behalf_of"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "setup_error": error,
        "setup_intent": intent["id"],
        "status": status,
        "usage": intent["usage"],
    }
    await call.state.put(ATTEMPT, key, attempt, {"setup_intent": intent["id"]})
    return key


async def cancel(call: StripeCall) -> Object:
    intent = await call.named(KIND, call.path("intent"))
    if intent["status"] not in CHANGEABLE:
        raise uncancelable("SetupIntent", intent, CHANGEABLE)
    canceled = {
        **intent,
        "cancellation_reason": call.body.get("cancellation_reason"),
        "next_action": None,
        "status": "canceled",
    }
    await store(call, canceled)
    call.event("setup_intent.canceled", canceled)
    return canceled


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("customer", "payment_method") if call.body.get(name)}
    return await page(call, KIND, where or None)


async def list_attempts(call: StripeCall) -> Object:
    intent = await call.referred(KIND, call.body["setup_intent"], "setup_intent")
    return await page(call, ATTEMPT, {"setup_intent": intent["id"]})
