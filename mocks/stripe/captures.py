"""Money that is held for a payment intent: captured at once or bit by bit, raised, and let go by time.

https://docs.stripe.com/payments/place-a-hold-on-a-payment-method, /payments/multicapture, /payments/overcapture and
/payments/incremental-authorization (2026-11). The wording of refusals about increments and several captures is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import aftermath, balance, charges, destinations, holds, money, payment_intents, plastic
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed
from mocks.stripe.errors import invalid, unexpected_state
from mocks.stripe.metadata import merged

#: "Stripe allows you to capture up to 50 times for a single PaymentIntent."
MOST_CAPTURES = 50
#: "Each PaymentIntent can have a maximum of 10 incremental authorization attempts."
MOST_INCREMENTS = 10
#: Payment intent -> how often more was held.
INCREMENTS = "payment_intent_increments"


async def capture(call: StripeCall) -> Object:
    body = call.body
    intent = await call.named(payment_intents.KIND, call.path("intent"))
    if intent["status"] == "succeeded":
        raise unexpected_state("This PaymentIntent could not be captured because it has already been captured.", intent)
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent "
            "with one of the following statuses may be captured: requires_capture.",
            intent,
        )
    charge = await call.referred(charges.KIND, intent["latest_charge"], "intent")
    final = body.get("final_capture", True)
    amount = _amount(body, intent, charge, final)
    if not final:
        await _check_several(call, charge)
        # Nothing is left to wait for.
        final = amount >= intent["amount_capturable"]
    metadata = merged(intent["metadata"], body.get("metadata"))
    terms = _terms(body, intent)
    await destinations.check(call, {**terms, "transfer_data": None}, amount, "PaymentIntent", intent)
    details = _details(body, intent)
    # The fee that the payment was made with is the first capture's; a later one has the fee that it names.
    fee = not charge["amount_captured"] or "application_fee_amount" in body
    named = {**charge, **terms, "metadata": metadata}
    charge = await charges.collect(call, named, amount, final=final, with_fee=fee)
    done = {
        **intent,
        **terms,
        **details,
        "amount": charge["amount"],
        "amount_capturable": 0 if final else intent["amount_capturable"] - amount,
        "amount_received": charge["amount_captured"],
        "metadata": metadata,
        "status": "succeeded" if final else "requires_capture",
    }
    await payment_intents.store(call, done)
    call.event("payment_intent.succeeded" if final else "payment_intent.amount_capturable_updated", done)
    if final:
        await aftermath.follow(call, charge, plastic.behind(charge["payment_method_details"].get("card") or {}))
    return done


def _amount(body: Mapping[str, Any], intent: Object, charge: Object, final: bool) -> int:
    capturable = int(intent["amount_capturable"])
    amount = int(body.get("amount_to_capture", capturable))
    most = holds.limit(charge, capturable)
    if amount > most:
        raise invalid(
            f"The amount to capture must be less than or equal to the capturable amount of "
            f"{money.shown(most, intent['currency'])}.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    # The last of several captures may only let go what is left.
    if amount < (0 if final and charge["amount_captured"] else 1):
        raise invalid(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount_to_capture",
        )
    return amount


async def _check_several(call: StripeCall, charge: Object) -> None:
    if not holds.can(charge, "multicapture"):
        raise invalid(
            "You can only set `final_capture` to false when multicapture is available for this PaymentIntent.",
            param="final_capture",
        )
    done = await call.state.page(balance.KIND, where={"source": charge["id"]}, limit=MOST_CAPTURES)
    if len(done) >= MOST_CAPTURES:
        raise invalid(f"A PaymentIntent can be captured up to {MOST_CAPTURES} times.", param="final_capture")


def _terms(body: Mapping[str, Any], intent: Object) -> Object:
    """What a capture may still say of the connected account's part."""
    terms: Object = {}
    if "application_fee_amount" in body:
        terms["application_fee_amount"] = body["application_fee_amount"]
    if body.get("transfer_data") and intent["transfer_data"]:
        sent = payment_intents.transfer_of(body["transfer_data"]) or {}
        terms["transfer_data"] = {**intent["transfer_data"], **sent}
    return terms


