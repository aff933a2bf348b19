"""Runs of probes and observations of real answers on SQLite, in the registry's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import orjson

from broker.storage.drift import Observed, Run, Skipped, Tally
from broker.storage.times import from_micros, to_micros
from contracts.drift import Finding

#: Runs that are kept of each service.
_RUNS = 30
#: Observations that are kept of each service: beyond it, new ones are not noted.
_OBSERVED = 2000


class SqliteDrift:
    """See storage.drift.DriftStore. ``shortly`` is a transaction that survives the end of the process."""

    def __init__(self, connection: sqlite3.Connection, shortly: Callable[[], AbstractContextManager[None]]) -> None:
        self._connection = connection
        self._shortly = shortly

    async def put_run(self, run: Run) -> None:
        with self._shortly():
            self._connection.execute(
                "INSERT INTO drift_runs (id, service, status, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body",
                (run.id, run.service, run.status, orjson.dumps(run)),
            )
            self._connection.execute(
                "DELETE FROM drift_runs WHERE service = ? AND seq <= (SELECT seq FROM drift_runs WHERE service = ? "
                "ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (run.service, run.service, _RUNS),
            )

    async def run(self, run_id: str) -> Run | None:
        found = self._runs("WHERE id = ?", [run_id])
        return found[0] if found else None

    async def last(self, service: str) -> Run | None:
        found = self._runs("WHERE service = ? AND status != 'running' ORDER BY seq DESC LIMIT 1", [service])
        return found[0] if found else None

    async def runs(self, *, service: str | None = None, limit: int = 100) -> Sequence[Run]:
        if service is None:
            return self._runs("ORDER BY seq DESC LIMIT ?", [limit])
        return self._runs("WHERE service = ? ORDER BY seq DESC LIMIT ?", [service, limit])

    async def interrupted(self, now: datetime, why: str) -> int:
        left = self._runs("WHERE status = 'running'", [])
        for run in left:
            await self.put_run(replace(run, status="failed", ended_at=now, errors=[*run.errors, why]))
        return len(left)

    def _runs(self, where: str, values: Sequence[Any]) -> list[Run]:
        rows = self._connection.execute(f"SELECT body FROM drift_runs {where}", values).fetchall()
        return [_run(orjson.loads(body)) for (body,) in rows]

    async def add_observed(self, observed: Sequence[Observed]) -> None:
        with self._shortly():
            for one in observed:
                self._add(one)

    def _add(self, one: Observed) -> None:
        key = one.finding.key
        known = self._connection.execute(
            "UPDATE drift_observed SET count = count + ?, last_at = max(last_at, ?) WHERE key = ?",
            (one.count, to_micros(one.last_at), key),
        ).rowcount
        if known:
            return
        service = one.finding.service
        (there,) = self._connection.execute(
            "SELECT count(*) FROM drift_observed WHERE service = ?", (service,)
        ).fetchone()
        if there >= _OBSERVED:
            return
        self._connection.execute(
            "INSERT INTO drift_observed (key, service, finding, example, count, first_at, last_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                service,
                orjson.dumps(asdict(one.finding)),
                orjson.dumps(one.example),
                one.count,
                to_micros(one.first_at),
                to_micros(one.last_at),
            ),
        )

    async def observed(self, *, service: str | None = None, limit: int = 1000) -> Sequence[Observed]:
        rows = self._connection.execute(
            "SELECT finding, example, count, first_at, last_at FROM drift_observed WHERE ? IS NULL OR service = ? "
            "ORDER BY count DESC, key LIMIT ?",
            (service, service, limit),
        ).fetchall()
        return [
            Observed(
                finding=Finding(**orjson.loads(finding)),
                example=orjson.loads(example),
                count=count,
                first_at=from_micros(first),
                last_at=from_micros(last),
            )
            for finding, example, count, first, last in rows
        ]

    async def forget_observed(self, *, service: str | None = None, key: str | None = None) -> int:
        with self._shortly():
            return self._connection.execute(
                "DELETE FROM drift_observed WHERE (? IS NULL OR service = ?) AND (? IS NULL OR key = ?)",
                (service, service, key, key),
            ).rowcount


def _run(body: dict[str, Any]) -> Run:
    """As it was put, from its JSON."""
    ended = body["ended_at"]
    return Run(
        **{
            **body,
            "started_at": datetime.fromisoformat(body["started_at"]),
            "ended_at": None if ended is None else datetime.fromisoformat(ended),
            "findings": [Finding(**each) for each in body["findings"]],
            "operations": {name: Tally(**each) for name, each in body["operations"].items()},
            "skipped": [Skipped(**each) for each in body["skipped"]],
        }
    )
