"""Payment intents: https://docs.stripe.com/api/payment_intents (2026-11).

How a confirmed one goes on is in ``confirmation.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import charges, confirmation, destinations, intents, money, payment_methods, scope
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.emails import email
from mocks.stripe.errors import exclusive, invalid, missing_param, uncancelable, unexpected_state
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import nonempty, parcel

KIND = "payment_intent"

#: Parameters that are stored as they come; an empty string clears them.
PLAIN = (
    "application_fee_amount", "description", "on_behalf_of", "setup_future_usage",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
)  # fmt: skip

#: Parameters that change what is paid and with what: only before the payment is under way.
MATERIAL = (
    "amount", "currency", "payment_method", "payment_method_data", "payment_method_types",
    "allowed_payment_method_types", "capture_method",
)  # fmt: skip
CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")


async def create(call: StripeCall) -> Object:
    body = call.body
    currency = money.known_currency(body["currency"])
    money.chargeable(body["amount"], currency)
    await destinations.check(call, body, body["amount"], "PaymentIntent")
    if body.get("payment_method") and body.get("payment_method_data"):
        raise exclusive("payment_method", "payment_method_data")
    confirm = body.get("confirm", False)
    for name in ("off_session", "return_url", "error_on_requires_action", "mandate_data", "use_stripe_sdk"):
        if name in ("off_session", "return_url", "error_on_requires_action") and body.get(name) and not confirm:
            raise invalid(f"You can only pass `{name}` when `confirm` is true.", param=name)
    if given(body, "customer"):
        await call.referred("customer", body["customer"], "customer")
    method = await intents.method_of(call, body, given(body, "customer"), None)
    intent = build(call, body, currency, method)
    if method is not None:
        intents.allowed_type(intent, method)
    if confirm:
        confirmation.ready(call, intent, method)
    call.event("payment_intent.created", intent)
    if confirm and method is not None:
        return await confirmation.attempt(call, intent, method, confirmation.Terms.of(body))
    if method is not None:
        await payment_methods.store(call, method)
    await store(call, intent)
    return intent


def build(call: StripeCall, body: Mapping[str, Any], currency: str, method: Object | None) -> Object:
    """A new payment intent from its parameters; not stored yet."""
    key = call.new_id("pi_3", 23)
    offered = intents.offered(call, body)
    return {
        "id": key,
        "object": KIND,
        "amount": body["amount"],
        "amount_capturable": 0,
        "amount_details": amount_details(body.get("amount_details")),
        "amount_received": 0,
        "application": scope.application(call) if call.account else None,
        "application_fee_amount": given(body, "application_fee_amount"),
        "automatic_payment_methods": offered.automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": body.get("capture_method")
        or ("automatic" if call.version < "2024-04-10" else "automatic_async"),
        "client_secret": f"{key}_secret_{call.new_id('', 25)}",
        "confirmation_method": body.get("confirmation_method", "automatic"),
        "created": call.timestamp,
        "currency": currency,
        "customer": given(body, "customer"),
        "customer_account": None,
        "description": given(body, "description"),
        "excluded_payment_method_types": given(body, "excluded_payment_method_types"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "next_action": None,
        "on_behalf_of": given(body, "on_behalf_of"),
        # Of an intent that was told none the answer has no such member (seen).
        **({"payment_details": details(body["payment_details"], None)} if body.get("payment_details") else {}),
        "payment_method": method["id"] if method else None,
        "payment_method_configuration_details": offered.configuration,
        "payment_method_options": intents.options(offered.types, body.get("payment_method_options")),
        "payment_method_types": offered.types,
        "processing": None,
        "receipt_email": email(body, "receipt_email"),
        "review": None,
        "setup_future_usage": given(body, "setup_future_usage"),
        "shipping": parcel(body.get("shipping")),
        "source": None,
        "statement_descriptor": given(body, "statement_descriptor"),
        "statement_descriptor_suffix": given(body, "statement_descriptor_suffix"),
        "status": "requires_confirmation" if method else "requires_payment_method",
        "transfer_data": transfer_of(body.get("transfer_data")),
        # A destination charge has a group from the beginning (seen).
        "transfer_group": given(body, "transfer_group") or (f"group_{key}" if body.get("transfer_data") else None),
    }


def amount_details(sent: Any) -> Object:
    """What an answer shows of them; the line items have a list of their own."""
    found = nonempty(sent or {})
    return {"tip": {}, **{name: found[name] for name in ("discount_amount", "shipping", "tax") if name in found}}


def details(sent: Any, old: Mapping[str, Any] | None) -> Object:
    """The references that an answer shows of ``payment_details``; an empty string clears one."""
    found: Object = dict(old or {"customer_reference": None, "order_reference": None})
    return {name: given(sent, name) if name in sent else found[name] for name in found}


def transfer_of(sent: Any) -> Object | None:
    if not sent:
        return None
    return {name: sent[name] for name in ("amount", "destination") if sent.get(name) is not None}


async def store(call: StripeCall, intent: Object) -> None:
    """Write a payment intent."""
    await call.state.put(KIND, intent["id"], intent, {"customer": intent["customer"]} if intent["customer"] else {})


async def retrieve(call: StripeCall) -> Object:
    intent = await call.named(KIND, call.path("intent"))
    intents.matching_secret(call, intent)
    return intent


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("intent"))
    material = next((name for name in MATERIAL if name in body), None)
    if material is not None and old["status"] not in CHANGEABLE:
        raise unexpected_state(
            f"This PaymentIntent's {material} could not be updated because it has a status of {old['status']}. You may "
            f"only update the {material} of a PaymentIntent with one of the following statuses: "
            f"{', '.join(CHANGEABLE)}.",
            old,
        )
    changes = await _changes(call, old, body)
    new, _ = changed(old, changes)
    method = await intents.method_of(call, body, new["customer"], old)
    if method is not None:
        intents.allowed_type(new, method)
        await payment_methods.store(call, method)
        new = {**new, "payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    elif body.get("payment_method") == "":
        new = {**new, "payment_method": None, "status": "requires_payment_method", "next_action": None}
    await store(call, new)
    return new


async def _changes(call: StripeCall, old: Object, body: Mapping[str, Any]) -> Object:
    changes: Object = {name: given(body, name) for name in PLAIN if name in body}
    await destinations.check(call, body, body.get("amount", old["amount"]), "PaymentIntent", old)
    if "currency" in body:
        changes["currency"] = money.known_currency(body["currency"])
    if "amount" in body or "currency" in body:
        currency = changes.get("currency") or old["currency"]
        changes["amount"] = body.get("amount", old["amount"])
        money.chargeable(changes["amount"], currency)
    if "receipt_email" in body:
        changes["receipt_email"] = email(body, "receipt_email")
    if "customer" in body:
        changes["customer"] = given(body, "customer")
        if changes["customer"]:
            await call.referred("customer", changes["customer"], "customer")
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if "shipping" in body:
        changes["shipping"] = parcel(body["shipping"])
    if body.get("payment_details"):
        changes["payment_details"] = details(body["payment_details"], old.get("payment_details"))
    if body.get("capture_method"):
        changes["capture_method"] = body["capture_method"]
    named = intents.named_types(call, body)
    if named:
        changes["payment_method_types"] = named
        changes["automatic_payment_methods"] = changes["payment_method_configuration_details"] = None
    if body.get("payment_method_options") or named:
        types = changes.get("payment_method_types") or old["payment_method_types"]
        changes["payment_method_options"] = intents.options(
            types, body.get("payment_method_options"), old["payment_method_options"]
        )
    if "transfer_data" in body:
        changes["transfer_data"] = {**(old["transfer_data"] or {}), **(transfer_of(body["transfer_data"]) or {})}
        if "destination" not in changes["transfer_data"]:
            raise missing_param("transfer_data[destination]")
    return changes


async def confirm(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("intent"))
    intents.matching_secret(call, old)
    status = old["status"]
    if status == "succeeded":
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
            old,
        )
    if status not in CHANGEABLE:
        raise unexpected_state(
            f"You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent with "
            "one of "
            f"the following statuses may be confirmed: {', '.join((*CHANGEABLE[1:], CHANGEABLE[0]))}.",
            old,
        )
    fields = (
        "capture_method", "payment_details", "payment_method_options", "receipt_email", "setup_future_usage",
        "shipping", "payment_method_types", "allowed_payment_method_types",
    )  # fmt: skip
    changes = await _changes(call, old, {name: body[name] for name in fields if name in body})
    intent, _ = changed(old, changes)
    method = await intents.method_of(call, body, intent["customer"], old)
    if method is None and old["payment_method"]:
        method = await call.state.get(payment_methods.KIND, old["payment_method"])
    if status == "requires_action" and method is not None and method["id"] == old["payment_method"]:
        # Nothing has happened in the customer's browser yet.
        await store(call, intent)
        return intent
    confirmation.ready(call, intent, method)
    if method is None:
        raise TypeError("an intent without a payment method is not ready")
    intents.allowed_type(intent, method)
    return await confirmation.attempt(call, intent, method, confirmation.Terms.of(body))


async def cancel(call: StripeCall) -> Object:
    intent = await call.named(KIND, call.path("intent"))
    if intent["status"] not in CANCELABLE:
        raise uncancelable("PaymentIntent", intent, CANCELABLE)
    canceled = {
        **intent,
        "amount_capturable": 0,
        "canceled_at": call.timestamp,
        "cancellation_reason": call.body.get("cancellation_reason"),
        "next_action": None,
        "status": "canceled",
    }
    if intent["status"] == "requires_capture":
        charge = await call.referred(charges.KIND, intent["latest_charge"], "intent")
        if charge["amount_captured"]:
            # What was captured in part stays paid; only the rest goes back (https://docs.stripe.com/payments/multicapture).
            await charges.collect(call, charge, 0)
            canceled = {**intent, "amount_capturable": 0, "status": "succeeded"}
            await store(call, canceled)
            call.event("payment_intent.succeeded", canceled)
            return canceled
        released, previous = changed(charge, {"amount_refunded": charge["amount"], "refunded": True})
        await charges.store(call, released)
        call.event("charge.refunded", released, previous)
    if intent["status"] == "processing":
        await confirmation.recalled(call, intent)
    await store(call, canceled)
    call.event("payment_intent.canceled", canceled)
    return canceled


async def list_all(call: StripeCall) -> Object:
    customer = call.body.get("customer")
    if customer:
        await call.referred("customer", customer, "customer")
    return await page(call, KIND, {"customer": customer} if customer else None)
