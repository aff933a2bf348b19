"""Until 2019-10-17 a customer's balance was called account_balance.

docs.stripe.com/changelog/2019-10-17/renames-account-balance-customer-object; both are shown (seen).
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2019-10-17"


async def account_balance(call: StripeCall, object: Object) -> Object:
    """``account_balance``: the same as ``balance``. Deleted customers have neither."""
    return {**object, "account_balance": object["balance"]} if "balance" in object else object


CHANGES = {"customer": account_balance}
