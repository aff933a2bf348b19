"""Features that products come with: https://docs.stripe.com/api/entitlements/feature and
https://docs.stripe.com/api/product-feature (2026-11)."""

from __future__ import annotations

from mocks.base import Missing
from mocks.stripe import products
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import empty_param, invalid, missing
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged

KIND = "entitlements.feature"
OF_PRODUCT = "product_feature"

LONGEST_NAME = 80


async def create(call: StripeCall) -> Object:
    body = call.body
    for name in ("name", "lookup_key"):
        _check(body[name], name)
    if await call.state.count(KIND, {"lookup_key": body["lookup_key"]}):
        raise invalid(
            f"A feature with the lookup key `{body['lookup_key']}` already exists.",
            code="resource_already_exists",
            param="lookup_key",
        )
    feature: Object = {
        "id": call.new_id("feat_", 24),
        "object": KIND,
        "active": True,
        "livemode": False,
        "lookup_key": body["lookup_key"],
        "metadata": first(body.get("metadata")),
        "name": body["name"],
    }
    await _store(call, feature)
    return feature


def _check(text: str, param: str) -> None:
    if not text.strip():
        raise empty_param(param)
    if len(text) > LONGEST_NAME:
        raise invalid(f"Invalid string: {text[:60]}; must be at most {LONGEST_NAME} characters", param=param)


async def _store(call: StripeCall, feature: Object) -> None:
    await call.state.put(KIND, feature["id"], feature, {"lookup_key": feature["lookup_key"]})


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def update(call: StripeCall) -> Object:
    """An archived feature (``active`` false) stays where it is attached."""
    body = call.body
    old = await call.named(KIND, call.path("id"))
    if "name" in body:
        _check(body["name"], "name")
    new = {**old, **{name: body[name] for name in ("active", "name") if name in body}}
    if "metadata" in body:
        new["metadata"] = merged(old["metadata"], body["metadata"])
    await _store(call, new)
    return new


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {"lookup_key": body["lookup_key"]} if body.get("lookup_key") else None
    archived = body.get("archived", False)
    return await page(call, KIND, where, keep=lambda feature: bool(feature["active"] != archived))


async def attach(call: StripeCall) -> Object:
    product = await call.named(products.KIND, call.path("product"))
    feature = await call.state.get(KIND, call.body["entitlement_feature"])
    if feature is None:
        raise missing(KIND, call.body["entitlement_feature"], "entitlement_feature")
    if not feature["active"]:
        raise invalid("An archived feature cannot be attached to a product.", param="entitlement_feature")
    made: Object = {"id": call.new_id("prodft_", 14), "object": OF_PRODUCT, "feature": feature["id"]}
    if await call.state.count(OF_PRODUCT, {"attached": f"{product['id']} {feature['id']}"}):
        raise invalid("This feature is already attached to the product.", param="entitlement_feature")
    index = {"product": product["id"], "attached": f"{product['id']} {feature['id']}"}
    await call.state.put(OF_PRODUCT, made["id"], {**made, "product": product["id"]}, index)
    return await _shown(call, made)


async def _shown(call: StripeCall, attached: Object) -> Object:
    feature = await call.state.get(KIND, attached["feature"])
    return {"id": attached["id"], "object": OF_PRODUCT, "entitlement_feature": feature, "livemode": False}


async def _attached(call: StripeCall) -> Object:
    product = await call.named(products.KIND, call.path("product"))
    found = await call.state.get(OF_PRODUCT, call.path("id"))
    if found is None or found["product"] != product["id"]:
        raise Missing(OF_PRODUCT, call.path("id"))
    return found


async def retrieve_of_product(call: StripeCall) -> Object:
    return await _shown(call, await _attached(call))


async def detach(call: StripeCall) -> Object:
    attached = await _attached(call)
    await call.state.delete(OF_PRODUCT, attached["id"])
    return {"id": attached["id"], "object": OF_PRODUCT, "deleted": True}


async def list_of_product(call: StripeCall) -> Object:
    product = await call.named(products.KIND, call.path("product"))
    found = await page(call, OF_PRODUCT, {"product": product["id"]}, url=f"/v1/products/{product['id']}/features")
    return {**found, "data": [await _shown(call, each) for each in found["data"]]}
