"""Refunds: https://docs.stripe.com/api/refunds and https://docs.stripe.com/refunds (2026-11)."""

from __future__ import annotations

from typing import Any

from mocks.stripe import balance, charges, destinations, disputes, money, plastic, reviews
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged

KIND = "refund"


async def create(call: StripeCall) -> Object:
    body = call.body
    charge = await _charge(call)
    amount = _amount(body.get("amount"), charge)
    await destinations.check_refund(call, body, charge)
    return await given_back(call, charge, amount, first(body.get("metadata")), body.get("reason"))


async def given_back(call: StripeCall, charge: Object, amount: int, metadata: Object, reason: str | None) -> Object:
    """A refund of a charge. Stored."""
    card = charge["payment_method_details"].get("card")
    refund: Object = {
        "id": call.new_id("re_3" if card else "pyr_1", 23),
        "object": KIND,
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.timestamp,
        "currency": charge["currency"],
        "destination_details": _destination(charge),
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    return await _carry_out(call, charge, refund)


async def _carry_out(call: StripeCall, charge: Object, refund: Object) -> Object:
    """Move the money back, as the test card wants it."""
    test = plastic.behind(charge["payment_method_details"].get("card") or {})
    if charge["amount_captured"]:
        refund["balance_transaction"] = await _move(call, refund, -refund["amount"], "refund")
        refund["transfer_reversal"] = await destinations.refunded(call, call.body, charge, refund)
    pending = test is not None and test.later == "refund_pending"
    if pending:
        refund["status"] = "pending"
    given_back = charge["amount_refunded"] + refund["amount"]
    new, previous = changed(charge, {"amount_refunded": given_back, "refunded": given_back == charge["amount"]})
    await charges.store(call, new)
    await store(call, refund)
    call.event("charge.refunded", new, previous)
    call.event("refund.created", refund)
    if new["refunded"]:
        await reviews.closed(call, new, "refunded_as_fraud" if refund["reason"] == "fraudulent" else "refunded")
    if pending:
        await _later(call, refund, {"status": "succeeded"}, "refund.updated")
    elif test is not None and test.later == "refund_fails":
        await _fail(call, new, refund)
    return refund


async def _fail(call: StripeCall, charge: Object, refund: Object) -> None:
    """The bank sends the money back; the answer has shown success by then (https://docs.stripe.com/testing#refunds)."""
    returned = await _move(call, refund, refund["amount"], "refund_failure")
    left = charge["amount_refunded"] - refund["amount"]
    new, previous = changed(charge, {"amount_refunded": left, "refunded": False})
    await charges.store(call, new)
    changes = {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": returned,
    }
    await _later(call, refund, changes, "refund.failed")
    call.event("charge.updated", new, previous)


async def _later(call: StripeCall, refund: Object, changes: Object, type: str) -> None:
    new, previous = changed(refund, changes)
    await store(call, new)
    call.event(type, new, None if type == "refund.failed" else previous)
    call.event("charge.refund.updated", new, previous)


async def _move(call: StripeCall, refund: Object, amount: int, type: str) -> str:
    return await balance.record(
        call,
        type,
        amount=amount,
        currency=refund["currency"],
        source=refund["id"],
        description=f"REFUND FOR {'CHARGE' if type == 'refund' else 'FAILED REFUND'}",
        available=False,
    )


def _destination(charge: Object) -> Object:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {kind: {}, "type": kind}
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"card": card, "type": "card"}


async def _charge(call: StripeCall) -> Object:
    """The charge to refund, named by itself or by its payment intent."""
    body = call.body
    if body.get("charge"):
        charge = await call.referred(charges.KIND, body["charge"], "charge")
        if body.get("payment_intent") and charge["payment_intent"] != body["payment_intent"]:
            raise invalid(
                f"Charge {charge['id']} does not belong to PaymentIntent {body['payment_intent']}.", param="charge"
            )
    elif body.get("payment_intent"):
        charge = await _latest(call, body["payment_intent"])
    else:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if charge["status"] == "failed":
        raise invalid(f"Charge {charge['id']} failed and cannot be refunded.", code="charge_not_refundable")
    if charge["disputed"] and not await disputes.refundable(call, charge["dispute"]):
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    # Of a charge that is captured bit by bit, what has been captured.
    whole = charge["amount" if charge["captured"] or not charge["amount_captured"] else "amount_captured"]
    if charge["amount_refunded"] >= whole:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not charge["amount_captured"] and charge["payment_intent"]:
        raise invalid(f"Charge {charge['id']} is not captured; cancel its PaymentIntent instead of refunding it.")
    return charge


async def _latest(call: StripeCall, id: str) -> Object:
    intent = await call.referred("payment_intent", id, "payment_intent")
    charge = await call.state.get(charges.KIND, intent["latest_charge"]) if intent["latest_charge"] else None
    if charge is None or charge["status"] == "failed" or not charge["amount_captured"]:
        raise invalid(f"This PaymentIntent ({id}) does not have a successful charge to refund.", param="payment_intent")
    return charge


def _amount(asked: Any, charge: Object) -> int:
    currency = charge["currency"]
    # Of several captures what has come so far can be given back.
    held = not charge["captured"] and not charge["amount_captured"]
    left = int(charge["amount" if charge["captured"] or held else "amount_captured"]) - int(charge["amount_refunded"])
    if asked is None:
        return left
    if asked < 1:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if held and asked != left:
        raise invalid(
            "You cannot partially refund an uncaptured charge. Instead, capture the charge for an amount less than the "
            "original amount.",
            param="amount",
        )
    if asked > left:
        what = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        raise invalid(
            f"Refund amount ({money.plain(asked, currency)}) is greater than {what} ({money.plain(left, currency)})",
            param="amount",
        )
    return int(asked)


async def store(call: StripeCall, refund: Object) -> None:
    """Write a refund."""
    index = {name: refund[name] for name in ("charge", "payment_intent") if refund[name]}
    await call.state.put(KIND, refund["id"], refund, index)


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("refund"))


async def update(call: StripeCall) -> Object:
    old = await call.named(KIND, call.path("refund"))
    new, previous = changed(old, {"metadata": merged(old["metadata"], call.body.get("metadata"))})
    await store(call, new)
    if previous:
        call.event("charge.refund.updated", new, previous)
        call.event("refund.updated", new, previous)
    return new


async def cancel(call: StripeCall) -> Object:
    refund = await call.named(KIND, call.path("refund"))
    if refund["status"] != "requires_action":
        raise invalid(f"You can only cancel refunds that require action; this one has a status of {refund['status']}.")
    new, previous = changed(refund, {"status": "canceled"})
    await store(call, new)
    call.event("refund.updated", new, previous)
    return new


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("charge", "payment_intent") if call.body.get(name)}
    for kind, key in where.items():
        await call.referred(kind, key, kind)
    return await page(call, KIND, where or None)
