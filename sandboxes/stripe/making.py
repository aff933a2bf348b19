"""What an answer says exists: the object that was made, and what it tells of that Stripe made along with it.

Never a claim on what several environments may share: products, prices, coupons, tax and shipping rates, accounts
and files belong to whoever's call made them. What is derived names the object that told of it as its parent, so that
the broker can hold it to that object's owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.exchange import Response
from sandboxes.base import Outgoing, Resource
from sandboxes.stripe import kinds, wire
from sandboxes.stripe.references import mentioned

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
    *("credit_note", "transfer", "fee", "source", "test_clock", "destination", "account"),
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
    """Of a create the made object first. Empty for what failed and what was deleted."""
    if response.status >= 300 or response.stream is not None:
        return ()
    value = wire.read(response)
    if not isinstance(value, Mapping) or value.get("deleted") is True:
        return ()
    if call.rule.effect == "list":
        return tuple(_listed(value))
    found: dict[str, Resource] = {}
    if call.rule.effect == "create" and isinstance(value.get("id"), str):
        main = Resource(_kind(call, value), value["id"], parent=_path_parent(call))
        found[main.id] = main
        for described, member, kind in _MADE_ALONG.get(call.operation.id, ()):
            along = identity(value.get(member))
            if along and isinstance(call.params.get(described), Mapping):
                found[along] = Resource(kind, along)
    known = mentioned(call) | ({value["id"]} if isinstance(value.get("id"), str) else set())
    for resource in derived(value):
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


def derived(value: Mapping[str, Any]) -> Iterator[Resource]:
    """What one object tells of, by itself or by an id."""
    parent = value.get("id") if isinstance(value.get("id"), str) else ""
    for _, mention, kind in kinds.mentions(value):
        if kind in DERIVED and mention != parent:
            yield Resource(kind, mention, parent=str(parent), derived=True)
    # Without a customer given, Checkout may make one (https://docs.stripe.com/api/checkout/sessions/object,
    # customer_creation); a customer that anything else mentions was there before.
    customer = identity(value.get("customer"))
    if value.get("object") == "checkout.session" and value.get("customer_creation") and customer:
        yield Resource("customer", customer, parent=str(parent), derived=True)


def _listed(value: Mapping[str, Any]) -> Iterator[Resource]:
    """The elements of a list that belong to something, with what they belong to."""
    elements = value.get("data")
    for element in elements if isinstance(elements, list) else ():
        own = identity(element)
        kind = kinds.kind_of(own) if own else None
        parents = belongs_to(element)
        if own and kind in DERIVED and parents:
            yield Resource(str(kind), own, parent=parents[0], derived=True)


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
