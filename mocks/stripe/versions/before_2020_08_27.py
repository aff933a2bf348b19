"""Until 2020-08-27 a customer came with its sources, subscriptions and tax ids, and taxes were a percentage.

docs.stripe.com/changelog/2020-08-27/deprecates-auto-expansion-customer-sources (and its like for the other two),
/removes-tax-percent-attribute, /removes-display-items-checkout-session, /updates-3d-scure-charge-object,
/deprecates-prorate-parameters-subscriptions and /renames-phases-attributes-subscription-schedules. A tax percentage
becomes a tax rate here, which no list of rates had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts import form
from mocks.base import Result
from mocks.stripe import tax_rates
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.customers import INCLUDES
from mocks.stripe.errors import invalid
from mocks.stripe.prices import plan_of
from mocks.stripe.versions.parameters import Pair, every, left_out, only, read

BEFORE = "2020-08-27"

#: The name of a rate that was a percentage.
PERCENT = "Tax"

SHOWN = ("sources", "subscriptions", "tax_ids")


async def lists(call: StripeCall, object: Object) -> Object:
    """The three lists, without asking for them. Deleted customers have none."""
    if object.get("deleted"):
        return object
    absent = [name for name in SHOWN if name not in object]
    return {**object, **{name: await INCLUDES["customer", name](call, object) for name in absent}}


async def tax_percent(call: StripeCall, object: Object) -> Object:
    """``tax_percent``: of the rate that was made of one, else null."""
    if object.get("deleted") or "tax_percent" in object:
        return object
    rates: Sequence[Any] = object.get("default_tax_rates") or ()
    rate = rates[0] if len(rates) == 1 else None
    if isinstance(rate, dict) and rate["display_name"] == PERCENT:
        return {**object, "default_tax_rates": [], "tax_percent": rate["percentage"]}
    return {**object, "tax_percent": None}


async def taxed(call: StripeCall, handler: StripeHandler) -> Result:
    """A percentage that is sent, as a rate."""
    sent = call.request.original
    pairs = only("tax_percent")(read(form.text_of(sent.body))) if sent is not None else []
    if pairs:
        rates: list[str] = []
        if (value := pairs[-1][1]) and _number(value):
            body = {"display_name": PERCENT, "inclusive": False, "percentage": float(value)}
            rate = tax_rates.build(call, body)
            await call.state.put(tax_rates.KIND, rate["id"], rate)
            rates = [rate["id"]]
        call.body = {**call.body, "default_tax_rates": rates}
    return await handler(call)


def _number(value: str) -> bool:
    """Raises ServiceError for what is none, and tells whether it is any tax at all."""
    try:
        return float(value) > 0
    except ValueError:
        raise invalid(f"Invalid decimal: {value}", param="tax_percent") from None


async def display_items(call: StripeCall, object: Object) -> Object:
    """``display_items``: what a Checkout session sells."""
    if "display_items" in object or object.get("mode") == "setup":
        return object
    hidden = await call.state.get("checkout.session_details", object["id"]) or {}
    return {**object, "display_items": [_display(each) for each in hidden.get("line_items", ())]}


def _display(item: Object) -> Object:
    price = item["price"]
    recurring = bool(price and price.get("recurring"))
    return {
        "amount": price["unit_amount"] if price else item["amount_total"],
        "currency": item["currency"],
        **(
            {"plan": plan_of(price), "type": "plan"}
            if recurring
            else {"custom": {"description": None, "images": None, "name": item["description"]}, "type": "custom"}
        ),
        "quantity": item["quantity"],
    }


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
    "checkout.session": display_items,
    "customer": lists,
    "invoice": tax_percent,
    "subscription": tax_percent,
    "subscription_schedule": phases,
}


def _capabilities(pairs: Sequence[Pair]) -> list[Pair]:
    """``requested_capabilities`` was a list of their names."""
    return [
        (("capabilities", value, "requested"), "true") if path[0] == "requested_capabilities" else (path, value)
        for path, value in pairs
    ]


SENT = {
    "accounts.create": _capabilities,
    "accounts.update": _capabilities,
    "subscription_items.create": _prorated,
    "subscription_items.delete": _prorated,
    "subscription_items.update": _prorated,
    "subscription_schedules.create": _schedule,
    "subscription_schedules.update": _schedule,
    "subscriptions.cancel": _prorated,
    "subscriptions.create": every(_prorated, left_out("tax_percent")),
    "subscriptions.update": every(_prorated, left_out("tax_percent")),
}
CALLS = {"subscriptions.create": taxed, "subscriptions.update": taxed}
