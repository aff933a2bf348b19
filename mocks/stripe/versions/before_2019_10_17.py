"""Until 2019-10-17 a customer's balance was called account_balance, and how an invoice is collected, billing.

docs.stripe.com/changelog/2019-10-17/renames-account-balance-customer-object (both are shown: seen),
/renames-billing-attribute and /replaces-subscription-start-field.
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import renamed

BEFORE = "2019-10-17"


async def account_balance(call: StripeCall, object: Object) -> Object:
    """``account_balance``: the same as ``balance``. Deleted customers have neither."""
    return {**object, "account_balance": object["balance"]} if "balance" in object else object


async def billing(call: StripeCall, object: Object) -> Object:
    """``billing``: the same as ``collection_method``."""
    return {"billing": object["collection_method"], **object} if "collection_method" in object else object


async def start(call: StripeCall, object: Object) -> Object:
    """``billing``, and ``start``: the day of today's plans, which are the first ones as far as is known here."""
    return await billing(call, {"start": object["start_date"], **object} if "start_date" in object else object)


_BALANCE = renamed({"account_balance": ("balance",)})
_BILLING = renamed({"billing": ("collection_method",)})

CHANGES = {
    "customer": account_balance,
    "invoice": billing,
    "subscription": start,
}
SENT = {
    "customers.create": _BALANCE,
    "customers.update": _BALANCE,
    "invoices.create": _BILLING,
    "invoices.list": _BILLING,
    "invoices.update": _BILLING,
    "subscriptions.create": _BILLING,
    "subscriptions.list": _BILLING,
    "subscriptions.update": _BILLING,
}
