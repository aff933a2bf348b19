"""Pagination: https://docs.stripe.com/api/pagination."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe


async def _customers(stripe: Stripe, count: int) -> list[str]:
    made = []
    for _ in range(count):
        made.append((await stripe.customer())["id"])
        stripe.wait(10)
    return made[::-1]


async def test_newest_first_ten_at_a_time(stripe: Stripe) -> None:
    keys = await _customers(stripe, 12)
    first = await stripe.get("customers")
    assert ([item["id"] for item in first["data"]], first["has_more"], first["url"]) == (
        keys[:10],
        True,
        "/v1/customers",
    )
    rest = await stripe.get("customers", starting_after=keys[9])
    assert ([item["id"] for item in rest["data"]], rest["has_more"]) == (keys[10:], False)


async def test_backwards_from_a_cursor(stripe: Stripe) -> None:
    keys = await _customers(stripe, 5)
    page = await stripe.get("customers", ending_before=keys[4], limit=2)
    assert ([item["id"] for item in page["data"]], page["has_more"]) == (keys[2:4], True)
    page = await stripe.get("customers", ending_before=keys[2], limit=2)
    assert ([item["id"] for item in page["data"]], page["has_more"]) == (keys[:2], False)


async def test_filters_by_time_keep_their_pages(stripe: Stripe) -> None:
    keys = await _customers(stripe, 5)
    oldest = (await stripe.get(f"customers/{keys[4]}"))["created"]
    page = await stripe.get("customers", created={"gte": oldest + 10, "lt": oldest + 40}, limit=2)
    assert ([item["id"] for item in page["data"]], page["has_more"]) == (keys[1:3], True)
    page = await stripe.get(
        "customers", created={"gte": oldest + 10, "lt": oldest + 40}, limit=2, starting_after=keys[2]
    )
    assert ([item["id"] for item in page["data"]], page["has_more"]) == (keys[3:4], False)
    assert [item["id"] for item in (await stripe.get("customers", created=oldest))["data"]] == [keys[4]]


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"limit": 0}, "parameter_invalid_integer", "limit"),
        ({"limit": 101}, "parameter_invalid_integer", "limit"),
        ({"starting_after": "cus_none"}, "resource_missing", "starting_after"),
        ({"ending_before": "cus_none"}, "resource_missing", "ending_before"),
        ({"starting_after": "cus_a", "ending_before": "cus_b"}, "parameters_exclusive", "ending_before"),
    ],
)
async def test_windows_that_are_none(stripe: Stripe, params: dict[str, object], code: str, param: str) -> None:
    error = await stripe.error("GET", "customers", 400, **params)
    assert (error["code"], error["param"]) == (code, param)
