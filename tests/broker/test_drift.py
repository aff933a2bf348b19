"""What finds out how true the mocks are, as the server wires it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from broker.app import Broker
from broker.settings import Settings
from broker.storage.drift import Run
from tests.broker.sandbox import tiny_provider
from tests.broker.tiny import tiny

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
RUN = Run(
    id="run_1",
    service="tiny",
    account="main",
    endpoint="https://api.tiny.test",
    contract="1",
    probes="*",
    status="running",
    started_at=NOW,
)


async def test_a_check_that_an_earlier_process_left_is_failed(tmp_path: Path) -> None:
    broker = Broker(Settings(data=tmp_path, port=0), services=[tiny()], providers=[tiny_provider()])
    await broker.drift.store.put_run(RUN)
    async with broker.lifespan():
        found = await broker.drift.store.last("tiny")
    assert found is not None
    assert found.status == "failed"
    assert list(found.errors) == ["the server ended before the check did"]
