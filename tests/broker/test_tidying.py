"""Beside the calls: a sweep at start-up that start-up does not wait for without end, and another one every so often."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from broker import tidying
from broker.storage.sqlite import SqliteStorage
from broker.tasks import Keeper
from broker.tidying import Tidying
from tests.broker.storage.samples import environment
from tests.clocks import HeldClock


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "_IDLE", 0.005)
    monkeypatch.setattr(tidying, "_BETWEEN", 0.0)


async def test_what_a_crash_left_is_gone_when_the_server_is_up(tmp_path: Path, clock: HeldClock) -> None:
    storage = SqliteStorage(tmp_path, lambda: clock.text(20))
    await storage.create(environment())
    left = tmp_path / "environments" / environment().uid / "blobs" / "zz" / "crashzz"
    left.parent.mkdir()
    left.touch()
    keeper = Keeper()
    await Tidying(storage, clock, keeper).start()
    assert not left.exists()
    await keeper.stop()
    await storage.close()


class Slow:
    """A storage whose sweeps end when they are let."""

    def __init__(self) -> None:
        self.begun = 0
        self.rested = asyncio.Event()
        self.let = asyncio.Event()
        self.again = asyncio.Event()

    async def sweep(self) -> int:
        self.begun += 1
        if self.begun > 1:
            self.again.set()
        await self.let.wait()
        return 0

    async def rest(self, seconds: float) -> int:
        self.rested.set()
        return 0


@pytest.mark.usefixtures("quick")
async def test_start_up_goes_on_before_a_long_sweep_has_ended(
    clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "_FIRST", 0.01)
    slow: Any = Slow()
    keeper = Keeper()
    await Tidying(slow, clock, keeper).start()
    assert slow.begun == 1
    await asyncio.wait_for(slow.rested.wait(), 5)
    await asyncio.wait_for(slow.again.wait(), 5)
    await keeper.stop()
