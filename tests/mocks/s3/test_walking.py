"""Walks over records: prefixes are skipped by a seek, and little is read of what is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from mocks.base import Record
from mocks.s3.walking import BEYOND, Series, Walk, behind, first_batch, rolled_up, scan

FLAT = Series("flat", lambda bucket, record: f"{bucket}/{record['key']}")
DEEP = Series("deep", lambda bucket, record: f"{bucket}/{record['key']}\x01{record['id']}")


class Shelf:
    """State with only pages. Counts what was read."""

    def __init__(self, **kinds: dict[str, Record]) -> None:
        self._kinds = kinds
        self.read = self.pages = 0

    async def page(self, kind: str, *, order: str, prefix: str, after: str | None, limit: int) -> Sequence[Record]:
        assert order == "key"
        keys = sorted(key for key in self._kinds[kind] if key.startswith(prefix) and key > (after or ""))
        self.read += len(keys[:limit])
        self.pages += 1
        return [self._kinds[kind][key] for key in keys[:limit]]


def shelf(*keys: str) -> Any:
    return Shelf(flat={f"b/{key}": {"key": key} for key in keys}, deep={})


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_many_behind_one_prefix_are_not_read(limit: int) -> None:
    state = shelf(*(f"{letter}/{number:04d}" for letter in "abc" for number in range(500)), "d")
    walk = Walk(state, FLAT, "b", "", None, batch=first_batch("/", limit), most=limit + 1)
    found = await scan([walk], prefix="", delimiter="/", limit=limit)
    assert found.prefixes == ["a/", "b/", "c/"][:limit]
    assert [record["key"] for record in found.records] == ["d"][: max(limit - 3, 0)]
    assert found.truncated is (limit < 4)
    assert state.read < 30
    assert state.pages < 7


async def test_without_a_delimiter_one_page_is_read() -> None:
    state = shelf(*(f"{number:04d}" for number in range(500)))
    walk = Walk(state, FLAT, "b", "", None, batch=first_batch("", 100), most=101)
    found = await scan([walk], prefix="", delimiter="", limit=100)
    assert (len(found.records), found.last, found.truncated) == (100, "0099", True)
    assert (state.pages, state.read) == (1, 101)


async def test_nothing_is_read_for_no_entries() -> None:
    state = shelf("a")
    found = await scan([Walk(state, FLAT, "b", "", None, batch=1, most=1)], prefix="", delimiter="", limit=0)
    assert (found.records, found.truncated, state.pages) == ([], False, 0)


@pytest.mark.parametrize("batch", [1, 2, 50])
async def test_two_walks_make_one_order(batch: int) -> None:
    deep = {f"b/{key}\x01{number}": {"key": key, "id": number} for key in ("a", "c/1", "c/2", "e") for number in "12"}
    state: Any = Shelf(flat={f"b/{key}": {"key": key} for key in ("a", "b", "c/2", "d/1")}, deep=deep)

    def walks() -> list[Walk]:
        return [Walk(state, series, "b", "", None, batch=batch, most=50) for series in (FLAT, DEEP)]

    found = await scan(walks(), prefix="", delimiter="", limit=50)
    shown = [(record["key"], record.get("id")) for record in found.records]
    assert shown == [
        ("a", None), ("a", "1"), ("a", "2"), ("b", None), ("c/1", "1"), ("c/1", "2"),
        ("c/2", None), ("c/2", "1"), ("c/2", "2"), ("d/1", None), ("e", "1"), ("e", "2"),
    ]  # fmt: skip
    rolled = await scan(walks(), prefix="", delimiter="/", limit=50)
    assert ([record["key"] for record in rolled.records], rolled.prefixes) == (
        ["a", "a", "a", "b", "e", "e"],
        ["c/", "d/"],
    )


async def test_a_walk_that_begins_with_a_record_of_before() -> None:
    walk = Walk(shelf("a", "b"), FLAT, "b", "", "b/a", batch=5, most=5)
    walk.begin_with({"key": "a"})
    found = await scan([walk], prefix="", delimiter="", limit=5)
    assert [record["key"] for record in found.records] == ["a", "b"]


def test_the_prefix_that_stands_for_a_key() -> None:
    assert rolled_up("a/b/c", "", "/") == "a/"
    assert rolled_up("a/b/c", "a/", "/") == "a/b/"
    assert rolled_up("a/b/c", "a/b/", "/") == ""
    assert rolled_up("a/b/c", "", "") == ""


def test_a_marker_that_is_a_prefix_stands_for_its_keys() -> None:
    assert behind("a/", "", "/") == "a/" + BEYOND
    assert behind("a/b", "", "/") == "a/b"
    assert behind("a/", "a/", "/") == "a/"
