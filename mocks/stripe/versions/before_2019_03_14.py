"""Until 2019-03-14 an invoice had a date and, once it was finalized, the time of that; its fee had another name.

docs.stripe.com/changelog/2019-03-14/renames-date-field-invoices-created,
/invoices-specify-finalized-alongside-status-transitions and /renames-application-fee-invoices-application-fee-amount.
A subscription whose first payment fails was not made at all:
docs.stripe.com/billing/migration/strong-customer-authentication.
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import Pair, renamed

BEFORE = "2019-03-14"


async def invoice(call: StripeCall, object: Object) -> Object:
    """``date``, ``finalized_at`` and ``application_fee``."""
    if "status_transitions" not in object:
        return object
    return {
        "application_fee": object.get("application_fee_amount"),
        "date": object["created"],
        "finalized_at": object["status_transitions"]["finalized_at"],
        **object,
    }


def _or_nothing(pairs: Sequence[Pair]) -> list[Pair]:
    """``payment_behavior``: an error, unless another is asked for."""
    if any(path == ("payment_behavior",) for path, _ in pairs):
        return list(pairs)
    return [*pairs, (("payment_behavior",), "error_if_incomplete")]


_FEE = renamed({"application_fee": ("application_fee_amount",), "date": ("created",)})

CHANGES = {"invoice": invoice}
SENT = {
    "invoices.create": _FEE,
    "invoices.list": _FEE,
    "invoices.update": _FEE,
    "subscriptions.create": _or_nothing,
}
