"""Until basil a charge and a payment intent named their invoice.

docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2025-03-31"


async def invoice(call: StripeCall, object: Object) -> Object:
    """``invoice``: null for what no invoice has asked for."""
    return {"invoice": None, **object}


CHANGES = {"charge": invoice, "payment_intent": invoice}
