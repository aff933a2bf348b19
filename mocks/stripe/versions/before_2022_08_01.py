"""Until 2022-08-01 a customer had a default currency beside its currency.

docs.stripe.com/changelog/2022-08-01/removes-default-currency-customer-object
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2022-08-01"


async def default_currency(call: StripeCall, object: Object) -> Object:
    """``default_currency``: the same as ``currency``. Deleted customers have neither."""
    return {**object, "default_currency": object["currency"]} if "currency" in object else object


CHANGES = {"customer": default_currency}
