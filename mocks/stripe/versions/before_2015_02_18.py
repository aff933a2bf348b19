"""Until 2015-02-18 customers had cards, and a charge was of a card.

docs.stripe.com/changelog/2015-02-18/customers-have-source-field-accepts-source-card ("Older API versions return both
the new and old properties") and /charges-have-source-field-accepts-source-card
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import renamed

BEFORE = "2015-02-18"


async def cards(call: StripeCall, object: Object) -> Object:
    """``cards`` and ``default_card`` beside ``sources`` and ``default_source``."""
    if object.get("deleted") or "cards" in object or "sources" not in object:
        return object
    listed = object["sources"]
    data = [each for each in listed["data"] if each.get("object") == "card"]
    shown = {**listed, "data": data, "url": f"/v1/customers/{object['id']}/cards"}
    default = object.get("default_source")
    return {**object, "cards": shown, "default_card": default if str(default).startswith("card_") else None}


async def card(call: StripeCall, object: Object) -> Object:
    """``card`` beside ``source``."""
    if "card" in object or "source" not in object:
        return object
    source = object["source"]
    return {**object, "card": source if isinstance(source, dict) and source.get("object") == "card" else None}


_CARD = renamed({"card": ("source",)})

CHANGES = {"charge": card, "customer": cards}
SENT = {"charges.create": _CARD, "customers.payment_sources.create": _CARD}
