"""Parameters that Stripe takes in every version although its SDKs name them no longer.

A customer's ``card``, ``bank_account`` and ``default_card`` are in stripe/openapi (openapi/spec3.json) to this day; no
page of docs.stripe.com/changelog (2026-11) takes a subscription's own ``plan`` and ``quantity`` away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mocks.base import Result
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.versions.parameters import Pair, Sent, every, renamed

_SOURCES = ("card", "bank_account")


def _source(pairs: Sequence[Pair]) -> list[Pair]:
    """``card`` and ``bank_account`` are sources: hashes of them say which."""
    found: list[Pair] = []
    for path, value in pairs:
        if path[0] not in _SOURCES:
            found.append((path, value))
            continue
        if len(path) > 1 and (("source", "object"), path[0]) not in found:
            found.append((("source", "object"), path[0]))
        if path[1:] != ("object",):
            found.append((("source", *path[1:]), value))
    return found


def _item(pairs: Sequence[Pair]) -> list[Pair]:
    """``plan``, ``price`` and ``quantity`` are those of the only item. Where items are sent, they stay: refused."""
    if any(path[0] == "items" for path, _ in pairs):
        return list(pairs)
    return renamed({name: ("items", "0", name) for name in ("plan", "price", "quantity")})(pairs)


_CUSTOMER = every(_source, renamed({"default_card": ("default_source",)}))

SENT: Mapping[str, Sent] = {
    "customers.create": _CUSTOMER,
    "customers.update": _CUSTOMER,
    "customers.payment_sources.create": renamed({"bank_account": ("source",)}),
    "subscriptions.create": _item,
    "subscriptions.update": _item,
}
#: What a request has that any of them is for: all others are left alone without a look at their parameters.
WORDS = re.compile(rb"(?:\A|&)(?:card|bank_account|default_card|plan|price|quantity)(?:=|\[|%5[Bb])")


async def only_item(call: StripeCall, handler: StripeHandler) -> Result:
    """An update's own ``plan`` or ``quantity`` is of the item that there is."""
    sent = call.request.original
    if sent is None or b"items" in sent.body or "items" not in call.body:
        return await handler(call)
    subscription = await call.named("subscription", call.path("subscription_exposed_id"))
    data = subscription["items"]["data"]
    if len(data) == 1:
        item: Object = {"id": data[0]["id"], **call.body["items"][0]}
        call.body = {**call.body, "items": [item]}
    return await handler(call)


CALLS = {"subscriptions.update": only_item}
