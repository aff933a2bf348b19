"""A state to try things out in."""

from __future__ import annotations

from typing import cast

import pytest

from mocks.base import Record, State, UnknownCursor
from mocks.stripe.rehearsal import Rehearsal
from tests.mocks.stripe.client import Stripe


class Few:
    """Three stored records, of which the first two are of a."""

    def __init__(self) -> None:
        self.held: dict[str, Record] = {key: {"id": key, "n": at} for at, key in enumerate("pqr")}

    async def get(self, kind: str, key: str) -> Record | None:
        return self.held.get(key) if kind == "thing" else None

    async def page(self, kind: str, **asked: object) -> list[Record]:
        found = [each for each in self.held.values() if not asked.get("where") or each["id"] in "pq"]
        after = asked.get("after")
        return [each for each in found if after is None or each["id"] > str(after)] if kind == "thing" else []

    async def count(self, kind: str, where: object = None) -> int:
        return len(await self.page(kind, where=where))


def rehearsal() -> tuple[Few, Rehearsal]:
    base = Few()
    return base, Rehearsal(cast(State, base))


async def test_what_is_written_is_seen_and_stays_nowhere() -> None:
    base, state = rehearsal()
    before = dict(base.held)
    await state.put("thing", "q", {"id": "q", "n": 10})
    await state.put("thing", "s", {"id": "s", "n": 11}, {"of": "a"})
    assert await state.delete("thing", "p")
    assert not await state.delete("thing", "none")
    assert (await state.get("thing", "p"), (await state.get("thing", "q") or {})["n"]) == (None, 10)
    assert [each["id"] for each in await state.page("thing")] == ["s", "r", "q"]
    assert [each["id"] for each in await state.page("thing", order="oldest", where={"of": "a"})] == ["q", "s"]
    assert [each["id"] for each in await state.page("thing", order="key", after="q", limit=1)] == ["r"]
    assert [each["id"] for each in await state.page("thing", before="q", limit=1)] == ["r"]
    assert (await state.count("thing"), await state.count("other")) == (3, 0)
    with pytest.raises(UnknownCursor):
        await state.page("thing", after="p")
    assert base.held == before


async def test_another_index_counts() -> None:
    _, state = rehearsal()
    await state.put("thing", "p", {"id": "p"}, {"of": "b"})
    await state.put("thing", "r", {"id": "r"}, {"of": "a"})
    assert [each["id"] for each in await state.page("thing", where={"of": "a"}, order="oldest")] == ["q", "r"]
    assert [each["id"] for each in await state.page("other")] == []


async def test_it_can_begin_anew() -> None:
    _, state = rehearsal()
    before = await state.page("thing")
    await state.put("thing", "r", {"id": "r"}, {"of": "a"})
    await state.delete("thing", "p")
    await state.undo()
    assert await state.page("thing") == before


async def test_bytes_are_not_rehearsed(stripe: Stripe) -> None:
    _, state = rehearsal()
    with pytest.raises(TypeError):
        await state.delete_blob("b")
