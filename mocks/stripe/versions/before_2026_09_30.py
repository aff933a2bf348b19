"""Until endive a change of the billing cycle's anchor was a word or a time, not a hash.

docs.stripe.com/changelog/endive/2026-09-30/polymorphic-billing-cycle-anchor. That payment intents and setup intents
took ``payment_method_types`` is in ``mocks/stripe/intents.py``: the word meant what no word means today.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.versions.parameters import Change, Pair, Path, Sent

BEFORE = "2026-09-30"


def _anchor(*steps: str) -> Sent:
    at: Path = (*steps, "billing_cycle_anchor")

    def change(pairs: Sequence[Pair]) -> list[Pair]:
        found: list[Pair] = []
        for path, value in pairs:
            if path != at:
                found.append((path, value))
            elif value.isdigit():
                found += [((*at, "type"), "timestamp"), ((*at, "timestamp"), value)]
            else:
                found.append(((*at, "type"), value))
        return found

    return change


CHANGES: dict[str, Change] = {}
SENT = {
    "invoices.create_preview": _anchor("subscription_details"),
    "subscriptions.resume": _anchor(),
    "subscriptions.update": _anchor(),
}
