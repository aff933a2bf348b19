"""Until 2015-08-19 the line of a refund or a dispute in the balance named the charge.

docs.stripe.com/changelog/2015-08-19/balance-transactions-refunds-disputes-specify-source
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2015-08-19"

KINDS = {"re_": "refund", "pyr_": "refund", "du_": "dispute", "dp_": "dispute"}


async def source(call: StripeCall, object: Object) -> Object:
    """``source``: the charge."""
    named = object.get("source")
    if not isinstance(named, str) or (kind := KINDS.get(named.partition("_")[0] + "_")) is None:
        return object
    found = await call.state.get(kind, named)
    return {**object, "source": found["charge"]} if found else object


CHANGES = {"balance_transaction": source}
