"""The journal of one environment on SQLite: written in batches, read by the control API.

A row holds a batch of exchanges as one JSON text, because a call's journal should cost less than the call. What a
reader then has to look through is bounded by the caps.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import orjson

from broker.storage.base import Exchange
from broker.storage.looking import CLASSES, Wanted, class_of, lowered
from broker.storage.sqlite_session import Session
from broker.storage.sqlite_traffic import by_service, count_up, figures
from broker.storage.traffic import Figures

#: Exchanges that share a row, and that one transaction stores.
_BATCH = 16
#: A row holds at most this part of what the caps allow, so that dropping the oldest one drops little.
_PART = 16
_VIOLATED = "violated"
#: Tags that are of no service and no operation.
_OTHERS = frozenset({"", _VIOLATED, *CLASSES, "1xx"})
#: Rows that a search for a rare thing looks at before it answers what it has.
_LOOKED_AT = 500
#: Rows that a scan reads at once.
_PIECE = 8
_NEWEST = 1 << 62
#: Exchanges are written when they are over, and are as old as their begin.
_LATE = timedelta(minutes=15)
_AT = re.compile(rb'"at":"([0-9T:.+-]+)"')
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
                connection.execute("INSERT INTO exchanges (count, tags, body, ids) VALUES (?, ?, ?, ?)", row)
            count_up(connection, batch)
            count, size = self._trim(connection, count, size)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._count, self._bytes = count, size

    def _rows(self, batch: Sequence[Exchange]) -> Iterator[tuple[int, str, bytes, str]]:
        body = orjson.dumps(batch)  # knows dataclasses
        if len(batch) > 1 and len(body) > self._max_bytes // _PART:
            for exchange in batch:
                yield from self._rows([exchange])
            return
        tags = {tag for one in batch for tag in _tags(one.service, one.operation, bool(one.violations), one.scope)}
        tags |= {class_of(one.status) for one in batch}
        yield len(batch), _listed(sorted(tags)), body, _listed([one.id for one in batch])

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

    async def search(
        self, wanted: Wanted, *, after: str | None = None, limit: int = 100
    ) -> tuple[Sequence[Exchange], str | None]:
        found: list[Exchange] = []
        passed_by = b""
        async with self._session.reading() as connection:
            start = _start(connection, after)
            if start is None:
                return found, None
            seq, passed = start
            looked, needle = 0, lowered(orjson.dumps(wanted.text)[1:-1].decode()) if wanted.text else b""
            for row_seq, body in _tagged(connection, wanted, seq):
                if looked == _LOOKED_AT:
                    return found, orjson.loads(passed_by)[0]["id"]
                looked, passed_by = looked + 1, body
                if needle and needle not in body.lower():
                    continue
                for position, exchange in enumerate(_newest_first(body)):
                    if row_seq == seq and position < passed:
                        continue
                    if wanted.fits(exchange):
                        if len(found) == limit:
                            return found, found[-1].id
                        found.append(exchange)
        return found, None

    async def traffic(
        self, since: datetime, step: timedelta, service: str | None = None
    ) -> tuple[Sequence[Figures], Mapping[str, int]]:
        async with self._session.reading() as connection:
            return figures(connection, since, step, service), by_service(connection, since)

    async def scan(
        self, *, tags: Sequence[str | None] = (), scope: str | None = None, since: datetime | None = None
    ) -> AsyncIterator[Sequence[Exchange]]:
        wanted = [tag for tag in (*tags, _SCOPED + scope if scope else None) if tag]
        clauses = "".join(" AND instr(tags, ?)" for _ in wanted)
        sql = f"SELECT seq, body FROM exchanges WHERE seq < ?{clauses} ORDER BY seq DESC LIMIT {_PIECE}"
        below = _NEWEST
        while True:
            async with self._session.reading() as connection:
                rows = connection.execute(sql, (below, *(f"\n{tag}\n" for tag in wanted))).fetchall()
            for _, body in rows:
                newest = _newest(body) if since is not None else None
                if since is not None and newest is not None and newest < since:
                    if newest < since - _LATE:
                        return
                    continue
                yield list(_newest_first(body))
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            if len(rows) < _PIECE:
                return
            below = rows[-1][0]

    async def called(self) -> Collection[str]:
        async with self._session.reading() as connection:
            rows = connection.execute("SELECT DISTINCT tags FROM exchanges").fetchall()
        return {tag for (tags,) in rows for tag in tags.split("\n") if tag not in _OTHERS and tag[0] != _SCOPED}


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
    line = f"\n{text}\n"
    index = connection.execute(
        "SELECT seq FROM exchanges INDEXED BY exchanges_at_a_glance WHERE instr(ids, ?) OR ids = '' ORDER BY seq DESC",
        (line,),
    )
    for (seq,) in index.fetchall():
        yield from connection.execute("SELECT seq, body FROM exchanges WHERE seq = ?", (seq,))


def _tagged(connection: sqlite3.Connection, wanted: Wanted, newest: int) -> Iterator[tuple[int, bytes]]:
    """The rows, newest first, that can hold what is wanted. Those of before the migration have no classes."""
    tags = _tags(wanted.service, wanted.operation, wanted.violations_only, wanted.scope)
    clauses, values = " AND instr(tags, ?)" * len(tags), [f"\n{tag}\n" for tag in tags]
    if wanted.status is not None:
        clauses += " AND (instr(tags, ?) OR ids = '')"
        values.append(f"\n{wanted.status[0]}xx\n")
    yield from connection.execute(
        "SELECT seq, (SELECT body FROM exchanges e WHERE e.seq = i.seq) FROM exchanges i "
        f"INDEXED BY exchanges_at_a_glance WHERE seq <= ?{clauses} ORDER BY seq DESC",
        (newest, *values),
    )


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(["", *lines, ""])


def _wanted(
    exchange: Exchange, service: str | None, operation: str | None, scope: str | None, *, violations_only: bool
) -> bool:
    return (
        (scope is None or exchange.scope == scope)
        and (service is None or exchange.service == service)
        and (operation is None or exchange.operation == operation)
        and (not violations_only or bool(exchange.violations))
    )


def _newest(body: bytes) -> datetime | None:
    """The time of a row's newest exchange, without reading the row. In texts of exchanges the quotes are escaped."""
    found = _AT.findall(body)
    return datetime.fromisoformat(max(found).decode()) if found else None


def _newest_first(body: bytes) -> Iterator[Exchange]:
    for found in reversed(orjson.loads(body)):
        for side in ("request_headers", "response_headers"):
            found[side] = [(name, value) for name, value in found[side]]
        yield Exchange(**{**found, "at": datetime.fromisoformat(found["at"])})