def _details(body: Mapping[str, Any], intent: Object) -> Object:
    """What is told of the amount and the order by the time that it is known."""
    found: Object = {}
    if body.get("amount_details"):
        shown = {**intent["amount_details"], **payment_intents.amount_details(body["amount_details"])}
        found["amount_details"] = {**shown, "tip": intent["amount_details"].get("tip") or {}}
    if body.get("payment_details"):
        found["payment_details"] = payment_intents.details(body["payment_details"], intent.get("payment_details"))
    return found


async def increment(call: StripeCall) -> Object:
    """Hold more: https://docs.stripe.com/api/payment_intents/increment_authorization."""
    body, amount = call.body, int(call.body["amount"])
    intent = await call.named(payment_intents.KIND, call.path("intent"))
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            f"This PaymentIntent's authorization could not be incremented because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be incremented: "
            "requires_capture.",
            intent,
        )
    charge = await call.referred(charges.KIND, intent["latest_charge"], "intent")
    if not holds.can(charge, "incremental_authorization"):
        raise invalid("This PaymentIntent is not eligible for incremental authorizations.")
    if intent["amount_received"]:
        raise unexpected_state("This PaymentIntent has been captured in part and can no longer be incremented.", intent)
    if amount <= intent["amount"]:
        raise invalid(
            "The amount must be greater than the currently authorized amount of "
            f"{money.shown(intent['amount'], intent['currency'])}.",
            param="amount",
        )
    money.chargeable(amount, intent["currency"])
    terms = _terms(body, intent)
    await destinations.check(call, {**terms, "transfer_data": None}, amount, "PaymentIntent", intent)
    tries = (await call.state.get(INCREMENTS, intent["id"]) or {"count": 0})["count"]
    if tries >= MOST_INCREMENTS:
        raise invalid(f"A PaymentIntent can have a maximum of {MOST_INCREMENTS} incremental authorization attempts.")
    await call.state.put(INCREMENTS, intent["id"], {"count": tries + 1})
    for name in ("description", "statement_descriptor"):
        if name in body:
            terms[name] = body[name] or None
    if "metadata" in body:
        terms["metadata"] = merged(intent["metadata"], body["metadata"])
    more = {"amount": amount, **terms, "payment_method_details": holds.raised(charge, amount)}
    raised, previous = changed(charge, more)
    await charges.store(call, raised)
    call.event("charge.updated", raised, previous)
    done = {**intent, **terms, **_details(body, intent), "amount": amount, "amount_capturable": amount}
    await payment_intents.store(call, done)
    call.event("payment_intent.amount_capturable_updated", done)
    return done


async def expire(call: StripeCall, intent: Object) -> None:
    """Let go what was not captured in time: "the funds are released and the payment status changes to canceled". What
    was captured in part stays paid."""
    charge = await call.referred(charges.KIND, intent["latest_charge"], "intent")
    if holds.ends(charge) > call.timestamp:
        return
    if charge["amount_captured"]:
        await charges.collect(call, charge, 0)
        done = {**intent, "amount_capturable": 0, "status": "succeeded"}
        await payment_intents.store(call, done)
        call.event("payment_intent.succeeded", done)
        return
    await charges.expire(call, charge)
    done = {
        **intent,
        "amount_capturable": 0,
        "canceled_at": call.timestamp,
        "cancellation_reason": "automatic",
        "status": "canceled",
    }
    await payment_intents.store(call, done)
    call.event("payment_intent.canceled", done)


async def look_at_charge(call: StripeCall, key: str) -> None:
    """A hold of an older integration, which has no payment intent, ends by itself too."""
    charge = await call.state.get(charges.KIND, key)
    if charge is None or charge["captured"] or charge["refunded"] or holds.ends(charge) > call.timestamp:
        return
    await charges.expire(call, charge)


HANDLERS: dict[str, StripeHandler] = {
    "payment_intents.capture": capture,
    "payment_intents.increment_authorization": increment,
}
