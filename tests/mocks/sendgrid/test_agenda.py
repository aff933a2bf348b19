"""What waits for its time."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from mocks.base import Call
from mocks.sendgrid import agenda
from tests.harness import Harness


async def test_the_next_is_the_first_of_its_time(sendgrid: Harness) -> None:
    state = (await sendgrid.store()).begin("sendgrid")
    assert await agenda.due(state) is None
    await agenda.put(state, 2_000, "leaves", "b", account="", batch="/x")
    await agenda.put(state, 1_000, "arrives", "a", account="sub")
    assert await agenda.due(state) == datetime.fromtimestamp(1_000, UTC)
    call = cast(Call, SimpleNamespace(state=state, now=datetime.fromtimestamp(1_500, UTC)))
    [first] = await agenda.now_due(call, 10)
    assert (first["what"], first["account"]) == ("arrives", "sub")
    await agenda.drop(state, first)
    assert await agenda.due(state) == datetime.fromtimestamp(2_000, UTC)
    await state.commit()


async def test_what_is_held_of_a_batch_is_found_until_it_moves(sendgrid: Harness) -> None:
    state = (await sendgrid.store()).begin("sendgrid")
    told: dict[str, Any] = {"account": "", "batch": "/x"}
    await agenda.put(state, 1_000, "leaves", "a", **told)
    assert await agenda.held(state, "/x", 10) == []
    await agenda.put(state, 2_000, "leaves", "b", held=True, **told)
    [found] = await agenda.held(state, "/x", 10)
    await agenda.move(state, found, 500, held=False)
    assert await agenda.held(state, "/x", 10) == []
    assert await agenda.due(state) == datetime.fromtimestamp(500, UTC)
    await state.commit()
