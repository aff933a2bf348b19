"""Operations without a handler: the generic engine with Stripe's habits."""

from __future__ import annotations

from tests.harness import value
from tests.mocks.stripe.client import Stripe


async def test_objects_are_kept_under_ids_of_their_kind(stripe: Stripe) -> None:
    made = await stripe.post("tax_rates", display_name="VAT", percentage=20, inclusive=False)
    assert made["id"].startswith("txr_")
    assert (await stripe.get(f"tax_rates/{made['id']}"))["percentage"] == 20
    changed = await stripe.post(f"tax_rates/{made['id']}", active=False, metadata={"a": "b"})
    assert (changed["active"], changed["metadata"]) == (False, {"a": "b"})


async def test_lists_have_stripes_envelope_and_pages(stripe: Stripe) -> None:
    made = [(await stripe.post("coupons", percent_off=10, duration="once"))["id"] for _ in range(12)]
    first = await stripe.get("coupons")
    assert [item["id"] for item in first["data"]] == made[::-1][:10]
    assert (first["object"], first["has_more"], first["url"]) == ("list", True, "/v1/coupons")
    rest = await stripe.get("coupons", starting_after=first["data"][-1]["id"])
    assert [item["id"] for item in rest["data"]] == made[::-1][10:]


async def test_a_key_makes_generated_answers_repeatable_too(stripe: Stripe) -> None:
    asked = {"percent_off": "10", "duration": "once"}
    one = await stripe.send("POST", "coupons", asked, {"Idempotency-Key": "k"})
    two = await stripe.send("POST", "coupons", asked, {"Idempotency-Key": "k"})
    assert value(one)["id"] == value(two)["id"]
