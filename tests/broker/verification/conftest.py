"""The store of one environment, to look through."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.storage.base import EnvironmentStore
from broker.storage.sqlite import SqliteStorage
from tests.broker.storage.samples import environment
from tests.clocks import HeldClock


@pytest.fixture
async def store(tmp_path: Path, clock: HeldClock) -> AsyncIterator[EnvironmentStore]:
    storage = SqliteStorage(tmp_path, lambda: clock.text(20), journal_count=200_000, journal_bytes=1 << 30)
    yield await storage.create(environment())
    await storage.close()
