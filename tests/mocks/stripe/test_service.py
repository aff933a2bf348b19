"""The table of operations: everything in it exists, and everything else answers too."""

from __future__ import annotations

from contracts import library
from mocks.stripe.service import OPERATIONS
from tests.mocks.stripe.client import Stripe


def test_every_handler_belongs_to_an_operation() -> None:
    assert set(OPERATIONS) <= set(library.load("stripe").operations())


async def test_operations_without_a_handler_answer_as_stripe_would(stripe: Stripe) -> None:
    made = await stripe.post("coupons", percent_off="25.5", duration="once")
    assert made["object"] == "coupon"
    assert (await stripe.get(f"coupons/{made['id']}"))["percent_off"] == 25.5
    listed = await stripe.get("coupons")
    assert ([item["id"] for item in listed["data"]], listed["url"], listed["has_more"]) == (
        [made["id"]], "/v1/coupons", False,
    )  # fmt: skip
    error = await stripe.error("GET", "coupons/none", 404)
    assert (error["code"], error["message"]) == ("resource_missing", "No such coupon: 'none'")
