"""Tallies: answers by operation and day, kept over restarts for thirty days."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from broker.tallies import DAYS, Counted, Tallies
from tests.broker.targets import World
from tests.clocks import START, HeldClock


def visit(clock: HeldClock, fidelity: str | None = "stateful", *sides: str, operation: str = "things.get") -> Any:
    return SimpleNamespace(
        fidelity=fidelity,
        service=SimpleNamespace(name="alpha"),
        match=SimpleNamespace(operation=SimpleNamespace(id=operation)),
        violations=[{"side": side} for side in sides],
        now=clock.now(),
    )


async def test_what_is_counted(world: World, clock: HeldClock) -> None:
    tallies = Tallies(world.storage.external, clock)
    tallies.take(visit(clock))
    tallies.take(visit(clock, "generated", "request"))
    tallies.take(visit(clock, "stateful", "response", "response"))
    tallies.take(visit(clock, "real", "response"))
    tallies.take(visit(clock, None))
    assert await tallies.of("alpha") == {"things.get": Counted(3, 1, START, 1, START)}
    assert await tallies.of("beta") == {}
    # A second look adds nothing, and another process goes on.
    again = Tallies(world.storage.external, clock)
    clock.advance(hours=1)
    again.take(visit(clock))
    assert (await again.of("alpha"))["things.get"] == Counted(4, 1, clock.now(), 1, START)
    assert (await tallies.of("alpha"))["things.get"].checked == 4


async def test_days_that_are_over_do_not_count(world: World, clock: HeldClock) -> None:
    tallies = Tallies(world.storage.external, clock)
    for _ in range(DAYS + 3):
        tallies.take(visit(clock))
        await tallies.flush()
        clock.advance(days=1)
    clock.advance(days=-1)
    assert (await tallies.of("alpha"))["things.get"].checked == DAYS
    clock.advance(days=DAYS - 1)
    assert (await tallies.of("alpha"))["things.get"].checked == 1
    clock.advance(days=1)
    assert await tallies.of("alpha") == {}


async def test_what_cannot_be_written_counts_later(
    world: World, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    external = world.storage.external
    tallies = Tallies(external, clock)
    tallies.take(visit(clock))

    async def full(name: str, value: str) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(external, "replace_fact", full)
        tallies.start()
        await tallies.stop()  # says so, and ends
    tallies.take(visit(clock))
    assert (await tallies.of("alpha"))["things.get"].checked == 2
