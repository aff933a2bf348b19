"""Pages of lists."""

from __future__ import annotations

import pytest

from broker.control.paging import check_cursor, paged
from broker.errors import InvalidInput


@pytest.mark.parametrize(
    ("found", "items", "following"),
    [([], [], None), ([1, 2], [10, 20], None), ([1, 2, 3], [10, 20], "2")],
)
def test_one_more_than_shown_tells_that_more_follow(found: list[int], items: list[int], following: str | None) -> None:
    assert paged(found, 2, lambda number: number * 10, str) == {"items": items, "next": following}


async def test_an_unknown_cursor_is_told_from_the_end() -> None:
    async def get(key: str) -> str | None:
        return key if key == "known" else None

    await check_cursor(None, [], get)
    await check_cursor("known", [], get)
    await check_cursor("dropped", ["an entry"], get)
    with pytest.raises(InvalidInput, match="dropped"):
        await check_cursor("dropped", [], get)
