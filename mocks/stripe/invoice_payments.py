"""How an invoice is paid: with what, by which payment intent, and what follows. https://docs.stripe.com/api/invoice-payment
(2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import ServiceError
from mocks.stripe import clocks, confirmation, invoice_lines, payment_intents, payment_methods, standing
from mocks.stripe.calls import Loader, Object, StripeCall
from mocks.stripe.invoice_lines import store, subscription_of
from mocks.stripe.lists import list_of, page

KIND = invoice_lines.INVOICE
PAYMENT = "invoice_payment"
#: Which payment intent asks for an invoice, and which invoice a payment intent asks for.
HIDDEN = "invoice_details"
ASKED = "payment_intent_invoice"
#: What the payment intent says it is for.
PURPOSES = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


async def settled(call: StripeCall, invoice: Object, paid: int = 0) -> Object:
    """A paid invoice. Stored."""
    done = {
        **invoice,
        "amount_paid": paid,
        "amount_remaining": 0,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": call.timestamp},
    }
    await store(call, done)
    call.event("invoice.paid", done)
    call.event("invoice.payment_succeeded", done)
    if (subscription := subscription_of(done)) is not None:
        await standing.paid(call, subscription, done)
    else:
        await standing.cleared(call, done["customer"])
    return done


async def payer(
    call: StripeCall, invoice: Mapping[str, Any], customer: Object, subscription: Object | None = None
) -> Object | None:
    """The payment method that pays an invoice or a subscription, in Stripe's order:
    https://docs.stripe.com/billing/subscriptions/payment-methods-setting#payment-method-priority."""
    for key in (
        invoice.get("default_payment_method"),
        invoice.get("default_source"),
        subscription and subscription["default_payment_method"],
        subscription and subscription["default_source"],
        customer["invoice_settings"]["default_payment_method"],
        customer["default_source"],
    ):
        if key:
            return await call.state.get(payment_methods.KIND, key)
    return None


async def intent_for(call: StripeCall, invoice: Object, method: Object | None) -> Object:
    """The payment intent that asks for an open invoice, made when there is none yet."""
    hidden = await call.state.get(HIDDEN, invoice["id"]) or {}
    if "payment_intent" in hidden:
        return await call.named(payment_intents.KIND, hidden["payment_intent"])
    subscribed = subscription_of(invoice) is not None
    body: dict[str, Any] = {
        "amount": invoice["amount_due"],
        "customer": invoice["customer"],
        "capture_method": "automatic",
        "description": PURPOSES.get(invoice["billing_reason"], "Payment for Invoice"),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    }
    if subscribed and invoice["billing_reason"] == "subscription_create":
        body["setup_future_usage"] = "off_session"
    intent = payment_intents.build(call, body, invoice["currency"], method)
    call.event("payment_intent.created", intent)
    await payment_intents.store(call, intent)
    await asks(call, invoice, intent)
    return intent


