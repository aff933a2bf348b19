"""Until 2020-08-27 a customer came with its sources, subscriptions and tax ids.

docs.stripe.com/changelog/2020-08-27/deprecates-auto-expansion-customer-sources (and its like for the other two)
"""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.customers import INCLUDES

BEFORE = "2020-08-27"

SHOWN = ("sources", "subscriptions", "tax_ids")


async def lists(call: StripeCall, object: Object) -> Object:
    """The three lists, without asking for them. Deleted customers have none."""
    if object.get("deleted"):
        return object
    absent = [name for name in SHOWN if name not in object]
    return {**object, **{name: await INCLUDES["customer", name](call, object) for name in absent}}


CHANGES = {"customer": lists}
