"""The mailbox of one environment on SQLite.

Whatever has to be looked for in the mails themselves is looked for in a thread, on a connection of its own: ten
thousand mails take a moment, and nobody else waits for it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, fields
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from broker.storage.blobs import BlobFiles
from broker.storage.mail import Accept, Bodies, Mail, Mails, Wanted, blobs_of, size_of
from broker.storage.room import Room
from broker.storage.sqlite_blobs import Gone, open_blob, settle_blobs
from broker.storage.sqlite_session import Session
from broker.storage.times import to_micros
from mocks import base

_INSERT = (
    "INSERT INTO mails (id, service, scope, sent_at, size, body, text, html) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "RETURNING seq"
)
_COLUMNS = "m.id, m.service, m.scope, m.size, r.seq IS NOT NULL, m.body, m.text, m.html"
_FROM = "mails m LEFT JOIN mails_read r ON r.seq = m.seq"
_MEMBERS = tuple(each.name for each in fields(base.Mail))
#: So many mails are deleted at once.
_BATCH = 100


def insert_mail(
    connection: sqlite3.Connection,
    service: str,
    mail: base.Mail,
    at: datetime,
    scope: str = "",
    bodies: Bodies | None = None,
) -> None:
    """Inside the caller's transaction. Addresses are found in lower case. ``bodies`` stand for texts that are not in
    the row."""
    whole: dict[str, Any] = {**_members(mail), "sent_at": at.isoformat()}
    if bodies:
        whole["bodies"] = {form: asdict(blob) for form, blob in bodies.items()}
        whole |= dict.fromkeys(bodies)
    size = size_of(whole)
    text, html = whole.pop("text"), whole.pop("html")
    seq = connection.execute(
        _INSERT, (mail.id, service, scope, to_micros(at), size, orjson.dumps(whole), text, html)
    ).fetchone()[0]
    connection.executemany(
        "INSERT INTO mail_addresses (address, seq) VALUES (?, ?)", [(address, seq) for address in _addresses(whole)]
    )
    if mail.attachments or mail.raw or bodies:
        connection.executemany(
            "INSERT OR IGNORE INTO mail_blobs (blob, seq) VALUES (?, ?)", [(blob, seq) for blob in blobs_of(whole)]
        )


def _members(mail: base.Mail) -> dict[str, Any]:
    """As ``asdict``, which copies every text and list of it on the way of each mail that is sent."""
    found = {name: getattr(mail, name) for name in _MEMBERS}
    found["attachments"] = [asdict(each) for each in mail.attachments]
    found["raw"] = None if mail.raw is None else asdict(mail.raw)
    return found


def _addresses(mail: Mail) -> list[str]:
    return sorted({person["email"].lower() for kind in ("to", "cc", "bcc") for person in mail[kind]})


def _mail(row: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(row[5])
    found |= {"service": row[1], "scope": row[2], "size": row[3], "read": bool(row[4]), "text": row[6], "html": row[7]}
    return found


class SqliteMailbox:
    """See storage.mail.MailStore."""

    def __init__(self, session: Session, files: BlobFiles, room: Room) -> None:
        self._session = session
        self._files = files
        self._room = room

    # -- reading ---------------------------------------------------------------------------------------

    async def mails(
        self, *, to: str | None = None, scope: str | None = None, after: str | None = None, limit: int = 100
    ) -> Sequence[Any]:
        return (await self.find(Wanted(to=to, scope=scope), after=after, limit=limit)).items

    async def find(
        self,
        wanted: Wanted,
        *,
        after: str | None = None,
        offset: int = 0,
        limit: int = 100,
        most_bytes: int | None = None,
    ) -> Mails:
        if wanted.accept is None:
            async with self._session.reading() as connection:
                return _found(connection, wanted, after, offset, limit, most_bytes)
        async with self._session.reading():
            pass  # what was answered is committed
        return await asyncio.to_thread(_found_in, self._session.path, wanted, after, offset, limit, most_bytes)

    async def ids(self, wanted: Wanted) -> Sequence[str]:
        async with self._session.reading():
            pass
        return await asyncio.to_thread(_ids_in, self._session.path, wanted)

    async def mail(self, mail_id: str) -> Any | None:
        async with self._session.reading() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM {_FROM} WHERE m.id = ?", (mail_id,)).fetchone()
        return None if row is None else _mail(row)

    async def totals(self) -> tuple[int, int]:
        async with self._session.reading() as connection:
            # The ids have an index, which is the smallest thing that can be counted.
            number: int = connection.execute("SELECT count(id) FROM mails").fetchone()[0]
            read: int = connection.execute("SELECT count(*) FROM mails_read").fetchone()[0]
        return number, number - read

    def read(self, mail: Mail, blob_id: str) -> AsyncIterator[bytes]:
        self._session.check()
        return open_blob(self._session.connection, self._files, mail["service"], blob_id, 0, None)

    # -- writing ---------------------------------------------------------------------------------------

    async def mark(self, mail_ids: Collection[str] | None, *, read: bool) -> int:
        where, values = ("", [])
        if mail_ids is not None:
            where, values = " WHERE id IN (SELECT value FROM json_each(?))", [orjson.dumps(list(mail_ids)).decode()]
        async with self._session.writing() as connection:
            if read:
                connection.execute(f"INSERT OR IGNORE INTO mails_read SELECT seq FROM mails{where}", values)
            else:
                connection.execute(f"DELETE FROM mails_read WHERE seq IN (SELECT seq FROM mails{where})", values)
            found: int = connection.execute(f"SELECT count(id) FROM mails{where}", values).fetchone()[0]
        return found

    async def delete(self, mail_ids: Collection[str]) -> int:
        deleted, left = 0, iter(mail_ids)
        while batch := list(islice(left, _BATCH)):
            async with self._session.writing() as connection:
                number, gone = _deleted(connection, batch)
            self._let_go(gone)
            deleted += number
            await asyncio.sleep(0)
        return deleted

    async def trim(self, most: int) -> int:
        async with self._session.reading() as connection:
            surplus = connection.execute("SELECT count(id) FROM mails").fetchone()[0] - most
            if surplus <= 0:
                return 0
            rows = connection.execute("SELECT id FROM mails ORDER BY seq LIMIT ?", (surplus,)).fetchall()
        return await self.delete([row[0] for row in rows])

    async def clear(self) -> int:
        async with self._session.threaded() as connection:
            number, gone = await asyncio.to_thread(_cleared, connection)
        self._let_go(gone)
        return number

    def _let_go(self, gone: Sequence[Gone]) -> None:
        """Their rows are deleted, and that is committed."""
        self._room.used -= sum(one.size for one in gone)
        for one in gone:
            self._session.forget_blob(one.id)
            if one.in_file:
                self._files.delete(one.id, one.size)


# -- on a connection -------------------------------------------------------------------------------------------


def _selection(connection: sqlite3.Connection, wanted: Wanted, after: str | None) -> tuple[str, list[Any]] | None:
    """FROM and WHERE; None when nothing can be found."""
    sql, values = f"{_FROM} WHERE 1", []
    if wanted.to is not None:
        sql += " AND m.seq IN (SELECT seq FROM mail_addresses WHERE address = ?)"
        values.append(wanted.to.lower())
    for column, value in (("service", wanted.service), ("scope", wanted.scope)):
        if value is not None:
            sql += f" AND m.{column} = ?"
            values.append(value)
    for mail_id, sign in ((after, "<"), (wanted.since, ">")):
        if mail_id is None:
            continue
        row = connection.execute("SELECT seq FROM mails WHERE id = ?", (mail_id,)).fetchone()
        if row is None:
            return None
        sql += f" AND m.seq {sign} ?"
        values.append(row[0])
    return sql, values


def _accepted(connection: sqlite3.Connection, wanted: Wanted, after: str | None) -> Iterator[dict[str, Any]]:
    selection = _selection(connection, wanted, after)
    if selection is None:
        return
    sql, values = selection
    accept: Accept | None = wanted.accept
    for row in connection.execute(f"SELECT {_COLUMNS} FROM {sql} ORDER BY m.seq DESC", values):
        mail = _mail(row)
        if accept is None or accept(mail):
            yield mail


def _found(
    connection: sqlite3.Connection, wanted: Wanted, after: str | None, offset: int, limit: int, most_bytes: int | None
) -> Mails:
    items: list[Mail] = []
    size = 0
    for mail in islice(_accepted(connection, wanted, after), offset, None):
        if len(items) == limit or (most_bytes is not None and size > most_bytes):
            return Mails(items, more=True)
        items.append(mail)
        size += len(mail["text"] or "") + len(mail["html"] or "")
    return Mails(items, more=False)


def _found_in(path: Path, wanted: Wanted, after: str | None, offset: int, limit: int, most_bytes: int | None) -> Mails:
    with closing(_reader(path)) as connection:
        return _found(connection, wanted, after, offset, limit, most_bytes)


def _ids_in(path: Path, wanted: Wanted) -> list[str]:
    with closing(_reader(path)) as connection:
        return [mail["id"] for mail in _accepted(connection, wanted, None)]


def _reader(path: Path) -> sqlite3.Connection:
    # Not made when it goes meanwhile.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)


def _deleted(connection: sqlite3.Connection, mail_ids: Sequence[str]) -> tuple[int, list[Gone]]:
    rows = connection.execute(
        "SELECT seq, service, body FROM mails WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(mail_ids)).decode(),),
    ).fetchall()
    blobs: dict[str, dict[str, None]] = {}
    for seq, service, body in rows:
        mail = orjson.loads(body)
        connection.execute("DELETE FROM mails WHERE seq = ?", (seq,))
        connection.execute("DELETE FROM mails_read WHERE seq = ?", (seq,))
        connection.executemany(
            "DELETE FROM mail_addresses WHERE address = ? AND seq = ?", [(each, seq) for each in _addresses(mail)]
        )
        named = blobs_of(mail)
        connection.executemany("DELETE FROM mail_blobs WHERE blob = ? AND seq = ?", [(blob, seq) for blob in named])
        blobs.setdefault(service, {}).update(dict.fromkeys(named))
    gone: list[Gone] = []
    for service, named_by_it in blobs.items():
        orphans = [blob for blob in named_by_it if not _is_named(connection, blob)]
        gone += settle_blobs(connection, service, {}, orphans)
    return len(rows), gone


def _is_named(connection: sqlite3.Connection, blob: str) -> bool:
    return connection.execute("SELECT 1 FROM mail_blobs WHERE blob = ? LIMIT 1", (blob,)).fetchone() is not None


def _cleared(connection: sqlite3.Connection) -> tuple[int, list[Gone]]:
    """All of it in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        services = connection.execute(
            "SELECT DISTINCT b.service FROM mail_blobs m JOIN blobs b ON b.id = m.blob"
        ).fetchall()
        gone: list[Gone] = []
        for (service,) in services:
            named = connection.execute(
                "SELECT DISTINCT m.blob FROM mail_blobs m JOIN blobs b ON b.id = m.blob WHERE b.service = ?", (service,)
            ).fetchall()
            gone += settle_blobs(connection, service, {}, [row[0] for row in named])
        number: int = connection.execute("SELECT count(id) FROM mails").fetchone()[0]
        for table in ("mails", "mails_read", "mail_addresses", "mail_blobs"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return number, gone
