"""Until 2022-08-01 a customer had a default currency, and what Checkout sold needed no price.

docs.stripe.com/changelog/2022-08-01/removes-default-currency-customer-object and
/replaces-line-item-create-checkout-session
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import Pair, Path

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


CHANGES = {"customer": default_currency}
SENT = {"checkout.sessions.create": _line_items}
