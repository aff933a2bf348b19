"""The journal of one environment on SQLite: written in batches by a thread, read by the control API."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from broker.storage.base import Exchange
from broker.storage.sqlite_session import Session


class SqliteJournal:
    """See storage.base.JournalStore. ``max_count`` exchanges and ``max_bytes`` of their JSON are kept."""

    def __init__(self, session: Session, *, max_count: int, max_bytes: int) -> None:
        self._session = session
        self._max_count = max_count
        self._max_bytes = max_bytes
        row = session.connection.execute("SELECT count(*), coalesce(sum(size), 0) FROM exchanges").fetchone()
        self._count: int = row[0]
        self._bytes: int = row[1]

    async def add(self, exchanges: Sequence[Exchange]) -> None:
        async with self._session.lock:
            await asyncio.to_thread(self._add, exchanges)
        self._session.wrote()

    def _add(self, exchanges: Sequence[Exchange]) -> None:
        rows = []
        for exchange in exchanges:
            body = orjson.dumps(asdict(exchange))
            rows.append((exchange.id, exchange.service, exchange.operation, bool(exchange.violations), len(body), body))
        connection = self._session.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT OR IGNORE INTO exchanges (id, service, operation, violated, size, body) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            count, size = self._count + len(rows), self._bytes + sum(row[4] for row in rows)
            count, size = _trim(connection, count, size, self._max_count, self._max_bytes)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._count, self._bytes = count, size

    async def exchange(self, exchange_id: str) -> Exchange | None:
        async with self._session.lock:
            row = self._session.connection.execute("SELECT body FROM exchanges WHERE id = ?", (exchange_id,)).fetchone()
        return None if row is None else _exchange(row[0])

    async def exchanges(
        self,
        *,
        service: str | None = None,
        operation: str | None = None,
        violations_only: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Exchange]:
        clauses: list[str] = ["1"]
        values: list[Any] = []
        for column, value in (("service", service), ("operation", operation)):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        if violations_only:
            clauses.append("violated")
        if after is not None:
            clauses.append("seq < (SELECT seq FROM exchanges WHERE id = ?)")
            values.append(after)
        sql = f"SELECT body FROM exchanges WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT ?"
        async with self._session.lock:
            rows = self._session.connection.execute(sql, [*values, limit]).fetchall()
        return [_exchange(row[0]) for row in rows]


def _trim(connection: sqlite3.Connection, count: int, size: int, max_count: int, max_bytes: int) -> tuple[int, int]:
    """Delete the oldest until both caps hold; answers what is left."""
    while count > max_count or (size > max_bytes and count > 1):
        surplus = max(count - max_count, 32 if size > max_bytes else 0)
        gone = connection.execute(
            "DELETE FROM exchanges WHERE seq IN (SELECT seq FROM exchanges ORDER BY seq LIMIT ?) RETURNING size",
            (surplus,),
        ).fetchall()
        if not gone:
            return 0, 0
        count -= len(gone)
        size -= sum(row[0] for row in gone)
    return count, size


def _exchange(body: bytes) -> Exchange:
    found = orjson.loads(body)
    for side in ("request_headers", "response_headers"):
        found[side] = [(name, value) for name, value in found[side]]
    return Exchange(**{**found, "at": datetime.fromisoformat(found["at"])})
