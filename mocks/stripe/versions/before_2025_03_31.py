"""Until basil a charge and a payment intent named their invoice, and a subscription had one period.

docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices and
docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2025-03-31"


async def invoice(call: StripeCall, object: Object) -> Object:
    """``invoice``: null for what no invoice has asked for."""
    return {"invoice": None, **object}


async def period(call: StripeCall, object: Object) -> Object:
    """``current_period_start`` and ``current_period_end`` stood on the subscription. They stay on its items as well,
    where today's contract asks for them."""
    data = (object.get("items") or {}).get("data")
    if not data:
        return object
    names = ("current_period_start", "current_period_end")
    return {**object, **{name: data[0].get(name) for name in names}}


async def discount(call: StripeCall, object: Object) -> Object:
    """The first of the discounts, whole:
    docs.stripe.com/changelog/basil/2025-03-31/deprecate-singular-coupon-promotion-code."""
    first = (object.get("discounts") or [None])[0]
    whole = await call.state.get("discount", first) if isinstance(first, str) else first
    return {"discount": whole, **object}


async def subscription(call: StripeCall, object: Object) -> Object:
    """Its period and its discount."""
    return await discount(call, await period(call, object))


CHANGES = {"charge": invoice, "invoice": discount, "payment_intent": invoice, "subscription": subscription}
