"""Sessions that were completed before their payment was: https://docs.stripe.com/payments/checkout/fulfill-orders
(2026-11). A bank debit is ``unpaid`` when its customer is done, and its bank's answer is an event of its own."""

from __future__ import annotations

from mocks.stripe import checkout_invoice, checkout_sessions
from mocks.stripe.calls import Object, StripeCall

#: Which session waits for a payment intent.
WAITS = "payment_intent_session"


async def waits(call: StripeCall, session: Object) -> None:
    """A session is complete, and its payment under way."""
    await call.state.put(WAITS, session["payment_intent"], {"session": session["id"]})


async def answered(call: StripeCall, intent: Object) -> None:
    """A payment intent succeeded or failed: the session that waits for it, if one does, is told."""
    waiting = await call.state.get(WAITS, intent["id"])
    session = await call.state.get(checkout_sessions.KIND, waiting["session"]) if waiting else None
    if session is None or intent["status"] not in ("succeeded", "requires_payment_method"):
        return
    await call.state.delete(WAITS, intent["id"])
    if intent["status"] == "succeeded":
        session = {**session, "payment_status": "paid"}
        if checkout_invoice.wanted(session):
            session = await checkout_invoice.made(call, session, intent)
        await checkout_sessions.store(call, session)
        call.event("checkout.session.async_payment_succeeded", session)
    else:
        call.event("checkout.session.async_payment_failed", session)
