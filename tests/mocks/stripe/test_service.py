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


async def test_events_are_filtered_by_type(stripe: Stripe) -> None:
    await stripe.pay()
    types = [event["type"] for event in (await stripe.get("events", type="charge.*"))["data"]]
    assert types == ["charge.updated", "charge.succeeded"]
    chosen = await stripe.get("events", types=["payment_intent.succeeded", "payment_intent.created"])
    assert len(chosen["data"]) == 2
    one = chosen["data"][0]
    assert await stripe.get(f"events/{one['id']}") == one
    assert (one["object"], one["livemode"]) == ("event", False)


async def test_cards_of_a_customer(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/sources"
    first = await stripe.post(path, source="tok_visa")
    second = await stripe.post(path, source="tok_amex")
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] == first["id"]
    changed = await stripe.post(f"{path}/{second['id']}", name="Ada", exp_year=2034)
    assert (changed["name"], changed["exp_year"]) == ("Ada", 2034)
    assert [card["id"] for card in (await stripe.get(path, object="card"))["data"]] == [second["id"], first["id"]]
    assert (await stripe.delete(f"{path}/{first['id']}"))["deleted"] is True
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] == second["id"]
    methods = await stripe.get("payment_methods", customer=customer["id"], type="card")
    assert [method["id"] for method in methods["data"]] == [second["id"]]
