"""Until 2022-08-01 a customer had a default currency, and Checkout made its payment at once, of what needed no price.

docs.stripe.com/changelog/2022-08-01/removes-default-currency-customer-object,
/replaces-line-item-create-checkout-session, /deferred-paymentintent-checkout-session,
/default-customer-creation-checkout-session and /removes-subscription-data-create-checkout-session
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mocks.base import Result
from mocks.stripe import checkout_payment, checkout_sessions, payment_intents
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.versions.parameters import Pair, Path, every

BEFORE = "2022-08-01"


async def default_currency(call: StripeCall, object: Object) -> Object:
    """``default_currency``: the same as ``currency``. Deleted customers have neither."""
    return {**object, "default_currency": object["currency"]} if "currency" in object else object


#: A line item's parameter -> where it stands today.
PRICE_DATA: dict[str, Path] = {
    "amount": ("price_data", "unit_amount"),
    "currency": ("price_data", "currency"),
    "description": ("price_data", "product_data", "description"),
    "images": ("price_data", "product_data", "images"),
    "name": ("price_data", "product_data", "name"),
}


def _line_items(pairs: Sequence[Pair]) -> list[Pair]:
    found: list[Pair] = []
    for path, value in pairs:
        if len(path) >= 3 and path[0] == "line_items" and path[2] in PRICE_DATA:
            path = (*path[:2], *PRICE_DATA[path[2]], *path[3:])
        found.append((path, value))
    return found


def _subscribed(pairs: Sequence[Pair]) -> list[Pair]:
    """``subscription_data[items]`` are line items, and ``[coupon]`` is a discount."""
    found: list[Pair] = []
    for path, value in pairs:
        if path[:2] == ("subscription_data", "items") and len(path) > 3:
            path = ("line_items", path[2], "price" if path[3] == "plan" else path[3], *path[4:])
        elif path == ("subscription_data", "coupon"):
            path = ("discounts", "0", "coupon")
        found.append((path, value))
    bare = {path[1] for path, _ in found if path[0] == "line_items" and path[2:] == ("price",)}
    counted = {path[1] for path, _ in found if path[0] == "line_items" and path[2:] == ("quantity",)}
    return found + [(("line_items", place, "quantity"), "1") for place in sorted(bare - counted) if _moved(pairs)]


def _moved(pairs: Sequence[Pair]) -> bool:
    return any(path[:2] == ("subscription_data", "items") for path, _ in pairs)


def _customer(pairs: Sequence[Pair]) -> list[Pair]:
    """A payment always made a customer, unless there was one."""
    names = {path[0] for path, _ in pairs}
    pays = (("mode",), "payment") in pairs or "mode" not in names
    if not pays or {"customer", "customer_creation"} & names or "subscription_data" in names:
        return list(pairs)
    return [*pairs, (("customer_creation",), "always")]


def _mode(pairs: Sequence[Pair]) -> list[Pair]:
    """``mode`` could be left out: what is sold told it."""
    if any(path == ("mode",) for path, _ in pairs):
        return list(pairs)
    return [*pairs, (("mode",), "subscription" if _moved(pairs) else "payment")]


async def at_once(call: StripeCall, handler: StripeHandler) -> Result:
    """A session in payment mode has its payment intent from the beginning."""
    session: Any = await handler(call)
    if session["mode"] != "payment":
        return session
    intent = await checkout_payment.intent_of(call, session)
    await payment_intents.store(call, intent)
    session = {**session, "payment_intent": intent["id"]}
    await checkout_sessions.store(call, session)
    return session


CHANGES = {"customer": default_currency}
SENT = {"checkout.sessions.create": every(_customer, _mode, _subscribed, _line_items)}
CALLS = {"checkout.sessions.create": at_once}
