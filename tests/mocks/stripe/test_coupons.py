"""Coupons: https://docs.stripe.com/api/coupons."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.stripe.client import Stripe


async def test_a_coupon_lives(stripe: Stripe) -> None:
    made = await stripe.post("coupons", percent_off=25, name="Quarter", metadata={"a": "b"})
    assert (made["percent_off"], made["duration"], made["valid"], len(made["id"])) == (25.0, "once", True, 8)
    changed = await stripe.post(f"coupons/{made['id']}", name="A quarter", metadata={"a": ""})
    assert (changed["name"], changed["metadata"]) == ("A quarter", {})
    assert (await stripe.get("coupons"))["data"] == [changed]
    assert await stripe.delete(f"coupons/{made['id']}") == {"id": made["id"], "object": "coupon", "deleted": True}
    error = await stripe.error("GET", f"coupons/{made['id']}", 404)
    assert (error["message"], error["param"]) == (f"No such coupon: '{made['id']}'", "coupon")
    assert await stripe.event_types() == ["coupon.created", "coupon.updated", "coupon.deleted"]


async def test_an_amount_in_several_currencies_for_some_products(stripe: Stripe) -> None:
    product = await stripe.post("products", name="Tea")
    made = await stripe.post("coupons", id="TEN", amount_off=1000, currency="usd", duration="repeating",
                             duration_in_months=3, currency_options={"eur": {"amount_off": 900}},
                             applies_to={"products": [product["id"]]})  # fmt: skip
    assert "applies_to" not in made
    assert "currency_options" not in made
    shown = await stripe.get("coupons/TEN", expand=["applies_to", "currency_options"])
    assert shown["applies_to"] == {"products": [product["id"]]}
    assert shown["currency_options"] == {"usd": {"amount_off": 1000}, "eur": {"amount_off": 900}}
    await stripe.post("coupons/TEN", currency_options={"gbp": {"amount_off": 800}})
    shown = await stripe.get("coupons/TEN", expand=["currency_options"])
    assert shown["currency_options"]["gbp"] == {"amount_off": 800}


async def test_a_coupon_ends_when_its_time_is_over(stripe: Stripe) -> None:
    now = int(stripe.harness.clock.now().timestamp())
    await stripe.post("coupons", id="SOON", percent_off=10, redeem_by=now + 60)
    stripe.wait(61)
    assert (await stripe.get("coupons/SOON"))["valid"] is False


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({}, "percent_off"),
        ({"percent_off": 10, "amount_off": 5, "currency": "usd"}, "percent_off"),
        ({"amount_off": 5}, "currency"),
        ({"amount_off": 0, "currency": "usd"}, "amount_off"),
        ({"amount_off": 5, "currency": "xxx"}, "currency"),
        ({"percent_off": 101}, "percent_off"),
        ({"percent_off": 0}, "percent_off"),
        ({"percent_off": 1, "duration": "repeating"}, "duration_in_months"),
        ({"percent_off": 1, "duration": "forever", "duration_in_months": 2}, "duration_in_months"),
        ({"percent_off": 1, "redeem_by": 1}, "redeem_by"),
        ({"percent_off": 1, "max_redemptions": 0}, "max_redemptions"),
        ({"percent_off": 1, "name": "n" * 41}, "name"),
        ({"percent_off": 1, "currency_options": {"eur": {"amount_off": 1}}}, "currency_options"),
        ({"percent_off": 1, "applies_to": {"products": ["prod_none"]}}, "applies_to[products][0]"),
    ],
)
async def test_what_is_no_coupon(stripe: Stripe, sent: dict[str, Any], param: str) -> None:
    assert (await stripe.error("POST", "coupons", 400, **sent))["param"] == param
    assert (await stripe.get("coupons"))["data"] == []


async def test_an_id_is_taken_once(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TEN", percent_off=10)
    error = await stripe.error("POST", "coupons", 400, id="TEN", percent_off=10)
    assert (error["message"], error["code"]) == ("Coupon already exists.", "resource_already_exists")
