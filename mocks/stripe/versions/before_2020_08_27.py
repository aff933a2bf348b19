"""Until 2020-08-27 a customer came with its sources, subscriptions and tax ids, and taxes were a percentage.

docs.stripe.com/changelog/2020-08-27/deprecates-auto-expansion-customer-sources (and its like for the other two),
/removes-tax-percent-attribute, /updates-3d-scure-charge-object, /deprecates-prorate-parameters-subscriptions and
/renames-phases-attributes-subscription-schedules. A tax percentage that is sent is refused as unknown here.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.customers import INCLUDES
from mocks.stripe.versions.parameters import Pair

BEFORE = "2020-08-27"

SHOWN = ("sources", "subscriptions", "tax_ids")


async def lists(call: StripeCall, object: Object) -> Object:
    """The three lists, without asking for them. Deleted customers have none."""
    if object.get("deleted"):
        return object
    absent = [name for name in SHOWN if name not in object]
    return {**object, **{name: await INCLUDES["customer", name](call, object) for name in absent}}


async def tax_percent(call: StripeCall, object: Object) -> Object:
    """``tax_percent``: null, as taxes come from rates."""
    return object if object.get("deleted") else {"tax_percent": None, **object}


async def three_d_secure(call: StripeCall, object: Object) -> Object:
    """``authenticated`` and ``succeeded`` told what ``result`` tells."""
    details = object.get("payment_method_details") or {}
    card = details.get("card") or {}
    secure = card.get("three_d_secure")
    if not secure or "succeeded" in secure:
        return object
    result = secure.get("result")
    told = {**secure, "authenticated": result == "authenticated"}
    told["succeeded"] = result in ("authenticated", "attempt_acknowledged")
    return {**object, "payment_method_details": {**details, "card": {**card, "three_d_secure": told}}}


async def phases(call: StripeCall, object: Object) -> Object:
    """A schedule's phases had ``plans``."""
    if not any("items" in phase for phase in object.get("phases") or ()):
        return object
    return {**object, "phases": [_planned(phase) for phase in object["phases"]]}


def _planned(phase: Object) -> Object:
    if "items" not in phase:
        return phase
    return {**{name: value for name, value in phase.items() if name != "items"}, "plans": phase["items"]}


PRORATION = {"true": "create_prorations", "false": "none"}


def _prorated(pairs: Sequence[Pair]) -> list[Pair]:
    """``prorate`` is ``proration_behavior`` today, at any depth."""
    found: list[Pair] = []
    for path, value in pairs:
        if path[-1] in ("prorate", "subscription_prorate"):
            name = path[-1].replace("prorate", "proration_behavior")
            path, value = (*path[:-1], name), PRORATION.get(value, value)
        found.append((path, value))
    return found


def _schedule(pairs: Sequence[Pair]) -> list[Pair]:
    found: list[Pair] = []
    for path, value in _prorated(pairs):
        if len(path) >= 3 and path[0] == "phases" and path[2] == "plans":
            path = (*path[:2], "items", *path[3:])
        found.append((path, value))
    return found


CHANGES = {
    "charge": three_d_secure,
    "customer": lists,
    "invoice": tax_percent,
    "subscription": tax_percent,
    "subscription_schedule": phases,
}
SENT = {
    "subscription_items.create": _prorated,
    "subscription_items.delete": _prorated,
    "subscription_items.update": _prorated,
    "subscription_schedules.create": _schedule,
    "subscription_schedules.update": _schedule,
    "subscriptions.cancel": _prorated,
    "subscriptions.create": _prorated,
    "subscriptions.update": _prorated,
}
