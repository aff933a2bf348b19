"""Plans: a recurring price under its older name. https://docs.stripe.com/api/plans (2026-11).

There is one object in the account: what is made as a plan can be read as a price, and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Missing
from mocks.stripe import prices, products
from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.lists import page
from mocks.stripe.metadata import merged

KIND = "plan"


async def create(call: StripeCall) -> Object:
    body = call.body
    key = body.get("id") or call.new_id("plan_", 14)
    if "id" in body and await call.state.get(prices.KIND, key) is not None:
        raise invalid("Plan already exists.", code="resource_already_exists")
    if not body.get("product"):
        raise missing_param("product")
    tiered = body.get("billing_scheme") == "tiered" or body.get("tiers")
    if body.get("amount") is None and body.get("amount_decimal") is None and not tiered:
        raise missing_param("amount")
    await prices.metered(call, body, "meter")
    product = None
    if isinstance(body["product"], Mapping):
        product = products.build(call, body["product"], body["product"].get("id") or call.new_id("prod_", 14))
        holder = product["id"]
    else:
        holder = (await call.referred(products.KIND, body["product"], "product"))["id"]
    made = prices.build(call, _as_price(body), holder)
    price = prices.Price({**made.object, "id": key}, made.hidden)
    if product is not None:
        await products.store(call, product)
        call.event("product.created", product)
    await prices.store(call, price)
    prices.announce(call, "created", price.object)
    return prices.plan_of(price.object)


def _as_price(body: Mapping[str, Any]) -> Object:
    """A plan's parameters in a price's words."""
    same = ("active", "billing_scheme", "currency", "metadata", "nickname", "tiers", "tiers_mode")
    renamed = {
        "amount": "unit_amount",
        "amount_decimal": "unit_amount_decimal",
        "transform_usage": "transform_quantity",
    }
    recurring = ("aggregate_usage", "interval", "interval_count", "meter", "trial_period_days", "usage_type")
    return {
        **{name: body[name] for name in same if name in body},
        **{price: body[name] for name, price in renamed.items() if name in body},
        "recurring": {name: body[name] for name in recurring if name in body},
    }


async def named(call: StripeCall) -> Object:
    """The recurring price that the path names; a one-time price is no plan."""
    key = call.path("plan")
    price = await call.state.get(prices.KIND, key)
    if price is None or price["recurring"] is None:
        raise Missing(KIND, key)
    return price


async def retrieve(call: StripeCall) -> Object:
    return prices.plan_of(await named(call))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await named(call)
    changes: Object = {}
    if "active" in body:
        changes["active"] = body["active"]
    if "nickname" in body:
        changes["nickname"] = given(body, "nickname")
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if given(body, "product") is not None:
        changes["product"] = (await call.referred(products.KIND, body["product"], "product"))["id"]
    if "trial_period_days" in body:
        changes["recurring"] = {**old["recurring"], "trial_period_days": given(body, "trial_period_days")}
    await prices.archivable(call, old, changes)
    new, previous = changed(old, changes)
    await prices.write(call, new)
    if previous:
        prices.announce(call, "updated", new, old)
    return prices.plan_of(new)


async def delete(call: StripeCall) -> Object:
    """Subscriptions that have the plan keep it: https://docs.stripe.com/api/plans/delete."""
    price = await named(call)
    await call.state.delete(prices.KIND, price["id"])
    await call.state.delete(prices.HIDDEN, price["id"])
    prices.announce(call, "deleted", price)
    return {"id": price["id"], "object": KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {"type": "recurring", **({"product": body["product"]} if body.get("product") else {})}
    keep = (lambda price: bool(price["active"] == body["active"])) if "active" in body else None
    try:
        found = await page(call, prices.KIND, where, keep=keep)
    except Missing as error:
        raise missing(KIND, error.key, error.param) from None
    return {**found, "data": [prices.plan_of(price) for price in found["data"]]}


async def _tiers(call: StripeCall, plan: Object) -> Any:
    return (await call.state.get(prices.HIDDEN, plan["id"]) or {}).get("tiers")


INCLUDES: dict[tuple[str, str], Loader] = {(KIND, "tiers"): _tiers}
