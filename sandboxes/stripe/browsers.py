"""Stripe in browsers: Stripe.js speaks to Stripe itself alone, so it needs the account's own publishable key.

A publishable key is made to be seen (https://docs.stripe.com/keys#obtain-api-keys); what is made with it is the
environment's once the environment uses it (sandboxes/stripe/references.py, bearers).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandboxes.base import Account

#: The option of an account that holds the key.
KEY_OPTION = "publishable_key"
_TEST = re.compile(r"pk_test_[0-9A-Za-z]{8,200}")


def check_options(options: Mapping[str, Any]) -> str | None:
    """Only a key of the test mode, and no secret one."""
    key = options.get(KEY_OPTION)
    if key is None or _TEST.fullmatch(str(key)):
        return None
    return f"{KEY_OPTION} must be a publishable key of the test mode: it begins with pk_test_."


def variables(account: Account) -> Mapping[str, str]:
    """The publishable key, and the connected account that Stripe.js has to name beside it."""
    found = {}
    if key := account.options.get(KEY_OPTION):
        found["STRIPE_PUBLISHABLE_KEY"] = str(key)
    if account.subaccount is not None:
        found["STRIPE_ACCOUNT"] = account.subaccount
    return found
