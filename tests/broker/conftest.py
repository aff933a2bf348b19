"""What many tests of the broker begin with: a gateway with two small services behind it, a world of webhook targets, a
server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.app import Broker
from broker.settings import Settings
from tests.broker.targets import World
from tests.broker.tiny import Gate
from tests.clocks import HeldClock


@pytest.fixture
async def gate(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Gate]:
    opened = Gate(tmp_path / "gate", clock)
    yield opened
    await opened.close()


@pytest.fixture
async def world(tmp_path: Path, clock: HeldClock) -> AsyncIterator[World]:
    made = World(tmp_path, clock)
    yield made
    await made.close()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A whole server without a socket, with the open environment ``pr-1``."""
    made = Broker(Settings(data=tmp_path, token="a token of the tests", strict_replies=True))
    await made.environments.open("pr-1")
    yield made
    await made.storage.close()
