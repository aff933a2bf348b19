"""The phases of a close, one by one, repeated and hindered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from broker.teardown import PHASES, Teardown
from tests.broker.targets import World
from tests.clocks import HeldClock


@pytest.fixture
def forgotten() -> list[str]:
    return []


@pytest.fixture
def teardown(world: World, forgotten: list[str]) -> Teardown:
    return Teardown(storage=world.storage, clock=world.clock, forget=forgotten.append)


async def finish(teardown: Teardown, uid: str) -> None:
    for phase in PHASES:
        assert await teardown.attempt(phase, uid) is None


async def test_the_phases_in_order(world: World, teardown: Teardown, clock: HeldClock, forgotten: list[str]) -> None:
    environment = await world.environment()
    registry = world.storage.registry
    assert await teardown.attempt("disarm", environment.uid) is None
    changed = await registry.environment("pr-1")
    assert changed is not None
    assert changed.status == "closing"
    assert forgotten == [environment.uid]
    draft = await registry.receipt(environment.uid)
    assert draft is not None
    assert (draft["status"], draft["existed"]) == ("closing", None)
    assert await teardown.attempt("revoke", environment.uid) is None
    assert await teardown.attempt("count", environment.uid) is None
    clock.advance(2)
    assert await teardown.attempt("delete", environment.uid) is None
    assert await world.storage.leftovers(environment) == []
    assert await teardown.attempt("finish", environment.uid) is None
    receipt = await teardown.closed(environment.uid)
    assert receipt == {
        "environment": "pr-1",
        "uid": environment.uid,
        "status": "closed",
        "opened_at": "2026-03-01T12:00:00+00:00",
        "closing_at": "2026-03-01T12:00:00+00:00",
        "closed_at": "2026-03-01T12:00:02+00:00",
        "existed": receipt["existed"],
        "deleted": receipt["deleted"],
        "external": {},
        "verified": {},
        "left": {},
        "duration_ms": 2000.0,
        "attempts": 1,
        "waiting": None,
        "stuck": None,
    }
    assert {name: receipt["deleted"][name] for name in receipt["existed"]} == receipt["existed"]
    # Whoever kept the closing environment asks again for the tombstone.
    assert forgotten == [environment.uid] * 2


async def test_every_phase_may_be_repeated_and_changes_nothing_once_closed(world: World, teardown: Teardown) -> None:
    environment = await world.environment()
    for phase in PHASES:
        assert await teardown.attempt(phase, environment.uid) is None
        assert await teardown.attempt(phase, environment.uid) is None
    receipt = await teardown.closed(environment.uid)
    assert receipt["existed"]["records"] == {"alpha": {"thing": 1}}
    await finish(teardown, environment.uid)
    assert await teardown.closed(environment.uid) == receipt
    await teardown.disarm(await _environment(world))
    assert await teardown.closed(environment.uid) == receipt


async def _environment(world: World) -> Any:
    return await world.storage.registry.environment("pr-1")


async def test_an_environment_that_never_was_is_done(teardown: Teardown) -> None:
    await finish(teardown, "never-was")
    with pytest.raises(LookupError):
        await teardown.closed("never-was")


async def test_waits_grow_and_end_at_the_longest(
    world: World, teardown: Teardown, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = await world.environment()
    await teardown.disarm(environment)

    async def refused(_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(world.storage, "destroy", refused)
        waits = [await teardown.attempt("delete", environment.uid) for _ in range(11)]
    longest = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    # A quarter at the most is left out, by chance.
    assert all(0.75 * most <= wait <= most for wait, most in zip(waits, longest, strict=True))
    assert waits != longest
    [stuck] = await teardown.stuck()
    assert stuck == {
        "environment": "pr-1",
        "uid": environment.uid,
        "phase": "delete",
        "reason": "PermissionError: [Errno 13] Permission denied",
        "attempts": 11,
        "since": "2026-03-01T12:00:00+00:00",
        "next_at": (world.clock.now() + timedelta(seconds=waits[-1])).isoformat(),
        "resources": [],
    }
    # Visible after a restart too.
    later = Teardown(storage=world.storage, clock=world.clock, forget=lambda uid: None)
    assert await later.stuck() == [stuck]
    assert await teardown.attempt("delete", environment.uid) is None
    assert await teardown.stuck() == []


async def test_what_is_left_is_named_and_deleted_again(
    world: World, teardown: Teardown, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = await world.environment()
    await teardown.attempt("disarm", environment.uid)
    await teardown.attempt("count", environment.uid)
    with monkeypatch.context() as patched:

        async def half(_: Any) -> Any:
            return {"files": 1, "bytes": 10}

        patched.setattr(world.storage, "destroy", half)
        assert await teardown.attempt("delete", environment.uid) is not None
        receipt = await world.storage.registry.receipt(environment.uid)
        assert receipt is not None
        assert environment.uid in receipt["left"]["files"]
        # A receipt is never finished while something is left.
        assert await teardown.attempt("finish", environment.uid) is not None
    await finish(teardown, environment.uid)
    receipt = await teardown.closed(environment.uid)
    assert receipt["left"] == {}
    assert receipt["deleted"]["files"] >= 2


async def test_a_damaged_store_is_deleted_uncounted(world: World, teardown: Teardown) -> None:
    environment = await world.environment()
    await world.storage.close()
    world.storage = World(world.settings.data, world.clock).storage
    teardown = Teardown(storage=world.storage, clock=world.clock, forget=lambda uid: None)
    (world.settings.data / "environments" / environment.uid / "state.db").write_bytes(b"no database" * 1000)
    assert await teardown.attempt("disarm", environment.uid) is None
    waits = [await teardown.attempt("count", environment.uid) for _ in range(3)]
    assert [wait is None for wait in waits] == [False, False, True]
    for phase in ("delete", "finish"):
        assert await teardown.attempt(phase, environment.uid) is None
    receipt = await teardown.closed(environment.uid)
    assert "DatabaseError" in receipt["existed"]["unreadable"]
    assert receipt["left"] == {}


async def test_waiters_hear_of_the_end(world: World, teardown: Teardown) -> None:
    environment = await world.environment()
    waiting = asyncio.gather(*(teardown.closed(environment.uid) for _ in range(3)))
    await asyncio.sleep(0)
    await finish(teardown, environment.uid)
    async with asyncio.timeout(5):
        receipts = await waiting
    assert receipts[0]["status"] == "closed"
    assert receipts[0] == receipts[1] == receipts[2]


async def test_a_deletion_that_was_cut_short_is_told_as_a_whole(
    world: World, teardown: Teardown, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = await world.environment()
    assert await teardown.attempt("disarm", environment.uid) is None
    assert await teardown.attempt("count", environment.uid) is None
    counted = await world.storage.registry.receipt(environment.uid)
    assert counted is not None
    files = counted["existed"]["files"]
    assert files >= 1
    with monkeypatch.context() as killed:

        async def cut(_: object) -> dict[str, int]:
            raise RuntimeError("killed in the middle")

        killed.setattr(world.storage, "destroy", cut)
        assert await teardown.attempt("delete", environment.uid) is not None
    assert await world.storage.destroy(environment)  # as far as it had come
    assert await teardown.attempt("delete", environment.uid) is None
    assert await teardown.attempt("finish", environment.uid) is None
    receipt = await world.storage.registry.receipt(environment.uid)
    assert receipt is not None
    assert receipt["deleted"]["files"] == files
