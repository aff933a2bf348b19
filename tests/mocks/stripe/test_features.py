"""Features and the products that come with them: https://docs.stripe.com/api/entitlements/feature."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_feature_lives(stripe: Stripe) -> None:
    made = await stripe.post("entitlements/features", name="Fast", lookup_key="fast")
    taken = await stripe.error("POST", "entitlements/features", 400, name="Faster", lookup_key="fast")
    assert taken["param"] == "lookup_key"
    changed = await stripe.post(f"entitlements/features/{made['id']}", name="Faster", metadata={"a": "b"})
    assert (changed["name"], changed["metadata"], changed["active"]) == ("Faster", {"a": "b"}, True)
    assert (await stripe.get("entitlements/features", lookup_key="fast"))["data"] == [changed]
    gone = await stripe.post(f"entitlements/features/{made['id']}", active=False)
    assert (await stripe.get("entitlements/features"))["data"] == []
    assert (await stripe.get("entitlements/features", archived=True))["data"] == [gone]
    assert await stripe.get(f"entitlements/features/{made['id']}") == gone
    assert (await stripe.error("POST", "entitlements/features", 400, name="", lookup_key="x"))["param"] == "name"
    long = await stripe.error("POST", "entitlements/features", 400, name="n" * 81, lookup_key="x")
    assert long["param"] == "name"


async def test_a_product_comes_with_features(stripe: Stripe) -> None:
    feature = await stripe.post("entitlements/features", name="Fast", lookup_key="fast")
    product = await stripe.post("products", name="Gold")
    path = f"products/{product['id']}/features"
    made = await stripe.post(path, entitlement_feature=feature["id"])
    assert made["entitlement_feature"] == feature
    listed = await stripe.get(path)
    assert (listed["data"], listed["url"]) == ([made], f"/v1/{path}")
    assert await stripe.get(f"{path}/{made['id']}") == made
    assert "already" in (await stripe.error("POST", path, 400, entitlement_feature=feature["id"]))["message"]
    other = await stripe.post("products", name="Silver")
    await stripe.error("GET", f"products/{other['id']}/features/{made['id']}", 404)
    assert await stripe.delete(f"{path}/{made['id']}") == {
        "id": made["id"], "object": "product_feature", "deleted": True}  # fmt: skip
    assert (await stripe.get(path))["data"] == []
    missing = await stripe.error("POST", path, 400, entitlement_feature="feat_none")
    assert (missing["code"], missing["param"]) == ("resource_missing", "entitlement_feature")
    await stripe.post(f"entitlements/features/{feature['id']}", active=False)
    assert "archived" in (await stripe.error("POST", path, 400, entitlement_feature=feature["id"]))["message"].lower()
