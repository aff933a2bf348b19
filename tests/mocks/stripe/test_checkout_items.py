"""What a checkout session comes to."""

from __future__ import annotations

from typing import Any

from mocks.stripe.checkout_items import discounted, totals
from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe

BACK = "https://shop.example/done"


def _item(amount: int, kind: str = "one_time") -> dict[str, Any]:
    sums = {"amount_discount": 0, "amount_subtotal": amount, "amount_tax": 0, "amount_total": amount}
    return {"price": {"unit_amount": amount, "type": kind}, "quantity": 1, **sums}


def test_a_discount_is_shared_out_to_the_cent() -> None:
    items = discounted([_item(100), _item(100), _item(101)], {"percent_off": 33.3})
    assert sum(item["amount_discount"] for item in items) == 100
    assert all(item["amount_total"] + item["amount_discount"] == item["amount_subtotal"] for item in items)
    free = discounted([_item(100)], {"percent_off": None, "amount_off": 500})
    assert free[0]["amount_total"] == 0
    assert discounted([_item(100)], None)[0]["amount_total"] == 100


def test_a_trial_costs_nothing_yet() -> None:
    sums = totals([_item(700, "recurring"), _item(300)], 50, trial=True)
    assert (sums["amount_subtotal"], sums["amount_total"]) == (300, 350)
    assert totals([_item(700, "recurring")], 0, trial=False)["amount_total"] == 700


async def test_coupons(stripe: Stripe) -> None:
    once = await price(stripe, 1500, None)
    coupon = await stripe.post("coupons", percent_off=20, duration="once")
    asked: dict[str, Any] = {"mode": "payment", "success_url": BACK, "line_items": [{"price": once["id"]}]}
    made = await stripe.post("checkout/sessions", **asked, discounts=[{"coupon": coupon["id"]}])
    assert (made["amount_subtotal"], made["amount_total"]) == (1500, 1200)
    assert made["total_details"]["amount_discount"] == 300
    assert made["discounts"] == [{"coupon": coupon["id"], "promotion_code": None}]
    missing = await stripe.error("POST", "checkout/sessions", 400, **asked, discounts=[{"coupon": "none"}])
    assert missing["param"] == "discounts[0][coupon]"
    both = [{"coupon": coupon["id"]}, {"coupon": coupon["id"]}]
    assert (await stripe.error("POST", "checkout/sessions", 400, **asked, discounts=both))["param"] == "discounts"


async def test_an_inactive_price_is_not_sold(stripe: Stripe) -> None:
    once = await price(stripe, 1500, None)
    await stripe.post(f"prices/{once['id']}", active=False)
    refused = await stripe.error(
        "POST", "checkout/sessions", 400, mode="payment", success_url=BACK, line_items=[{"price": once["id"]}]
    )
    assert "inactive" in refused["message"]
    dollars, euros = await price(stripe, 100, None), await price(stripe, 100, None, currency="eur")
    items = [{"price": dollars["id"]}, {"price": euros["id"]}]
    mixed = await stripe.error("POST", "checkout/sessions", 400, mode="payment", success_url=BACK, line_items=items)
    assert "same `currency`" in mixed["message"]
