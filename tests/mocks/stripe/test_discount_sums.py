"""What discounts take off, to the cent."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mocks.stripe.discount_sums import Terms, left_of, shares


def _line(id: str, amount: int, product: str = "tea", discountable: bool = True) -> dict[str, Any]:
    pricing = {"price_details": {"product": product}}
    return {"id": id, "amount": amount, "discountable": discountable, "pricing": pricing}


def _off(lines: list[dict[str, Any]]) -> list[list[int]]:
    return [[part["amount"] for part in line["discount_amounts"]] for line in lines]


def test_a_share_of_each_line_is_rounded_half_up() -> None:
    quarter = Terms("once", 25.0, {}, None)
    assert _off(shares([("di", quarter)], "usd", [_line("a", 999), _line("b", 2)])) == [[250], [1]]


def test_an_amount_is_spread_and_never_more_than_what_is_there() -> None:
    ten = Terms("once", None, {"usd": 1000}, None)
    assert _off(shares([("di", ten)], "usd", [_line("a", 1), _line("b", 2)])) == [[1], [2]]
    assert _off(shares([("di", ten)], "usd", [_line("a", 3000), _line("b", 1000)])) == [[750], [250]]
    assert _off(shares([("di", ten)], "eur", [_line("a", 3000)])) == [[0]]


def test_one_after_the_other_for_some_products_and_not_for_credit() -> None:
    half, tea = Terms("forever", 50.0, {}, None), Terms("forever", None, {"usd": 300}, ["tea"])
    lines = [_line("a", 1000), _line("b", 1000, "cup"), _line("c", -400), _line("d", 100, discountable=False)]
    assert _off(shares([("x", half), ("y", tea)], "usd", lines)) == [[500, 300], [500], [0, 0], []]
    assert left_of([half, tea], "usd", [(1000, "tea"), (1000, "cup")]) == 700


def test_terms_are_stored_and_read() -> None:
    terms = Terms("once", 10.0, {}, ["tea"])
    assert Terms(**terms.record()) == terms


@given(st.lists(st.integers(0, 10_000), max_size=6), st.integers(0, 30_000))
def test_the_parts_make_the_whole(amounts: list[int], off: int) -> None:
    parts = Terms("once", None, {"usd": off}, None).off("usd", amounts)
    assert sum(parts) == min(off, sum(amounts))
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))
