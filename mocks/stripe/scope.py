"""Whose objects a call sees: the platform's, or with ``Stripe-Account`` those of one connected account.

https://docs.stripe.com/connect/authentication (2026-11): the header is sent with the platform's own key, and an object
that was made with it is only there with it.
"""

from __future__ import annotations

import hashlib
import string

from mocks.base import Call, State
from mocks.scoped import Scoped

LETTERS = string.digits + string.ascii_letters

#: Records that all accounts share: an event says whose it is, an account is nobody's but the platform's, and
#: time passes in all of them at once.
SHARED = frozenset(["account", "appointment", "deleted_account", "event"])


def scoped(state: State, account: str) -> State:
    """The State of one connected account: kinds of its own beside the platform's."""
    return Scoped(state, account, SHARED)


def _drawn(seed: int, what: str, length: int) -> str:
    """Text that is always the same for an environment."""
    number = int.from_bytes(hashlib.blake2b(f"{what}:{seed}".encode(), digest_size=32).digest(), "big")
    found = ""
    for _ in range(length):
        number, place = divmod(number, len(LETTERS))
        found += LETTERS[place]
    return found


def platform(call: Call) -> str:
    """The id of the account that the keys belong to."""
    return "acct_1" + _drawn(call.seed, "account", 15)


def application(call: Call) -> str:
    """The id of the platform's Connect application."""
    return "ca_" + _drawn(call.seed, "application", 32)


def own(call: Call, what: str, prefix: str, length: int) -> str:
    """The id of something that the platform's account has from the beginning."""
    return prefix + _drawn(call.seed, what, length)
