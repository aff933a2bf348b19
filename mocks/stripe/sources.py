"""Sources, the older form of payment methods: https://docs.stripe.com/api/sources and https://docs.stripe.com/sources
(2026-11).

Those of cards have behaviour of their own. A source that is attached to a customer can be charged again and again, and
is a payment method at the same time; any other is ``consumed`` by its charge. Sources of the other types answer from
the generic engine: nothing makes them chargeable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from mocks.base import ServiceError
from mocks.stripe import cards, engine, money, plastic
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed, given
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import NO_ADDRESS

KIND = "source"

#: What an owner has, each with what was verified of it.
OWNER = ("address", "email", "name", "phone")

#: Members of a card that a source shows: https://docs.stripe.com/sources/cards.
SHOWN = (
    "address_line1_check", "address_zip_check", "brand", "country", "cvc_check", "dynamic_last4", "exp_month",
    "exp_year", "fingerprint", "funding", "last4", "name", "tokenization_method",
)  # fmt: skip


async def create(call: StripeCall) -> Any:
    body = call.body
    kind = body.get("type") or ("card" if body.get("token") else None)
    if not kind:
        raise missing_param("type")
    if kind != "card":
        return await engine.answer(call)
    currency = money.known_currency(body["currency"]) if body.get("currency") else None
    sent = body.get("token") or body.get("card")
    if not sent:
        raise missing_param("card")
    card = await cards.from_source(call, sent, None, "token" if body.get("token") else "card")
    source: Object = {
        "id": call.new_id("src_1", 23),
        "object": KIND,
        "amount": body.get("amount"),
        "card": _shown(card),
        "client_secret": f"src_client_secret_{call.new_id('', 24)}",
        "created": call.timestamp,
        "currency": currency,
        "flow": "none",
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "owner": _owner({**(body.get("owner") or {}), **_holder(card)}),
        "statement_descriptor": given(body, "statement_descriptor"),
        "status": "chargeable",
        "type": "card",
        "usage": body.get("usage") or "reusable",
    }
    await call.state.put(KIND, source["id"], source)
    call.event("source.chargeable", source)
    return source


def _shown(card: Mapping[str, Any]) -> Object:
    test = plastic.behind(card)
    asked = "required" if test is not None and test.authentication in ("required", "always") else "optional"
    return {**{name: card[name] for name in SHOWN}, "three_d_secure": asked}


def _holder(card: Mapping[str, Any]) -> Object:
    """Whose a token's card is: its properties win over the call's (https://docs.stripe.com/api/sources/create)."""
    address = {to: card[name] for name, to in cards.ADDRESS.items() if card[name]}
    return {**({"address": address} if address else {}), **({"name": card["name"]} if card["name"] else {})}


def _owner(sent: Any, old: Mapping[str, Any] | None = None) -> Object:
    """Whose a source is; nothing of them is verified."""
    found: Object = {**dict.fromkeys(OWNER), **{f"verified_{name}": None for name in OWNER}, **(old or {})}
    for name, value in (sent or {}).items():
        found[name] = (
            {**NO_ADDRESS, **(found["address"] or {}), **value} if name == "address" and value else value or None
        )
    return dict(sorted(found.items()))


async def retrieve(call: StripeCall) -> Any:
    found = await call.named(KIND, call.path("source"))
    return found if found.get("type") == "card" else await engine.answer(call)


async def update(call: StripeCall) -> Any:
    old = await call.named(KIND, call.path("source"))
    if old.get("type") != "card":
        return await engine.answer(call)
    new, previous = changed(old, changes(old, call.body))
    await store(call, new)
    if previous and new.get("customer"):
        call.event("customer.source.updated", new, previous)
    return new


def changes(old: Mapping[str, Any], body: Mapping[str, Any]) -> Object:
    """What a call changes of a source."""
    found: Object = {"amount": body["amount"]} if "amount" in body else {}
    if "metadata" in body:
        found["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("owner"):
        found["owner"] = _owner(body["owner"], old["owner"])
    return found


async def store(call: StripeCall, source: Object) -> None:
    """Write a source, and the payment method that a customer's is."""
    index = {"customer": source["customer"]} if source.get("customer") else {}
    await call.state.put(KIND, source["id"], source, index)
    if index:
        method = {**as_payment_method(call, source), "created": source["created"]}
        await call.state.put("payment_method", source["id"], method, {**index, "type": "card"})


def as_payment_method(call: StripeCall, payer: Object) -> Object:
    """The payment method that a card, or a card's source, is at the same time."""
    if payer["object"] != KIND:
        return cards.as_payment_method(call, payer)
    owner, card = payer["owner"], payer["card"]
    address = {name: (owner["address"] or {}).get(to) for name, to in cards.ADDRESS.items()}
    named = {"name": owner["name"] or card["name"], "customer": payer.get("customer"), "metadata": payer["metadata"]}
    method = cards.as_payment_method(call, {**card, **address, **named, "id": payer["id"]})
    told = {name: owner[name] for name in ("email", "phone")}
    return {**method, "billing_details": {**method["billing_details"], **told}}


def named(source: Any) -> TypeGuard[str]:
    """Whether a parameter names a source."""
    return isinstance(source, str) and source.startswith("src_")


def _refused(source: Mapping[str, Any], param: str) -> ServiceError:
    if source["status"] != "consumed":
        # Wording ours.
        return invalid(f"The source {source['id']} is {source['status']}, not chargeable.", param=param)
    if source["usage"] == "reusable":
        # Seen in github.com/stripe/stripe-php/issues/669.
        return invalid(
            "The reusable source you provided is consumed because it was previously charged without being attached to "
            "a customer or was detached from a customer. To charge a reusable source multiple time you must attach it "
            "to a customer first."
        )
    # Seen in github.com/woocommerce/woocommerce-gateway-stripe/issues/1126.
    return invalid(
        "The provided source has already been used to make another payment. You cannot reuse sources without attaching "
        "them to a Customer object first."
    )


async def _card(call: StripeCall, id: str, param: str) -> Object:
    """The chargeable source of a card that a parameter names; raises ServiceError."""
    found = await call.state.get(KIND, id)
    if found is None:
        raise missing(KIND, id, param)
    if found.get("type") != "card":
        # Wording ours.
        raise invalid(f"The source {id} is of the type {found.get('type')}: here only those of cards pay.", param=param)
    if found["status"] != "chargeable":
        raise _refused(found, param)
    return found


async def attached(call: StripeCall, id: str, customer: str, param: str) -> Object:
    """A source as that customer's, not stored yet: https://docs.stripe.com/api/sources/attach. Raises ServiceError."""
    found = await _card(call, id, param)
    if found.get("customer"):
        # Seen in github.com/mage2pro/stripe/issues/77.
        raise invalid("The source you provided has already been attached to a customer.", param=param)
    if found["usage"] != "reusable":
        # Wording ours; https://docs.stripe.com/sources/customers#single-use-sources.
        raise invalid(f"The source {id} is for a single use: it cannot be attached to a customer.", param=param)
    test = plastic.behind(found["card"])
    if test is not None and test.declined is not None and not test.attachable:
        raise plastic.refused(test.declined)
    return {**found, "customer": customer}


async def payer(call: StripeCall, id: str, customer: str | None) -> Object:
    """The source that a charge is of; raises ServiceError. One for a single use may name any customer:
    https://docs.stripe.com/sources/customers#single-use-sources."""
    found = await _card(call, id, "source")
    owner = found.get("customer")
    if owner and customer is None:
        # Wording ours; https://docs.stripe.com/api/charges/create: attached sources need their customer as well.
        raise invalid(f"The source {id} is attached to a customer, whom the charge has to name.", param="customer")
    if customer is not None and owner != customer and (owner or found["usage"] == "reusable"):
        raise invalid(
            f"Customer {customer} does not have a linked source with ID {id}.", code="missing", param="source"
        )
    return found


async def charged(call: StripeCall, payer: Object) -> Object:
    """What paid, after the charge: a source that is no customer's is consumed. Stored."""
    if payer["object"] != KIND or payer.get("customer"):
        return payer
    return await _consumed(call, payer)


async def detached(call: StripeCall, source: Object) -> Object:
    """A source that was taken from its customer cannot be charged any more. Stored."""
    return await _consumed(call, {name: value for name, value in source.items() if name != "customer"})


async def _consumed(call: StripeCall, source: Object) -> Object:
    spent = {**source, "status": "consumed"}
    await store(call, spent)
    return spent


HANDLERS: dict[str, StripeHandler] = {
    "sources.create": create,
    "sources.retrieve": retrieve,
    "sources.update": update,
}
