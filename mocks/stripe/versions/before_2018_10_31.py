"""Until 2018-10-31 the first invoice of a subscription was one of its updates.

docs.stripe.com/changelog/2018-10-31/first-invoice-subscription-billing-reason-subscription-create
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2018-10-31"


async def billing_reason(call: StripeCall, object: Object) -> Object:
    """``billing_reason``: subscription_update."""
    first = object.get("billing_reason") == "subscription_create"
    return {**object, "billing_reason": "subscription_update"} if first else object


CHANGES = {"invoice": billing_reason}
