"""Until 2017-05-25 an account was managed or not, and an event named the request that caused it by its id alone.

docs.stripe.com/changelog/2017-05-25/accounts-specify-type-standard-express-custom,
/events-specify-request-id-idempotency-key and /events-connect-specify-originating-account
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import Pair

BEFORE = "2017-05-25"

TYPES = {"true": "custom", "false": "standard"}


async def managed(call: StripeCall, object: Object) -> Object:
    """``managed``: what is called a custom account today."""
    return object if object.get("deleted") else {"managed": object.get("type") == "custom", **object}


def event(object: Object) -> Object:
    """An event's envelope: ``request`` is an id, and the connected account is called ``user_id``."""
    request = object.get("request")
    found = {**object, "request": request["id"]} if isinstance(request, dict) else object
    return {**found, "user_id": found["account"]} if "account" in found else found


def _typed(pairs: Sequence[Pair]) -> list[Pair]:
    """``managed``; without it, an account is a standard one."""
    if any(path == ("type",) for path, _ in pairs):
        return list(pairs)
    found = [(("type",), TYPES.get(value, value)) if path == ("managed",) else (path, value) for path, value in pairs]
    return found if any(path == ("type",) for path, _ in found) else [*found, (("type",), "standard")]


CHANGES = {"account": managed}
SENT = {"accounts.create": _typed}
