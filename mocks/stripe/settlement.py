"""What becomes of a payment that its bank answers later: https://docs.stripe.com/payments/bank-debits-transfers
(2026-11).

The intent is ``processing`` until then, its charge ``pending``; the test account says how it ends (``testbanks.py``).
"""

from __future__ import annotations

from mocks.stripe import (
    captures,
    charges,
    checkout_settled,
    clocks,
    customers,
    disputes,
    invoice_payments,
    mandates,
    outcomes,
    outlook,
    payment_intents,
    payment_methods,
    testbanks,
)
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.refusals import doc_url

#: Statuses in which time can end a payment: the bank has it, or the customer has a voucher.
UNDER_WAY = ("processing", "requires_action")
#: Failure codes of charges that are error codes of intents too: https://docs.stripe.com/error-codes.
TOLD = frozenset([
    "account_closed", "charge_exceeds_source_limit", "charge_exceeds_transaction_limit", "debit_not_authorized",
    "insufficient_funds", "no_account", "payment_method_microdeposit_failed", "refer_to_customer",
    "payment_intent_payment_attempt_expired", "payment_method_customer_decline", "payment_method_provider_decline",
])  # fmt: skip


async def look_at_intent(call: StripeCall, key: str) -> None:
    """End a payment whose time has come."""
    intent = await call.state.get(payment_intents.KIND, key)
    if intent is not None and intent["status"] == "requires_capture":
        await captures.expire(call, intent)
        return
    if intent is None or intent["status"] not in UNDER_WAY:
        return
    found = await outlook.due(call, key)
    if found is None:
        return
    customer = await call.state.get(customers.KIND, intent["customer"]) if intent["customer"] else None
    if customer is not None:
        await clocks.enter(call, customer)
    if found["ends"] == "succeeded":
        done = await paid(call, intent, disputed=found["disputed"])
        await invoice_payments.answered(call, done, counted=True)
    else:
        done = await refused(call, intent, found["code"])
        await invoice_payments.bounced(call, done)
    await checkout_settled.answered(call, done)


async def paid(call: StripeCall, intent: Object, *, disputed: bool = False) -> Object:
    """The money has come."""
    charge = await call.named(charges.KIND, intent["latest_charge"])
    charge = {
        **charge,
        "amount_captured": charge["amount"],
        "captured": True,
        "paid": True,
        "receipt_url": call.hosted(f"receipts/payment/{charge['id']}"),
        "status": "succeeded",
    }
    charge = await charges.settle(call, charge, charge["amount"])
    await charges.store(call, charge)
    call.event("charge.succeeded", charge)
    done = {
        **intent,
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "next_action": None,
        "status": "succeeded",
    }
    await payment_intents.store(call, done)
    call.event("payment_intent.succeeded", done)
    if disputed:
        await disputes.opened(call, charge, "debit_not_authorized")
    return done


async def refused(call: StripeCall, intent: Object, code: str | None) -> Object:
    """The bank did not pay: the intent waits for another payment method. A code of the API's own error codes is shown
    by the intent as well as by its charge."""
    method = await call.state.get(payment_methods.KIND, intent["payment_method"] or "")
    charge = await call.state.get(charges.KIND, intent["latest_charge"] or "")
    told = code if code in TOLD else "payment_intent_payment_attempt_failed"
    error: Object = {
        "code": told,
        "doc_url": doc_url(told),
        "message": testbanks.MESSAGES.get(code or "", "The payment failed."),
        "payment_method": method,
        "type": "invalid_request_error",
    }
    if charge is not None and charge["status"] == "pending":
        failed = {
            **charge,
            "amount_captured": 0,
            "captured": False,
            "failure_code": None if code == "blocked" else code,
            "failure_message": error["message"],
            "outcome": outcomes.of_bank(code),
            "paid": False,
            "status": "failed",
        }
        await charges.store(call, failed)
        call.event("charge.failed", failed)
        error["charge"] = charge["id"]
    new = {
        **intent,
        "last_payment_error": dict(sorted(error.items())),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    await payment_intents.store(call, new)
    call.event("payment_intent.payment_failed", new)
    if method is not None and charge is not None:
        await mandates.after_failure(call, method, charge)
    return new
