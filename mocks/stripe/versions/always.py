"""Parameters that Stripe takes in every version although its SDKs name them no longer.

A customer's ``card``, ``bank_account`` and ``default_card`` are in stripe/openapi (openapi/spec3.json) to this day. No
page of docs.stripe.com/changelog (2026-11) takes away a subscription's own ``plan`` and ``quantity``, those of a new
customer, who is subscribed at once, or ``at_period_end`` of a cancellation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mocks.base import Result, ServiceError
from mocks.stripe import beginnings, subscriptions
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.versions.parameters import Pair, Sent, every, left_out, only, read, read_as, renamed

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
_SUBSCRIBED = ("plan", "quantity", "tax_percent", "trial_end")

SENT: Mapping[str, Sent] = {
    "customers.create": every(_CUSTOMER, left_out(*_SUBSCRIBED)),
    "customers.update": _CUSTOMER,
    "customers.payment_sources.create": renamed({"bank_account": ("source",)}),
    "subscriptions.cancel": left_out("at_period_end"),
    "subscriptions.create": _item,
    "subscriptions.update": _item,
}
#: What a request has that any of them is for: all others are left alone without a look at their parameters.
WORDS = re.compile(r"(?:\A|&)(?:card|bank_account|default_card|plan|price|quantity|at_period_end)(?:=|\[|%5[Bb])")


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


async def subscribed(call: StripeCall, handler: StripeHandler) -> Result:
    """A customer who comes with a plan has a subscription to it, or is not made."""
    given = read_as(call, "subscriptions.create", _plan)
    customer: Any = await handler(call)
    if "items" not in given:
        return customer
    try:
        await beginnings.create(call.as_if({**given, "customer": customer["id"]}))
    except ServiceError as refused:
        refused.keep = False
        raise
    return await call.state.get("customer", customer["id"])


def _plan(pairs: Sequence[Pair]) -> list[Pair]:
    """What of a customer's parameters is the subscription's. A percentage of taxes is in no rate here."""
    return _item(only("plan", "quantity", "trial_end")(pairs))


async def ended(call: StripeCall, handler: StripeHandler) -> Result:
    """With ``at_period_end``, a subscription goes on until then."""
    sent = call.request.original
    wanted = only("at_period_end")(read(sent.query)) if sent is not None else []
    if not wanted or wanted[-1][1] not in ("true", "1"):
        return await handler(call)
    return await subscriptions.update(call.as_if({"cancel_at_period_end": True}, **call.params.path))


CALLS = {"customers.create": subscribed, "subscriptions.cancel": ended, "subscriptions.update": only_item}
