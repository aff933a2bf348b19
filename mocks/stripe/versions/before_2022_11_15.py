"""Until 2022-11-15 a payment intent listed its charges, and a charge its refunds.

docs.stripe.com/changelog/2022-11-15/removes-charges-attribute-paymentintent and /deprecates-charges-auto-expand
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.charges import refunds_of
from mocks.stripe.lists import list_of

BEFORE = "2022-11-15"


async def charges(call: StripeCall, object: Object) -> Object:
    """``charges``: every attempt to pay, newest first."""
    if "charges" in object:
        return object
    found = await call.state.page("charge", where={"payment_intent": object["id"]}, limit=11)
    url = f"/v1/charges?payment_intent={object['id']}"
    return {**object, "charges": list_of(found[:10], url, len(found) > 10, total_count=len(found))}


async def refunds(call: StripeCall, object: Object) -> Object:
    """``refunds``, without asking for it."""
    return object if "refunds" in object else {**object, "refunds": await refunds_of(call, object)}


CHANGES = {"charge": refunds, "payment_intent": charges}
