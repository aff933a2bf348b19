"""Until 2018-05-21 a subscription had its plan's trial, and its line on an invoice was known by its own id.

docs.stripe.com/changelog/2018-05-21/subscriptions-default-no-trial-period-plan and
/invoice-line-items-have-unique-ids-cannot-use-subscription
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import Pair

BEFORE = "2018-05-21"

_TRIALS = ("trial_end", "trial_period_days", "trial_from_plan")


async def line_item(call: StripeCall, object: Object) -> Object:
    """``id``: the subscription's."""
    named = object.get("subscription")
    return {**object, "id": named} if object.get("type") == "subscription" and isinstance(named, str) else object


def _trial(pairs: Sequence[Pair]) -> list[Pair]:
    if any(path[0] in _TRIALS for path, _ in pairs):
        return list(pairs)
    return [*pairs, (("trial_from_plan",), "true")]


CHANGES = {"line_item": line_item}
SENT = {"subscriptions.create": _trial}
