"""Until 2018-07-27 a subscription could bring the customer's new card, and a coupon's percentage was whole.

docs.stripe.com/changelog/2018-07-27/subscriptions-no-longer-support-modifying-source and
/coupons-use-floats-specify-percent-off
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.base import Result
from mocks.stripe import customers
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.versions.parameters import Pair, left_out, read_as

BEFORE = "2018-07-27"

#: ``card`` is the name that ``source`` had until 2015-02-18.
_NAMES = ("source", "card")


async def percent_off(call: StripeCall, object: Object) -> Object:
    """``percent_off``: an integer."""
    percent = object.get("percent_off")
    return {**object, "percent_off": int(percent)} if isinstance(percent, float) else object


def _sourced(pairs: Sequence[Pair]) -> list[Pair]:
    return [(("source", *path[1:]), value) for path, value in pairs if path[0] in _NAMES]


async def with_source(call: StripeCall, handler: StripeHandler) -> Result:
    """The card becomes the customer's before the subscription is made or changed."""
    given = read_as(call, "customers.update", _sourced)
    if given:
        key = call.body.get("customer")
        if key is None:
            key = (await call.named("subscription", call.path("subscription_exposed_id")))["customer"]
        await call.referred("customer", key, "customer")
        await customers.update(call.as_if(given, customer=key))
    return await handler(call)


CHANGES = {"coupon": percent_off}
SENT = {"subscriptions.create": left_out(*_NAMES), "subscriptions.update": left_out(*_NAMES)}
CALLS = {"subscriptions.create": with_source, "subscriptions.update": with_source}
