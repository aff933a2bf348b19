"""Drift on SQLite: a run is what was put, the last one of a service is found; observations are counted, and capped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.storage import sqlite_drift
from broker.storage.drift import Observed, Run, Skipped, Tally
from broker.storage.sqlite import SqliteStorage
from contracts.drift import Finding

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
FINDING = Finding(
    service="tiny",
    operation="things.create",
    rule="field-removed",
    place="response.200.body.name",
    severity="breaking",
    message="gone",
    before="string",
)
RUN = Run(
    id="run_1",
    service="tiny",
    account="one",
    endpoint="https://api.tiny.test",
    contract="2026",
    probes="*",
    status="running",
    started_at=NOW,
)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[SqliteStorage]:
    storage = SqliteStorage(tmp_path, lambda: "x")
    yield storage
    await storage.close()


def seen(place: str, count: int = 1, at: datetime = NOW) -> Observed:
    example = {"account": "one", "status": 200}
    return Observed(finding=replace(FINDING, place=place), count=count, first_at=at, last_at=at, example=example)


async def test_a_run_is_what_was_put(storage: SqliteStorage) -> None:
    drift = storage.external.drift
    await drift.put_run(RUN)
    assert await drift.last("tiny") is None, "it still runs"
    done = replace(
        RUN,
        status="done",
        ended_at=NOW + timedelta(seconds=3),
        scenarios=2,
        finished=2,
        findings=[FINDING],
        operations={"things.create": Tally(1, 2, 3)},
        skipped=[Skipped("a", 1, "things.list", "no")],
        errors=["why"],
    )
    await drift.put_run(done)
    assert await drift.run("run_1") == done
    assert await drift.last("tiny") == done
    assert await drift.run("run_2") is None
    assert await drift.last("other") is None


async def test_old_runs_go(storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_drift, "_RUNS", 2)
    drift = storage.external.drift
    for number in range(4):
        await drift.put_run(replace(RUN, id=f"run_{number}"))
    await drift.put_run(replace(RUN, id="other", service="other"))
    assert [run.id for run in await drift.runs(service="tiny")] == ["run_3", "run_2"]
    assert [run.id for run in await drift.runs()] == ["other", "run_3", "run_2"]


async def test_what_an_ended_process_left_has_failed(storage: SqliteStorage) -> None:
    drift = storage.external.drift
    await drift.put_run(RUN)
    assert await drift.interrupted(NOW, "the server stopped") == 1
    assert await drift.interrupted(NOW, "the server stopped") == 0
    found = await drift.last("tiny")
    assert found is not None
    assert (found.status, found.errors, found.ended_at) == ("failed", ["the server stopped"], NOW)


async def test_the_same_observation_is_counted(storage: SqliteStorage) -> None:
    drift = storage.external.drift
    await drift.add_observed([seen("a"), seen("b", 2)])
    await drift.add_observed([seen("a", 5, NOW + timedelta(hours=1))])
    first, second = await drift.observed(service="tiny")
    assert (first.finding.place, first.count, first.first_at, first.last_at) == ("a", 6, NOW, NOW + timedelta(hours=1))
    assert second == seen("b", 2)
    assert await drift.observed(service="other") == []
    assert await drift.forget_observed(key=first.finding.key) == 1
    assert await drift.forget_observed(service="tiny") == 1
    assert await drift.observed() == []


async def test_observations_have_an_end(storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_drift, "_OBSERVED", 2)
    await storage.external.drift.add_observed([seen("a"), seen("b"), seen("c"), seen("a")])
    assert [(one.finding.place, one.count) for one in await storage.external.drift.observed()] == [("a", 2), ("b", 1)]
