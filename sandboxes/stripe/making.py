"""What an answer says exists: the object that was made, and what it tells of that Stripe made along with it.

Never a claim on what several environments may share: products, prices, coupons, tax and shipping rates, accounts
and files belong to whoever's call made them. What is derived names the object that told of it as its parent, so that
the broker can hold it to that object's owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from contracts.exchange import Response
from sandboxes.base import Outgoing, Resource
from sandboxes.stripe import kinds, marking, wire
from sandboxes.stripe.references import references

#: Kinds that Stripe makes by itself, or along with another object of the same owner.
DERIVED = frozenset(
    {
        *("balance_transaction", "bank_account", "billing.credit_grant", "card", "charge", "checkout.session"),
        *("credit_note", "customer_balance_transaction", "customer_cash_balance_transaction", "dispute", "event"),
        *("fee_refund", "invoice", "invoice_payment", "invoiceitem", "line_item", "mandate", "payment_intent"),
        *("payment_method", "quote", "refund", "review", "setup_attempt", "setup_intent", "source", "subscription"),
        *("subscription_item", "subscription_schedule", "tax_id", "token", "transfer", "transfer_reversal"),
        *("application_fee", "entitlements.active_entitlement", "person"),
    }
)
#: Members of an object that say whose it is, the nearest first. Read by lists, events and here.
PARENTS = (
    *("payment_intent", "setup_intent", "charge", "latest_charge", "source_transaction", "invoice", "latest_invoice"),
    *("subscription", "quote", "schedule", "subscription_schedule", "payment_link", "payment_method", "customer"),
    *("credit_grant", "credit_note", "transfer", "fee", "source", "test_clock", "destination", "account"),
)
#: Further ones of kinds that live in the catalogue.
_CATALOG_PARENTS: Mapping[str, tuple[str, ...]] = {
    "price": ("product",),
    "plan": ("product",),
    "product_feature": ("product",),
    "promotion_code": ("coupon",),
}
#: Besides the made object itself, a create makes these where the request describes them instead of naming them.
_MADE_ALONG: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "prices.create": (("product_data", "product", "product"),),
    "plans.create": (("product", "product", "product"),),
    "products.create": (("default_price_data", "default_price", "price"),),
}


def made(call: Outgoing, response: Response) -> Sequence[Resource]:
    """Of a create the made object first. Empty for what failed, for what was deleted, and for what was made by hand:
    nothing of it is the environment's."""
    if response.status >= 300 or response.stream is not None:
        return ()
    value = wire.read(response)
    if not isinstance(value, Mapping) or value.get("deleted") is True:
        return ()
    mentioned = references(call)
    if call.rule.effect == "list":
        owners = {reference.id for reference in mentioned} - call.unmapped
        return tuple(_listed(value, owners)) if owners else ()
    if any(reference.subject and reference.id in call.unmapped for reference in mentioned):
        return ()
    found: dict[str, Resource] = {}
    own = identity(value) or next((reference.id for reference in mentioned if reference.subject), "")
    if call.rule.effect == "create" and own:
        found[own] = Resource(_kind(call, value), own, parent=_path_parent(call))
        for described, member, kind in _MADE_ALONG.get(call.operation.id, ()):
            along = identity(value.get(member))
            if along and isinstance(call.params.get(described), Mapping):
                found[along] = Resource(kind, along, parent=own, derived=True)
    elif own and own not in {reference.id for reference in mentioned} and kinds.kind_of(own) in DERIVED:
        # ``pm_card_visa`` is everybody's, and what is attached in its name is new.
        found[own] = Resource(str(kinds.kind_of(own)), own, parent=next(iter(belongs_to(value)), ""), derived=True)
    # Who uses what a browser brought owns it from then on.
    for reference in mentioned:
        if reference.bearer and reference.id != own and reference.id not in call.unmapped:
            found.setdefault(reference.id, Resource(reference.kind, reference.id, parent=own, derived=True))
    known = {own, *(reference.id for reference in mentioned)}
    for resource in derived(value, own):
        if resource.id not in known:
            found.setdefault(resource.id, resource)
    return tuple(found.values())


def _kind(call: Outgoing, value: Mapping[str, Any]) -> str:
    """Sources of a customer are cards, bank accounts or sources: revoked the same way, told apart by their ids."""
    if call.rule.kind in ("source", "external_account"):
        return str(value.get("object") or call.rule.kind)
    return call.rule.kind


def _path_parent(call: Outgoing) -> str:
    return next((str(value) for value in call.params.path.values()), "")


def derived(value: Mapping[str, Any], own: str) -> Iterator[Resource]:
    """What one object tells of, by itself or by an id."""
    for _, mention, kind in kinds.mentions(value):
        if kind in DERIVED and mention != own:
            yield Resource(kind, mention, parent=own, derived=True)
    # A session of ours that was given no customer may make one (https://docs.stripe.com/api/checkout/sessions/object,
    # customer_creation); a customer that anything else mentions was there before.
    customer = identity(value.get("customer"))
    made_it = value.get("object") == "checkout.session" and value.get("customer_creation")
    if made_it and customer and marking.own_marker(value):
        yield Resource("customer", customer, parent=own, derived=True)


def _listed(value: Mapping[str, Any], owners: Set[str]) -> Iterator[Resource]:
    """The elements of a list that belong to what the list was asked for."""
    elements = value.get("data")
    for element in elements if isinstance(elements, list) else ():
        own = identity(element)
        kind = kinds.kind_of(own) if own else None
        owner = next((each for each in belongs_to(element) if each in owners), None)
        if own and kind in DERIVED and owner:
            yield Resource(str(kind), own, parent=owner, derived=True)


def identity(value: Any) -> str | None:
    """The id of a member that holds an object or only its id."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def belongs_to(value: Any) -> tuple[str, ...]:
    """Ids of what an object is part of, the nearest first."""
    if not isinstance(value, Mapping):
        return ()
    found: dict[str, None] = {}
    own = value.get("id")
    names = (*PARENTS, *_CATALOG_PARENTS.get(str(value.get("object")), ()))
    details = value.get("parent")  # of invoices and their items, since 2025: parent.subscription_details.subscription
    inner = [part for part in details.values() if isinstance(part, Mapping)] if isinstance(details, Mapping) else []
    for holder in (value, *inner):
        for name in names:
            owner = identity(holder.get(name))
            if owner and owner != own and (kinds.kind_of(owner) or name in kinds.CHOSEN):
                found[owner] = None
    return tuple(found)
