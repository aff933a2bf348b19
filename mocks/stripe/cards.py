"""Cards as customers' sources: the older form of a saved card (https://docs.stripe.com/api/cards, 2026-11).

Such a card is a payment method too, under the same id, so both records are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import plastic
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import invalid, missing
from mocks.stripe.metadata import first
from mocks.stripe.objects import billing_details

KIND = "card"

#: How this object spells the brands.
BRANDS = {
    "visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover",
    "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay",
}  # fmt: skip

#: The card's address fields and the billing details that they stand for.
ADDRESS = {
    "address_city": "city",
    "address_country": "country",
    "address_line1": "line1",
    "address_line2": "line2",
    "address_state": "state",
    "address_zip": "postal_code",
}


def build(call: StripeCall, details: Mapping[str, Any], fields: Mapping[str, Any]) -> Object:
    """A card from the details of a payment method's card and what the caller said about its holder."""
    checks = details["checks"]
    return {
        "id": call.new_id("card_1", 23),
        "object": KIND,
        **{name: given(fields, name) for name in ADDRESS},
        "address_line1_check": checks["address_line1_check"],
        "address_zip_check": checks["address_postal_code_check"],
        "allow_redisplay": "unspecified",
        "brand": BRANDS.get(details["brand"], "Unknown"),
        "country": details["country"],
        "customer": None,
        "cvc_check": checks["cvc_check"],
        "dynamic_last4": None,
        "exp_month": details["exp_month"],
        "exp_year": details["exp_year"],
        "fingerprint": details["fingerprint"],
        "funding": details["funding"],
        "last4": details["last4"],
        "metadata": first(fields.get("metadata")),
        "name": given(fields, "name"),
        "regulated_status": "unregulated",
        "tokenization_method": None,
        "wallet": None,
    }


async def from_source(call: StripeCall, source: Any, customer: str | None, param: str) -> Object:
    """The card that a ``source`` stands for: a token's id, or a hash with the card's number. Not stored yet."""
    token = None
    if isinstance(source, Mapping):
        _, details = plastic.from_number(call, source)
        card = build(call, details, source)
    elif (details_of_test := plastic.from_test_token(call, str(source))) is not None:
        card = build(call, details_of_test, {})
    else:
        token = await unused_token(call, str(source), param)
        card = token["card"]
    test = plastic.behind(card)
    if customer is not None and test is not None and test.declined is not None and not test.attachable:
        raise plastic.refused(test.declined)
    if token is not None:
        await use_token(call, token)
    return {**card, "customer": customer, "cvc_check": plastic.checked(test, card["cvc_check"])}


async def unused_token(call: StripeCall, id: str, param: str) -> Object:
    """The card token that a parameter names; raises ServiceError when it is spent or holds something else."""
    token = await call.state.get("token", id)
    if token is None:
        raise missing("token" if id.startswith("tok_") else "source", id, param)
    if token["used"]:
        raise invalid(f"You cannot use a Stripe token more than once: {id}.", code="token_already_used", param=param)
    if token.get("card") is None:
        raise invalid(f"The token {id} does not hold a card.", param=param)
    return token


async def use_token(call: StripeCall, token: Object) -> None:
    """Spend a token; to be done when nothing can refuse the call any more."""
    await call.state.put("token", token["id"], {**token, "used": True})


def as_payment_method(call: StripeCall, card: Object) -> Object:
    """The payment method that a card is at the same time."""
    brands = {shown: brand for brand, shown in BRANDS.items()}
    details = plastic.details(
        brand=brands.get(card["brand"], "unknown"),
        country=card["country"],
        funding=card["funding"],
        last4=card["last4"],
        fingerprint=card["fingerprint"],
        expires=(card["exp_month"], card["exp_year"]),
        checks=(card["address_line1_check"], card["address_zip_check"], card["cvc_check"]),
    )
    holder = {"name": card["name"], "address": {to: card[name] for name, to in ADDRESS.items()}}
    return {
        "id": card["id"],
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(holder),
        "card": details,
        "created": call.timestamp,
        "customer": card["customer"],
        "customer_account": None,
        "livemode": False,
        "metadata": card["metadata"],
        "type": "card",
    }


async def store(call: StripeCall, card: Object) -> None:
    """Write a customer's card, and the payment method that it is."""
    index = {"customer": card["customer"]} if card["customer"] else {}
    await call.state.put(KIND, card["id"], card, index)
    method = as_payment_method(call, card)
    known = await call.state.get("payment_method", card["id"])
    if known is not None:
        method = {**method, "created": known["created"]}
    await call.state.put("payment_method", card["id"], method, {**index, "type": "card"})
