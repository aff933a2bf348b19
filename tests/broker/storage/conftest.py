"""Every test of this folder asks the protocols of broker/storage/base.py and runs on each database that we have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.storage.base import EnvironmentStore, Storage
from broker.storage.sqlite import SqliteStorage
from tests.broker.storage import samples
from tests.clocks import HeldClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the storage lives."""
    return tmp_path / "data"


@pytest.fixture(params=["sqlite"])
async def storage(folder: Path, clock: HeldClock) -> AsyncIterator[Storage]:
    """An empty storage that keeps 20 exchanges an environment and 5 incidents."""
    opened = SqliteStorage(folder, lambda: clock.text(20), journal_count=20, incidents_kept=5)
    yield opened
    await opened.close()


@pytest.fixture
async def store(storage: Storage) -> EnvironmentStore:
    """The store of one environment."""
    return await storage.create(samples.environment())
