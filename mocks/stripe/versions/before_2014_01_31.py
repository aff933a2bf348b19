"""Until 2014-01-31 a customer had one subscription.

docs.stripe.com/changelog/2014-01-31/customers-support-multiple-subscriptions
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2014-01-31"


async def subscription(call: StripeCall, object: Object) -> Object:
    """``subscription``: the newest one, or null."""
    if object.get("deleted") or "subscription" in object or "subscriptions" not in object:
        return object
    found = {name: value for name, value in object.items() if name != "subscriptions"}
    return {**found, "subscription": next(iter(object["subscriptions"]["data"]), None)}


CHANGES = {"customer": subscription}
