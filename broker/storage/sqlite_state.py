"""State on SQLite: one call's transaction over the records and blobs of one environment.

SQLite is used inline on the event loop (a read costs about 14 us, less than any hop). One writer at a time: a
transaction takes its environment's lock at its first use of a record and keeps it until it ends.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from broker.storage.base import Delivery, Event
from broker.storage.blobs import BlobFiles, gather_small
from broker.storage.mail import Bodies
from broker.storage.room import Room
from broker.storage.sqlite_blobs import Gone, find_blob, opened, settle_blobs
from broker.storage.sqlite_mail import insert_mail
from broker.storage.sqlite_outbox import insert_delivery, insert_event, undelivered
from broker.storage.sqlite_selection import of_events, of_records, within
from broker.storage.sqlite_session import Session
from mocks.base import Blob, Mail, Order, Record, UnknownCursor
from mocks.defaults import UNDELIVERED

#: Before a service, the scope under which bytes of its blobs are at hand.
_BLOB = "blobs of "
_GET = "SELECT body FROM records WHERE scope = ? AND key = ?"
_INSERT = "INSERT INTO records (scope, key, body, fields) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq"
_GET_EVENT = "SELECT payload FROM events WHERE service = ? AND id = ?"
_REPLACE = "UPDATE records SET body = ? WHERE scope = ? AND key = ?"
_REPLACE_SAME = _REPLACE + " AND fields IS ?"
_NOTHING: Mapping[str, bytes | None] = {}
_INDEX = "INSERT INTO record_index (scope, field, value, seq) VALUES (?, ?, ?, ?)"
_UNINDEX = "DELETE FROM record_index WHERE scope = ? AND field = ? AND value = ? AND seq = ?"


class SqliteTransaction:
    """See storage.base.Transaction and mocks.base.State."""

    __slots__ = (
        "_connection",
        "_doomed",
        "_events",
        "_files",
        "_follows",
        "_fresh",
        "_gone",
        "_held",
        "_new_id",
        "_prefix",
        "_room",
        "_session",
        "_writing",
        "missed",
    )

    def __init__(
        self,
        session: Session,
        files: BlobFiles,
        service: str,
        new_id: Callable[[], str],
        events_kind: str | None = None,
        room: Room | None = None,
    ) -> None:
        self._session = session
        self._connection = session.connection
        self._files = files
        self._prefix = service + "/"
        #: The scope whose records are the service's events.
        self._events = None if events_kind is None else f"{service}/{events_kind}"
        self._new_id = new_id
        self._held = False
        self._writing = False
        #: Whether this call's part of the transaction came after another's.
        self._follows = False
        self._room = room or Room(0)
        #: Blobs that this transaction wrote, those that it lets go, and what that comes to.
        self._fresh: dict[str, tuple[int, bytes | None]] = {}
        self._doomed: list[str] = []
        self._gone: list[Gone] = []
        self.missed: list[str] = []

    # -- the exclusive phase ---------------------------------------------------------------------------

    async def _reading(self) -> None:
        if not self._held:
            await self._session.lock.acquire()
            self._held = True
            self._session.check()

    async def _begin(self) -> None:
        if not self._writing:
            await self._reading()
            self._follows = self._session.begin()
            self._writing = True

    def _release(self) -> None:
        if self._held:
            self._held = False
            self._session.lock.release()

    # -- records ---------------------------------------------------------------------------------------

    async def get(self, kind: str, key: str) -> Record | None:
        await self._reading()
        where = (self._prefix + kind, key)
        body = self._session.recent.get(where)
        if body is None:
            if where[0] == self._events:
                row = self._connection.execute(_GET_EVENT, (self._prefix[:-1], key)).fetchone()
            else:
                row = self._connection.execute(_GET, where).fetchone()
            if row is None:
                self.missed.append(key)
                return None
            body = row[0]
            # What this transaction wrote itself may yet be rolled back.
            if not self._writing:
                self._session.remember(where, body)
        found: Record = orjson.loads(body)
        return self._event(key, found) if where[0] == self._events else found

    def _event(self, key: str, payload: Record) -> Record:
        return {**payload, UNDELIVERED: undelivered(self._connection, key)}

    async def put(self, kind: str, key: str, record: Record, index: Mapping[str, str] | None = None) -> None:
        await self._begin()
        scope = self._prefix + kind
        self._session.empty.discard(scope)
        self._session.heads.pop(scope, None)
        self._session.recent.pop((scope, key), None)
        body, fields = orjson.dumps(record), orjson.dumps(index) if index else None
        row = self._connection.execute(_INSERT, (scope, key, body, fields)).fetchone()
        if row is not None:
            if index:
                self._connection.executemany(_INDEX, [(scope, field, value, *row) for field, value in index.items()])
        elif index is None:
            self._connection.execute(_REPLACE, (body, scope, key))
        elif not self._connection.execute(_REPLACE_SAME, (body, scope, key, fields)).rowcount:
            self._reindex(scope, key, body, index)

    def _reindex(self, scope: str, key: str, body: bytes, index: Mapping[str, str]) -> None:
        seq, fields = self._connection.execute(
            "SELECT seq, fields FROM records WHERE scope = ? AND key = ?", (scope, key)
        ).fetchone()
        before: Mapping[str, str] = orjson.loads(fields) if fields else {}
        gone = [(scope, field, value, seq) for field, value in before.items() if index.get(field) != value]
        new = [(scope, field, value, seq) for field, value in index.items() if before.get(field) != value]
        self._connection.executemany(_UNINDEX, gone)
        self._connection.executemany(_INDEX, new)
        self._connection.execute(
            "UPDATE records SET body = ?, fields = ? WHERE seq = ?", (body, orjson.dumps(index) if index else None, seq)
        )

    async def delete(self, kind: str, key: str) -> bool:
        await self._begin()
        scope = self._prefix + kind
        self._session.heads.pop(scope, None)
        self._session.recent.pop((scope, key), None)
        row = self._connection.execute(
            "DELETE FROM records WHERE scope = ? AND key = ? RETURNING seq, fields", (scope, key)
        ).fetchone()
        if row is None:
            self.missed.append(key)
            return False
        seq, fields = row
        if fields:
            before: Mapping[str, str] = orjson.loads(fields)
            self._connection.executemany(_UNINDEX, [(scope, field, value, seq) for field, value in before.items()])
        return True

    async def page(
        self,
        kind: str,
        *,
        order: Order = "newest",
        after: str | None = None,
        before: str | None = None,
        prefix: str = "",
        limit: int = 100,
        where: Mapping[str, str] | None = None,
    ) -> Sequence[Record]:
        await self._reading()
        scope = self._prefix + kind
        # The empty text is a cursor, too.
        open_ended = after is None and before is None
        if scope in self._session.empty and open_ended:
            return []
        first = limit == 1 and order == "key" and open_ended and not where and scope != self._events
        if first and prefix in (known := self._session.heads.get(scope, _NOTHING)):
            head = known[prefix]
            return [] if head is None else [orjson.loads(head)]
        column = "r.key" if order == "key" else ("i.seq" if where and scope != self._events else "r.seq")
        cursors: tuple[Any, Any] = (
            (after, before) if order == "key" else (self._age(scope, after), self._age(scope, before))
        )
        sql, values = self._selection(scope, where)
        ascending = order != "newest"
        if prefix:
            between, ends = within(prefix, after, before)
            sql += between
            values += ends
        else:
            if cursors[0] is not None:
                sql += f" AND {column} {'>' if ascending else '<'} ?"
                values.append(cursors[0])
            if cursors[1] is not None:
                sql += f" AND {column} {'<' if ascending else '>'} ?"
                values.append(cursors[1])
        # With `before` alone the nearest ones are those at the far end of the order: read backwards, then turn.
        turned = before is not None and after is None
        sql += f" ORDER BY {column} {'ASC' if ascending != turned else 'DESC'} LIMIT ?"
        values.append(limit)
        rows = self._connection.execute(f"SELECT r.body, r.key FROM {sql}", values).fetchall()
        if turned:
            rows.reverse()
        if first:
            self._session.head(scope, prefix, rows[0][0] if rows else None)
        elif not rows and open_ended and not (where or prefix):
            self._session.empty.add(scope)
        if scope == self._events:
            return [self._event(key, orjson.loads(body)) for body, key in rows]
        if len(rows) == 1:
            return [orjson.loads(rows[0][0])]
        # At once: names that repeat from record to record are looked up faster than they are made.
        found: list[Record] = orjson.loads(b"[%b]" % b",".join([row[0] for row in rows]))
        return found

    async def count(self, kind: str, where: Mapping[str, str] | None = None) -> int:
        await self._reading()
        sql, values = self._selection(self._prefix + kind, where)
        found: int = self._connection.execute(f"SELECT count(*) FROM {sql}", values).fetchone()[0]
        return found

    def _age(self, scope: str, key: str | None) -> int | None:
        if key is None:
            return None
        sql, values = self._selection(scope, None)
        row = self._connection.execute(f"SELECT r.seq FROM {sql} AND r.key = ?", [*values, key]).fetchone()
        if row is None:
            self.missed.append(key)
            raise UnknownCursor(key)
        found: int = row[0]
        return found

    def _selection(self, scope: str, where: Mapping[str, str] | None) -> tuple[str, list[Any]]:
        if scope == self._events:
            return of_events(self._prefix[:-1], where)
        return of_records(scope, where)

    # -- blobs -----------------------------------------------------------------------------------------

    async def write_blob(self, chunks: AsyncIterable[bytes], size: int | None = None) -> Blob:
        if self._writing:
            raise RuntimeError("write_blob after a write of the same call: blobs come first (see mocks.base.State)")
        self._release()
        return await self.keep(chunks, size)

    async def keep(self, chunks: AsyncIterable[bytes], size: int | None = None) -> Blob:
        blob_id = self._new_id()
        share = self._room.share(size or 0)
        try:
            found, size, rest = await gather_small(chunks)
            if rest is not None:
                size = await self._files.write(blob_id, found, rest, share.grow)
        except BaseException as failed:
            share.settle(0)
            if isinstance(failed, FileNotFoundError):
                self._session.check()  # the folder went with its environment
            raise
        share.settle(size)
        self._fresh[blob_id] = (size, b"".join(found) if rest is None else None)
        return Blob(blob_id, size)

    def read_blob(self, blob_id: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        if self._fresh and (fresh := self._fresh.get(blob_id)) is not None:
            return opened(self._files, blob_id, *fresh, start, stop)
        where = (_BLOB + self._prefix, blob_id)
        body = self._session.recent.get(where)
        if body is not None:
            return opened(self._files, blob_id, len(body), body, start, stop)
        size, body = find_blob(self._connection, self._prefix[:-1], blob_id)
        if body is not None and not self._writing:
            self._session.remember(where, body)
        return opened(self._files, blob_id, size, body, start, stop)

    async def delete_blob(self, blob_id: str) -> None:
        await self._begin()
        self._session.recent.pop((_BLOB + self._prefix, blob_id), None)
        self._doomed.append(blob_id)

    # -- what happens besides --------------------------------------------------------------------------

    def add_event(self, event: Event) -> None:
        self._write_now()
        if self._events is not None:
            self._session.empty.discard(self._events)
        insert_event(self._connection, event)

    def add_delivery(self, delivery: Delivery) -> None:
        self._write_now()
        insert_delivery(self._connection, delivery)

    def add_mail(self, service: str, mail: Mail, at: datetime, scope: str = "", bodies: Bodies | None = None) -> None:
        self._write_now()
        insert_mail(self._connection, service, mail, at, scope, bodies)

    def _write_now(self) -> None:
        if not self._writing:
            raise RuntimeError("events and mails are written with the state: call start() first")

    async def start(self) -> None:
        """Open the write phase, for what is written beside the records."""
        await self._begin()

    # -- the end ---------------------------------------------------------------------------------------

    async def commit(self) -> None:
        written: asyncio.Future[None] | None = None
        in_files = False
        try:
            if self._fresh or self._doomed:
                await self._begin()
                self._gone = settle_blobs(self._connection, self._prefix[:-1], self._fresh, self._doomed)
                in_files = self._touches_files()
            if self._writing:
                written = self._session.join(self._follows)
                self._writing = False
            elif self._held:
                written = self._session.seen()
            if in_files:
                self._session.settle()  # what becomes of files is known before anybody loses interest in the answer
        except BaseException:
            await self.rollback()
            raise
        self._release()
        # Bytes in rows share the fate of the rows, whoever waits for it: they count from now on.
        change = 0 if in_files else self._account()
        try:
            if written is not None:
                await written
        except sqlite3.Error:
            self._room.used -= change
            await self.rollback()
            raise
        if in_files:
            self._tidy()

    def _touches_files(self) -> bool:
        return any(body is None for _, body in self._fresh.values()) or any(one.in_file for one in self._gone)

    def _account(self) -> int:
        """Blobs without files are as good as committed; answers by how many bytes there are more of them."""
        written, gone = sum(size for size, _ in self._fresh.values()), sum(one.size for one in self._gone)
        self._fresh, self._gone = {}, []
        self._doomed.clear()
        self._room.used -= gone
        return written - gone

    def _tidy(self) -> None:
        """The rows are committed: what was written counts, and what was let go can go."""
        fresh, gone = self._fresh, self._gone
        self._fresh, self._gone = {}, []
        self._doomed.clear()
        for blob_id, (_, body) in fresh.items():
            if body is None:
                self._files.settle(blob_id)
        self._room.used -= sum(one.size for one in gone)
        for one in gone:
            if one.in_file:
                self._files.delete(one.id, one.size)

    async def rollback(self) -> None:
        try:
            await self.undo()
            if self._held:
                self._session.settle()
        finally:
            self._release()

    async def undo(self) -> None:
        try:
            if self._writing:
                self._session.undo(self._follows)
        finally:
            self._writing = False
            fresh, self._fresh, self._gone = self._fresh, {}, []
            self._doomed.clear()
            for blob_id, (size, body) in fresh.items():
                self._room.used -= size
                if body is None:
                    self._files.drop(blob_id, size)
