"""The journal of one environment on SQLite: written in batches, read by the control API.

A row holds a batch of exchanges as one JSON text, because a call's journal should cost less than the call. What a
reader then has to look through is bounded by the caps.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import orjson

from broker.storage.base import Exchange
from broker.storage.sqlite_session import Session

#: Exchanges that share a row, and that one transaction stores.
_BATCH = 16
#: A row holds at most this part of what the caps allow, so that dropping the oldest one drops little.
_PART = 16
_VIOLATED = "violated"
#: Before a scope among the tags, where no service and no operation has it.
_SCOPED = "~"


class SqliteJournal:
    """See storage.base.JournalStore. ``max_count`` exchanges and ``max_bytes`` of their JSON are kept."""

    def __init__(self, session: Session, *, max_count: int, max_bytes: int) -> None:
        self._session = session
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._batch = max(1, min(_BATCH, max_count // _PART))
        self._count, self._bytes = session.connection.execute(
            "SELECT coalesce(sum(count), 0), coalesce(sum(length(body)), 0) FROM exchanges"
        ).fetchone()

    async def add(self, exchanges: Sequence[Exchange]) -> None:
        # Inline, a batch at a time: a thread that takes the interpreter back after every row costs the calls that run
        # meanwhile more than the rows do.
        for first in range(0, len(exchanges), self._batch):
            async with self._session.lock:
                self._session.check()
                self._session.settle()
                self._add(exchanges[first : first + self._batch])
            self._session.wrote()
            await asyncio.sleep(0)

    def _add(self, batch: Sequence[Exchange]) -> None:
        connection = self._session.connection
        count, size = self._count + len(batch), self._bytes
        connection.execute("BEGIN IMMEDIATE")
        try:
            for row in self._rows(batch):
                size += len(row[2])
                connection.execute("INSERT INTO exchanges (count, tags, body) VALUES (?, ?, ?)", row)
            count, size = self._trim(connection, count, size)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._count, self._bytes = count, size

    def _rows(self, batch: Sequence[Exchange]) -> Iterator[tuple[int, str, bytes]]:
        body = orjson.dumps(batch)  # knows dataclasses
        if len(batch) > 1 and len(body) > self._max_bytes // _PART:
            for exchange in batch:
                yield from self._rows([exchange])
            return
        tags = {tag for one in batch for tag in _tags(one.service, one.operation, bool(one.violations), one.scope)}
        yield len(batch), "\n".join(["", *sorted(tags), ""]), body

    def _trim(self, connection: sqlite3.Connection, count: int, size: int) -> tuple[int, int]:
        """Delete the oldest rows until both caps hold, but for the newest one; answers what is left."""
        if count <= self._max_count and size <= self._max_bytes:
            return count, size
        rows = connection.execute("SELECT seq, count, length(body) FROM exchanges ORDER BY seq")
        last: int | None = None
        found = rows.fetchone()
        while found is not None and (count > self._max_count or size > self._max_bytes):
            after = rows.fetchone()
            if after is None:
                break
            last, count, size = found[0], count - found[1], size - found[2]
            found = after
        rows.close()
        if last is not None:
            connection.execute("DELETE FROM exchanges WHERE seq <= ?", (last,))
        return count, size

    async def exchange(self, exchange_id: str) -> Exchange | None:
        async with self._session.reading() as connection:
            for _, body in _holding(connection, exchange_id):
                for exchange in _newest_first(body):
                    if exchange.id == exchange_id:
                        return exchange
        return None

    async def exchanges(
        self,
        *,
        service: str | None = None,
        operation: str | None = None,
        violations_only: bool = False,
        scope: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Exchange]:
        found: list[Exchange] = []
        async with self._session.reading() as connection:
            start = _start(connection, after)
            if start is None:
                return found
            seq, passed = start
            tags = _tags(service, operation, violations_only, scope)
            clauses = "".join(" AND instr(tags, ?)" for _ in tags)
            rows = connection.execute(
                f"SELECT seq, body FROM exchanges WHERE seq <= ?{clauses} ORDER BY seq DESC",
                (seq, *(f"\n{tag}\n" for tag in tags)),
            )
            for row_seq, body in rows:
                for position, exchange in enumerate(_newest_first(body)):
                    if row_seq == seq and position < passed:
                        continue
                    if _wanted(exchange, service, operation, scope, violations_only=violations_only):
                        found.append(exchange)
                        if len(found) == limit:
                            return found
        return found

    async def called(self) -> Collection[str]:
        async with self._session.reading() as connection:
            rows = connection.execute("SELECT DISTINCT tags FROM exchanges").fetchall()
        return {tag for (tags,) in rows for tag in tags.split("\n") if tag not in ("", _VIOLATED) and tag[0] != _SCOPED}


def _tags(service: str | None, operation: str | None, violated: bool, scope: str | None) -> list[str]:
    found = (service, operation, _VIOLATED if violated else None, _SCOPED + scope if scope else None)
    return [tag for tag in found if tag]


def _start(connection: sqlite3.Connection, after: str | None) -> tuple[int, int] | None:
    """The newest row to look at, and how many of its newest exchanges are passed over; None when there is none."""
    if after is None:
        newest = connection.execute("SELECT max(seq) FROM exchanges").fetchone()[0]
        return None if newest is None else (newest, 0)
    for seq, body in _holding(connection, after):
        for position, exchange in enumerate(_newest_first(body)):
            if exchange.id == after:
                return seq, position + 1
    return None


def _holding(connection: sqlite3.Connection, text: str) -> Iterator[tuple[int, bytes]]:
    """The rows, newest first, in which ``text`` occurs."""
    yield from connection.execute(
        "SELECT seq, body FROM exchanges WHERE instr(body, ?) ORDER BY seq DESC", (text.encode("utf-8", "replace"),)
    )


def _wanted(
    exchange: Exchange, service: str | None, operation: str | None, scope: str | None, *, violations_only: bool
) -> bool:
    return (
        (scope is None or exchange.scope == scope)
        and (service is None or exchange.service == service)
        and (operation is None or exchange.operation == operation)
        and (not violations_only or bool(exchange.violations))
    )


def _newest_first(body: bytes) -> Iterator[Exchange]:
    for found in reversed(orjson.loads(body)):
        for side in ("request_headers", "response_headers"):
            found[side] = [(name, value) for name, value in found[side]]
        yield Exchange(**{**found, "at": datetime.fromisoformat(found["at"])})
