"""The journal of one environment on SQLite: written in batches, read by the control API."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from broker.storage.base import Exchange
from broker.storage.sqlite_session import Session

_COLUMNS = "id, service, operation, facts, request_headers, request_body, response_headers, response_body"


#: Exchanges that one transaction stores: a quarter of a millisecond on the event loop.
_SLICE = 32


class SqliteJournal:
    """See storage.base.JournalStore. ``max_count`` exchanges and ``max_bytes`` of their JSON are kept."""

    def __init__(self, session: Session, *, max_count: int, max_bytes: int) -> None:
        self._session = session
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._count, self._bytes = _sums(session.connection)

    async def add(self, exchanges: Sequence[Exchange]) -> None:
        # Inline, a slice at a time: a thread that takes the GIL back after every row costs the calls that run meanwhile
        # more than the rows do.
        for first in range(0, len(exchanges), _SLICE):
            async with self._session.lock:
                self._session.check()
                self._add(exchanges[first : first + _SLICE])
            self._session.wrote()
            await asyncio.sleep(0)

    def _add(self, exchanges: Sequence[Exchange]) -> None:
        rows = [_row(exchange) for exchange in exchanges]
        connection = self._session.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            added = connection.executemany(
                f"INSERT INTO exchanges (size, violated, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            ).rowcount
            count, size = self._count + added, self._bytes + sum(row[0] for row in rows)
            if added != len(rows):
                count, size = _sums(connection)
            count, size = _trim(connection, count, size, self._max_count, self._max_bytes)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._count, self._bytes = count, size

    async def exchange(self, exchange_id: str) -> Exchange | None:
        async with self._session.reading() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM exchanges WHERE id = ?", (exchange_id,)).fetchone()
        return None if row is None else _exchange(row)

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
        sql = f"SELECT {_COLUMNS} FROM exchanges WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT ?"
        async with self._session.reading() as connection:
            rows = connection.execute(sql, [*values, limit]).fetchall()
        return [_exchange(row) for row in rows]


def _trim(connection: sqlite3.Connection, count: int, size: int, max_count: int, max_bytes: int) -> tuple[int, int]:
    """Delete the oldest until both caps hold; answers what is left."""
    last: int | None = None
    oldest = connection.execute("SELECT seq, size FROM exchanges ORDER BY seq")
    while count > max_count or (size > max_bytes and count > 1):
        row = oldest.fetchone()
        if row is None:
            break
        last, count, size = row[0], count - 1, size - row[1]
    oldest.close()
    if last is not None:
        connection.execute("DELETE FROM exchanges WHERE seq <= ?", (last,))
    return count, size


def _sums(connection: sqlite3.Connection) -> tuple[int, int]:
    count, size = connection.execute("SELECT count(*), coalesce(sum(size), 0) FROM exchanges").fetchone()
    return count, size


def _row(exchange: Exchange) -> tuple[Any, ...]:
    facts = orjson.dumps(
        (
            exchange.at,
            exchange.mode,
            exchange.fidelity,
            exchange.method,
            exchange.path,
            exchange.status,
            exchange.duration_ms,
            exchange.request_size,
            exchange.response_size,
            exchange.violations,
            exchange.incident,
        )
    )
    request_headers, response_headers = _lines(exchange.request_headers), _lines(exchange.response_headers)
    request_body, response_body = exchange.request_body, exchange.response_body
    size = (
        len(facts) + len(request_headers) + len(response_headers) + len(request_body or "") + len(response_body or "")
    )
    return (
        size,
        bool(exchange.violations),
        exchange.id,
        exchange.service,
        exchange.operation,
        facts,
        request_headers,
        request_body,
        response_headers,
        response_body,
    )


def _lines(pairs: Sequence[tuple[str, str]]) -> str:
    """Header fields as they stand on the wire: none holds a line break."""
    return "\n".join(map(": ".join, pairs))


def _pairs(lines: str) -> list[tuple[str, str]]:
    found = [line.partition(": ") for line in lines.split("\n") if line]
    return [(name, value) for name, _, value in found]


def _exchange(row: tuple[Any, ...]) -> Exchange:
    id_, service, operation, facts, request_headers, request_body, response_headers, response_body = row
    at, mode, fidelity, method, path, status, duration, request_size, response_size, violations, incident = (
        orjson.loads(facts)
    )
    return Exchange(
        id=id_,
        at=datetime.fromisoformat(at),
        service=service,
        operation=operation,
        mode=mode,
        fidelity=fidelity,
        method=method,
        path=path,
        status=status,
        duration_ms=duration,
        request_headers=_pairs(request_headers),
        request_body=request_body,
        request_size=request_size,
        response_headers=_pairs(response_headers),
        response_body=response_body,
        response_size=response_size,
        violations=violations,
        incident=incident,
    )
