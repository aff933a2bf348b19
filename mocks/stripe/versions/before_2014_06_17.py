"""Until 2014-06-17 a charge's refunds were no list with pages.

docs.stripe.com/changelog/2014-06-17/charges-include-refunds-sublist-refunds-field
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2014-06-17"


async def refunds(call: StripeCall, object: Object) -> Object:
    """``refunds``: an array."""
    shown = object.get("refunds")
    return {**object, "refunds": shown["data"]} if isinstance(shown, dict) else object


CHANGES = {"charge": refunds}
