"""Products and prices: https://docs.stripe.com/api/products and /prices."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_product_with_its_default_price(stripe: Stripe) -> None:
    made = await stripe.post(
        "products",
        name="Tea",
        default_price_data={"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}},
        expand=["default_price"],
    )
    price = made["default_price"]
    assert price["unit_amount"] == 500
    assert price["recurring"]["interval_count"] == 1
    assert price["product"] == made["id"]
    assert await stripe.event_types() == ["product.created", "plan.created", "price.created"]


async def test_own_ids_are_kept_and_taken_once(stripe: Stripe) -> None:
    assert (await stripe.post("products", id="tea", name="Tea"))["id"] == "tea"
    assert (await stripe.error("POST", "products", 400, id="tea", name="Tea"))["code"] == "resource_already_exists"


async def test_a_product_with_prices_cannot_be_deleted(stripe: Stripe) -> None:
    bare = await stripe.post("products", name="bare")
    sold = await stripe.post("products", name="sold")
    await stripe.post("prices", product=sold["id"], currency="usd", unit_amount=100)
    error = await stripe.error("DELETE", f"products/{sold['id']}", 400)
    assert error["message"] == "This product cannot be deleted because it has one or more user-created prices."
    assert (await stripe.delete(f"products/{bare['id']}"))["deleted"] is True
    assert (await stripe.error("GET", f"products/{bare['id']}", 404))["code"] == "resource_missing"


async def test_products_are_filtered(stripe: Stripe) -> None:
    one = await stripe.post("products", name="one")
    two = await stripe.post("products", name="two", active=False)
    assert [item["id"] for item in (await stripe.get("products", active=True))["data"]] == [one["id"]]
    assert [item["id"] for item in (await stripe.get("products", ids=[two["id"]]))["data"]] == [two["id"]]


async def test_an_update_moves_the_updated_time(stripe: Stripe) -> None:
    made = await stripe.post("products", name="one")
    stripe.wait(60)
    changed = await stripe.post(f"products/{made['id']}", name="uno")
    assert changed["updated"] == made["updated"] + 60
    assert (await stripe.error("POST", f"products/{made['id']}", 400, name=""))["code"] == "parameter_invalid_empty"
