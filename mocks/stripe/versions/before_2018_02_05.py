"""Until 2018-02-05 a plan had a name and a statement descriptor of its own, and was of no product.

docs.stripe.com/changelog/2018-02-05/plans-link-individual-products-several-fields-moved
"""

from __future__ import annotations

from mocks.base import Result
from mocks.stripe import plans, products
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.versions.parameters import left_out, only, read_as, renamed

BEFORE = "2018-02-05"

MOVED = ("name", "statement_descriptor")


async def plan(call: StripeCall, object: Object) -> Object:
    """``name`` and ``statement_descriptor``, as the product has them."""
    named = object.get("product")
    if object.get("deleted") or "name" in object or named is None:
        return object
    product = named if isinstance(named, dict) else await call.state.get(products.KIND, named) or {}
    return {**object, **{name: product.get(name) for name in MOVED}}


async def rename(call: StripeCall, handler: StripeHandler) -> Result:
    """A plan's new name is its product's."""
    given = read_as(call, "products.update", only(*MOVED))
    if given:
        named = (await plans.named(call))["product"]
        await products.update(call.as_if(given, id=named))
    return await handler(call)


CHANGES = {"plan": plan}
SENT = {
    "plans.create": renamed({name: ("product", name) for name in MOVED}),
    "plans.update": left_out(*MOVED),
}
CALLS = {"plans.update": rename}
