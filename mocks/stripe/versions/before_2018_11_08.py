"""Until 2018-11-08 an invoice was closed or forgiven, and had no word for whether it goes on by itself.

docs.stripe.com/changelog/2018-11-08/invoices-specify-auto-advance-field and
/mark-invoice-uncollectible-instead-forgiven
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import Pair

BEFORE = "2018-11-08"

OPPOSITE = {"true": "false", "false": "true"}


async def closed(call: StripeCall, object: Object) -> Object:
    """``closed`` and ``forgiven``."""
    if object.get("deleted") or "closed" in object:
        return object
    over = object["status"] in ("paid", "void", "uncollectible")
    waits = object["status"] == "open" and not object["auto_advance"]
    return {"closed": over or waits, "forgiven": object["status"] == "uncollectible", **object}


def _advance(pairs: Sequence[Pair]) -> list[Pair]:
    """``closed`` is the opposite of ``auto_advance``."""
    return [
        (("auto_advance",), OPPOSITE.get(value, value)) if path == ("closed",) else (path, value)
        for path, value in pairs
    ]


CHANGES = {"invoice": closed}
SENT = {"invoices.update": _advance}
