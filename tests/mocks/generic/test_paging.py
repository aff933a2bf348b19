"""Pages in every style that callers use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value


@pytest.fixture
async def five(shop: Harness) -> list[str]:
    """The ids of five books, the newest first; the second and the fourth are published."""
    ids = []
    for number in range(5):
        state = "published" if number % 2 else "draft"
        ids.append(value(await shop.call("POST", "/books", json={"title": str(number), "state": state}))["id"])
    return ids[::-1]


async def page(shop: Harness, **query: Any) -> tuple[list[str], bool, dict[str, Any]]:
    listed = value(await shop.call("GET", "/books", query=query))
    return [book["id"] for book in listed["data"]], listed["has_more"], listed


async def test_without_paging_all_are_shown(shop: Harness, five: list[str]) -> None:
    shown, more, listed = await page(shop)
    assert (shown, more) == (five, False)
    assert (listed["count"], listed["next_page_token"]) == (5, None)


async def test_limit_and_offset(shop: Harness, five: list[str]) -> None:
    assert (await page(shop, limit=2))[:2] == (five[:2], True)
    assert (await page(shop, limit=2, offset=3))[:2] == (five[3:], False)
    assert (await page(shop, offset=9))[:2] == ([], False)


async def test_page_numbers(shop: Harness, five: list[str]) -> None:
    assert (await page(shop, page=1, page_size=2))[0] == five[:2]
    assert (await page(shop, page=3, page_size=2))[:2] == (five[4:], False)


async def test_tokens_lead_through_all_pages(shop: Harness, five: list[str]) -> None:
    seen: list[str] = []
    token = ""
    for _ in range(5):
        shown, more, listed = await page(shop, page_size=2, **({"page_token": token} if token else {}))
        seen += shown
        if not more:
            break
        token = listed["next_page_token"]
    assert seen == five


async def test_cursors_in_both_directions(shop: Harness, five: list[str]) -> None:
    assert (await page(shop, limit=2, starting_after=five[1]))[:2] == (five[2:4], True)
    assert (await page(shop, limit=2, ending_before=five[4]))[:2] == (five[2:4], True)
    assert (await page(shop, limit=9, ending_before=five[1]))[:2] == (five[:1], False)


async def test_an_unknown_cursor_is_missing(shop: Harness, five: list[str]) -> None:
    for name in ("starting_after", "ending_before"):
        response = await shop.call("GET", "/books", query={name: "none"})
        assert response.status == 400
        assert value(response)["error"]["code"] == "resource_missing"


async def test_filters_select_by_members(shop: Harness, five: list[str]) -> None:
    assert (await page(shop, state="published"))[:2] == ([five[1], five[3]], False)
    assert (await page(shop, state="published", limit=1))[:2] == ([five[1]], True)
    assert (await page(shop, state="archived"))[0] == []


async def test_more_than_one_batch_is_walked(shop: Harness) -> None:
    ids = [value(await shop.call("POST", "/books", json={"title": "x"}))["id"] for _ in range(130)]
    shown, more, _ = await page(shop, limit=500)
    assert (shown, more) == (ids[::-1], False)
    assert (await page(shop, limit=500, ending_before=ids[0]))[0] == ids[:0:-1]
