"""Promotion codes: https://docs.stripe.com/api/promotion_codes."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def _code(stripe: Stripe, **more: Any) -> Any:
    if not (await stripe.get("coupons"))["data"]:
        await stripe.post("coupons", id="TEN", percent_off=10)
    return await stripe.post("promotion_codes", promotion={"type": "coupon", "coupon": "TEN"}, **more)


async def test_a_code_for_a_coupon(stripe: Stripe) -> None:
    made = await _code(stripe, code="Summer-24", restrictions={"minimum_amount": 100, "minimum_amount_currency": "USD"})
    assert made["promotion"] == {"coupon": "TEN", "type": "coupon"}
    assert made["restrictions"]["minimum_amount_currency"] == "usd"
    shown = await stripe.get(f"promotion_codes/{made['id']}", expand=["promotion.coupon"])
    assert shown["promotion"]["coupon"]["percent_off"] == 10.0
    assert (await stripe.get("promotion_codes", code="SUMMER-24"))["data"] == [made]
    assert (await stripe.get("promotion_codes", coupon="TEN", active=False))["data"] == []
    off = await stripe.post(f"promotion_codes/{made['id']}", active=False, metadata={"a": "b"})
    assert (off["active"], off["metadata"]) == (False, {"a": "b"})
    assert (await stripe.get("promotion_codes", active=False))["data"] == [off]
    assert (await stripe.event_types())[1:] == ["promotion_code.created", "promotion_code.updated"]


async def test_a_code_is_made_up_when_none_is_given(stripe: Stripe) -> None:
    code = (await _code(stripe))["code"]
    assert (len(code), code) == (8, code.upper())


async def test_an_active_code_is_there_once(stripe: Stripe) -> None:
    first = await _code(stripe, code="TEA")
    error = await stripe.error("POST", "promotion_codes", 400, code="tea",
                               promotion={"type": "coupon", "coupon": "TEN"})  # fmt: skip
    assert error["message"] == "An active promotion code with `code: tea` already exists."
    assert "code" not in error
    await stripe.post(f"promotion_codes/{first['id']}", active=False)
    await _code(stripe, code="tea")
    assert (
        "already exists" in (await stripe.error("POST", f"promotion_codes/{first['id']}", 400, active=True))["message"]
    )


async def test_older_versions_name_the_coupon_beside_the_rest(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TEN", percent_off=10)
    made = await stripe.post("promotion_codes", coupon="TEN", headers={"stripe-version": "2024-06-20"})
    assert made["coupon"]["percent_off"] == 10.0
    assert (await stripe.error("POST", "promotion_codes", 400))["param"] == "promotion"


async def test_what_is_no_promotion_code(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TEN", percent_off=10)
    promotion = {"type": "coupon", "coupon": "TEN"}
    for sent, param in (
        ({"promotion": {"type": "coupon", "coupon": "NONE"}}, "promotion[coupon]"),
        ({"promotion": {"type": "coupon"}}, "promotion[coupon]"),
        ({"promotion": promotion, "customer": "cus_none"}, "customer"),
        ({"promotion": promotion, "code": "no spaces"}, "code"),
        ({"promotion": promotion, "expires_at": 1}, "expires_at"),
        ({"promotion": promotion, "max_redemptions": 0}, "max_redemptions"),
        ({"promotion": promotion, "restrictions": {"minimum_amount": 1}}, "restrictions[minimum_amount_currency]"),
    ):
        assert (await stripe.error("POST", "promotion_codes", 400, **sent))["param"] == param
    assert (await stripe.get("promotion_codes"))["data"] == []
    assert (await stripe.error("GET", "promotion_codes/promo_none", 404))["message"] == (
        "No such promotion code: 'promo_none'"
    )
