"""Until 2015-10-01 an account had bank accounts, and no cards among them.

docs.stripe.com/changelog/2015-10-01/accounts-include-external-accounts-field
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import renamed

BEFORE = "2015-10-01"


async def account(call: StripeCall, object: Object) -> Object:
    """``bank_accounts``."""
    if "bank_accounts" in object or "external_accounts" not in object:
        return object
    listed = object["external_accounts"]
    banks = [each for each in listed["data"] if each["object"] == "bank_account"]
    url = f"/v1/accounts/{object['id']}/bank_accounts"
    shown = {**listed, "data": banks, "url": url}
    return {**{name: value for name, value in object.items() if name != "external_accounts"}, "bank_accounts": shown}


_BANK = renamed({"bank_account": ("external_account",)})

CHANGES = {"account": account}
SENT = {
    "accounts.create": _BANK,
    "accounts.external_accounts.create": _BANK,
    "accounts.update": _BANK,
}