async def asks(call: StripeCall, invoice: Object, intent: Object) -> None:
    """From here on that payment intent asks for the invoice."""
    payment: Object = {
        "id": call.new_id("inpay_1", 30),
        "object": PAYMENT,
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": call.timestamp,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    await call.state.put(PAYMENT, payment["id"], payment, {"invoice": invoice["id"]})
    await call.state.put(HIDDEN, invoice["id"], {"payment_intent": intent["id"], "payment": payment["id"]})
    await call.state.put(ASKED, intent["id"], {"invoice": invoice["id"]})


async def collect(
    call: StripeCall, invoice: Object, method: Object, *, off_session: bool, again: int | None = None
) -> Object:
    """Try to pay an open invoice: a paid one, or the open one when the customer has to act. ``again`` is when the next
    attempt is made after a failed one. Raises a kept 402."""
    intent = await intent_for(call, invoice, method)
    tried = {**invoice, "attempt_count": invoice["attempt_count"] + 1, "attempted": True}
    terms = confirmation.Terms(off_session, None, use_stripe_sdk=True, error_on_requires_action=off_session)
    try:
        done = await confirmation.attempt(call, {**intent, "payment_method": method["id"]}, method, terms)
    except ServiceError:
        await unpaid(call, invoice, again)
        if (key := subscription_of(invoice)) is not None:
            await standing.tried(call, key, invoice)
        raise
    if done["status"] == "processing":
        # The bank answers later: the invoice stays open until then, and what it is for goes on.
        await store(call, tried)
        if (key := subscription_of(tried)) is not None:
            await standing.under_way(call, key, tried)
        return tried
    if done["status"] != "succeeded":
        await store(call, tried)
        call.event("invoice.payment_action_required", tried)
        return tried
    return await _received(call, tried)


async def unpaid(call: StripeCall, invoice: Object, again: int | None) -> Object:
    """An open invoice after a failed attempt, or one that nothing could be tried with. Stored."""
    tried = {
        **invoice,
        "attempt_count": invoice["attempt_count"] + 1,
        "attempted": True,
        "next_payment_attempt": again,
    }
    await store(call, tried)
    call.event("invoice.payment_failed", tried)
    return tried


async def _received(call: StripeCall, invoice: Object) -> Object:
    hidden = await call.state.get(HIDDEN, invoice["id"]) or {}
    payment = await call.named(PAYMENT, hidden["payment"])
    transitions = {**payment["status_transitions"], "paid_at": call.timestamp}
    paid = {**payment, "amount_paid": invoice["amount_due"], "status": "paid", "status_transitions": transitions}
    await call.state.put(PAYMENT, payment["id"], paid, {"invoice": invoice["id"]})
    call.event("invoice_payment.paid", paid)
    return await settled(call, invoice, invoice["amount_due"])


async def answered(call: StripeCall, intent: Object, *, counted: bool = False) -> None:
    """A payment intent succeeded: the invoice that it asks for, if there is one, is paid. ``counted`` is an attempt
    that the invoice knows of already."""
    asked = await call.state.get(ASKED, intent["id"])
    invoice = await call.state.get(KIND, asked["invoice"]) if asked else None
    if invoice is not None and invoice["status"] == "open":
        tries = invoice["attempt_count"] + (0 if counted and invoice["attempted"] else 1)
        await _received(call, {**invoice, "attempt_count": tries, "attempted": True})


async def under_way(call: StripeCall, invoice: Object) -> bool:
    """Whether the bank has been told to pay an invoice, and has not answered yet."""
    hidden = await call.state.get(HIDDEN, invoice["id"]) or {}
    intent = await call.state.get(payment_intents.KIND, hidden.get("payment_intent", ""))
    return intent is not None and intent["status"] == "processing"


async def bounced(call: StripeCall, intent: Object) -> None:
    """A debit that an invoice asked for failed after its attempt: the invoice is tried again as after a decline."""
    asked = await call.state.get(ASKED, intent["id"])
    invoice = await call.state.get(KIND, asked["invoice"]) if asked else None
    if invoice is None or invoice["status"] != "open":
        return
    key = subscription_of(invoice)
    subscription = await call.state.get("subscription", key) if key else None
    automatic = invoice["auto_advance"] or subscription is not None
    again = standing.next_attempt(call, max(invoice["attempt_count"], 1)) if automatic else None
    failed = {**invoice, "auto_advance": again is not None, "next_payment_attempt": again}
    await store(call, failed)
    call.event("invoice.payment_failed", failed)
    if again is not None:
        await clocks.appoint(call, again, failed)
    if subscription is not None:
        await standing.owes(call, subscription, last=again is None)


async def list_payments(call: StripeCall) -> Object:
    body = call.body
    wanted = body.get("payment") or {}

    def keep(payment: Object) -> bool:
        if body.get("status") and payment["status"] != body["status"]:
            return False
        return all(payment["payment"].get(name) == value for name, value in wanted.items())

    return await page(call, PAYMENT, {"invoice": body["invoice"]} if body.get("invoice") else None, keep=keep)


async def _payments(call: StripeCall, invoice: Object) -> Object:
    found = await call.state.page(PAYMENT, where={"invoice": invoice["id"]}, limit=10)
    return list_of(found, f"/v1/invoices/{invoice['id']}/payments")


async def _confirmation_secret(call: StripeCall, invoice: Object) -> Object | None:
    hidden = await call.state.get(HIDDEN, invoice["id"]) or {}
    if "payment_intent" not in hidden:
        return None
    intent = await call.named(payment_intents.KIND, hidden["payment_intent"])
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


INCLUDES: dict[tuple[str, str], Loader] = {
    (KIND, "payments"): _payments,
    (KIND, "confirmation_secret"): _confirmation_secret,
}
