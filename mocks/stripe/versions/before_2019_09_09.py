"""Until 2019-09-09 nobody had to ask for what an account can do.

docs.stripe.com/changelog/2019-09-09/platforms-required-specify-capabilities-connected-accounts
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.versions.parameters import Change, Pair

BEFORE = "2019-09-09"

IMPLIED = ("card_payments", "transfers")


def _implied(pairs: Sequence[Pair]) -> list[Pair]:
    if any(path[0] in ("capabilities", "requested_capabilities") for path, _ in pairs):
        return list(pairs)
    return [*pairs, *((("capabilities", name, "requested"), "true") for name in IMPLIED)]


CHANGES: dict[str, Change] = {}
SENT = {"accounts.create": _implied}
