"""Until 2017-04-06 what goes to a bank was a transfer as well.

docs.stripe.com/transfer-payout-split: transfers had the members that payouts have, and an account's members spoke of
transfers. Transfers to a bank account, which were made at the same address, are not made here.
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import renamed

BEFORE = "2017-04-06"

#: Today's member -> the older one, of accounts.
ACCOUNT = {
    "payout_schedule": "transfer_schedule",
    "payout_statement_descriptor": "transfer_statement_descriptor",
    "payouts_enabled": "transfers_enabled",
}
#: What every transfer had, and only payouts have today.
TRANSFER: Object = {
    "application_fee": None,
    "bank_account": None,
    "card": None,
    "date": None,
    "failure_code": None,
    "failure_message": None,
    "method": "standard",
    "recipient": None,
    "statement_descriptor": None,
    "status": "paid",
    "type": "stripe_account",
}


async def account(call: StripeCall, object: Object) -> Object:
    """``transfers_enabled`` and its like."""
    return {ACCOUNT.get(name, name): value for name, value in object.items()}


async def transfer(call: StripeCall, object: Object) -> Object:
    """With what only payouts have today."""
    return object if "status" in object else {**TRANSFER, **object, "date": object["created"]}


_ACCOUNT = renamed({old: (new,) for new, old in ACCOUNT.items()})

CHANGES = {"account": account, "transfer": transfer}
SENT = {"accounts.create": _ACCOUNT, "accounts.update": _ACCOUNT}
