"""An account's records stand beside those of the others; what is shared is there for all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from mocks.scoped import Scoped
from mocks.sendgrid.service import SERVICE
from tests.harness import Harness


async def _bytes() -> AsyncIterator[bytes]:
    yield b"text"


async def test_kinds_are_an_accounts_own(tmp_path: Path) -> None:
    harness = Harness(SERVICE, tmp_path)
    whole = (await harness.store()).begin("sendgrid")
    one, other = (Scoped(whole, name, ["everyone"]) for name in ("one", "other"))
    await one.put("thing", "a", {"id": "a"}, {"colour": "red"})
    await one.put("everyone", "b", {"id": "b"})
    assert await one.get("thing", "a") == {"id": "a"}
    assert await one.page("thing", order="key", prefix="a", where={"colour": "red"}) == [{"id": "a"}]
    assert await one.count("thing") == 1
    for state in (other, whole):
        assert await state.get("thing", "a") is None
        assert await state.page("thing") == []
        assert await state.count("thing") == 0
        assert not await state.delete("thing", "a")
        assert await state.get("everyone", "b") == {"id": "b"}
    assert await one.delete("thing", "a")
    await whole.rollback()
    await harness.close()


async def test_bytes_are_found_by_their_id(tmp_path: Path) -> None:
    harness = Harness(SERVICE, tmp_path)
    whole = (await harness.store()).begin("sendgrid")
    state = Scoped(whole, "one", [])
    blob = await state.write_blob(_bytes(), 4)
    assert b"".join([chunk async for chunk in state.read_blob(blob.id, 1)]) == b"ext"
    await state.delete_blob(blob.id)
    await state.put("thing", "a", {})
    await state.undo()
    assert await state.get("thing", "a") is None
    await whole.rollback()
    await harness.close()
