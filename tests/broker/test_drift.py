"""What finds out how true the mocks are, as the server wires it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.drift import Drift
from broker.storage.drift import Run
from tests.broker.targets import World

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    await made.storage.close()


async def test_a_check_that_an_earlier_process_left_is_failed(world: World) -> None:
    run = Run(
        id="run_1",
        service="tiny",
        account="main",
        endpoint="https://api.tiny.test",
        contract="1",
        probes="*",
        status="running",
        started_at=NOW,
    )
    drift = Drift(clock=world.clock, storage=world.storage)
    await drift.store.put_run(run)
    await drift.start()
    found = await drift.store.last("tiny")
    assert found is not None
    assert found.status == "failed"
    assert list(found.errors) == ["the server ended before the check did"]
    await drift.stop()
