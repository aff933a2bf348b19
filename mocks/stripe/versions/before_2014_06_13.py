"""Until 2014-06-13 a card's brand was its type. docs.stripe.com/changelog/2014-06-13/renames-type-field-cards-brand"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2014-06-13"


async def card(call: StripeCall, object: Object) -> Object:
    """``type`` in the place of ``brand``."""
    if "brand" not in object:
        return object
    return {**{name: value for name, value in object.items() if name != "brand"}, "type": object["brand"]}


CHANGES = {"card": card}
