"""Products: https://docs.stripe.com/api/products (2026-11)."""

from __future__ import annotations

from typing import Any

from mocks.stripe import prices
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import empty_param, invalid, missing
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged

KIND = "product"

PLAIN = ("description", "statement_descriptor", "tax_code", "unit_label", "url", "shippable", "package_dimensions")


def build(call: StripeCall, body: Any, id: str) -> Object:
    """A product from its creation parameters, also those nested in a price's."""
    if not str(body.get("name") or "").strip():
        raise empty_param("name")
    return {
        "id": id,
        "object": KIND,
        "active": body.get("active", True),
        "attributes": [],
        "created": call.timestamp,
        "default_price": None,
        "description": given(body, "description"),
        "images": body.get("images") or [],
        "livemode": False,
        "marketing_features": body.get("marketing_features") or [],
        "metadata": first(body.get("metadata")),
        "name": body["name"],
        "package_dimensions": given(body, "package_dimensions"),
        "shippable": body.get("shippable"),
        "statement_descriptor": given(body, "statement_descriptor"),
        "tax_code": given(body, "tax_code"),
        "tax_details": given(body, "tax_details"),
        "type": body.get("type", "service"),
        "unit_label": given(body, "unit_label"),
        "updated": call.timestamp,
        "url": given(body, "url"),
    }


async def create(call: StripeCall) -> Object:
    body = call.body
    key = body.get("id") or call.new_id("prod_", 14)
    if "id" in body and await call.state.get(KIND, key) is not None:
        raise invalid("Product already exists.", code="resource_already_exists")
    product = build(call, body, key)
    price = None
    if body.get("default_price_data"):
        price = prices.build(call, body["default_price_data"], key, "default_price_data")
        product = {**product, "default_price": price.object["id"]}
    await store(call, product)
    call.event("product.created", product)
    if price is not None:
        await prices.store(call, price)
        prices.announce(call, "created", price.object)
    return product


async def store(call: StripeCall, product: Object) -> None:
    """Write a product."""
    await call.state.put(KIND, product["id"], product)


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("id"))
    if "name" in body and not body["name"].strip():
        raise empty_param("name")
    changes: Object = {name: given(body, name) for name in PLAIN if name in body}
    changes |= {name: body[name] for name in ("active", "name") if name in body}
    changes |= {name: body[name] or [] for name in ("images", "marketing_features") if name in body}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if "default_price" in body:
        changes["default_price"] = await _own_price(call, old["id"], given(body, "default_price"))
    new, previous = changed(old, changes)
    if previous:
        new, previous = changed(old, {**changes, "updated": call.timestamp})
        call.event("product.updated", new, previous)
    await store(call, new)
    return new


async def _own_price(call: StripeCall, product: str, id: str | None) -> str | None:
    if id is None:
        return None
    price = await call.state.get(prices.KIND, id)
    if price is None:
        raise missing(prices.KIND, id, "default_price")
    if price["product"] != product:
        raise invalid(f"The price specified is not associated with the product `{product}`.", param="default_price")
    return id


async def delete(call: StripeCall) -> Object:
    key = call.path("id")
    product = await call.named(KIND, key)
    if await call.state.count(prices.KIND, where={"product": key}):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.")
    await call.state.delete(KIND, key)
    call.event("product.deleted", product)
    return {"id": key, "object": KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    body = call.body
    wanted = {name: body[name] for name in ("active", "shippable", "url", "type") if name in body}
    ids = frozenset(body.get("ids") or ())

    def keep(product: Object) -> bool:
        if ids and product["id"] not in ids:
            return False
        return all(product[name] == value for name, value in wanted.items())

    return await page(call, KIND, keep=keep if wanted or ids else None)
