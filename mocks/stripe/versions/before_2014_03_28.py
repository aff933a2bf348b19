"""Until 2014-03-28 a list told how many there are.

docs.stripe.com/changelog/2014-03-28/lists-no-longer-include-count-field. Of a list that does not know it itself, only
what it shows is counted here.
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2014-03-28"


async def count(call: StripeCall, object: Object) -> Object:
    """``count``."""
    return {"count": object.get("total_count", len(object["data"])), **object}


CHANGES = {"list": count}
