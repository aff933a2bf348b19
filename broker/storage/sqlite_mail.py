"""The mailbox of one environment on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from broker.storage.sqlite_session import Session
from broker.storage.times import to_micros
from mocks.base import Mail


def insert_mail(connection: sqlite3.Connection, service: str, mail: Mail, at: datetime, scope: str = "") -> None:
    """Inside the caller's transaction. Addresses are found in lower case."""
    body = orjson.dumps({**asdict(mail), "service": service, "sent_at": at.isoformat(), "scope": scope})
    seq = connection.execute(
        "INSERT INTO mails (id, service, sent_at, body, scope) VALUES (?, ?, ?, ?, ?) RETURNING seq",
        (mail.id, service, to_micros(at), body, scope),
    ).fetchone()[0]
    addresses = {person["email"].lower() for group in (mail.to, mail.cc, mail.bcc) for person in group}
    connection.executemany(
        "INSERT INTO mail_addresses (address, seq) VALUES (?, ?)", [(address, seq) for address in sorted(addresses)]
    )


class SqliteMailbox:
    """See storage.base.MailStore."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def mails(
        self, *, to: str | None = None, scope: str | None = None, after: str | None = None, limit: int = 100
    ) -> Sequence[Any]:
        sql = "SELECT body FROM mails WHERE 1"
        values: list[Any] = []
        if to is not None:
            sql += " AND seq IN (SELECT seq FROM mail_addresses WHERE address = ?)"
            values.append(to.lower())
        if scope is not None:
            sql += " AND scope = ?"
            values.append(scope)
        if after is not None:
            sql += " AND seq < (SELECT seq FROM mails WHERE id = ?)"
            values.append(after)
        async with self._session.reading() as connection:
            rows = connection.execute(sql + " ORDER BY seq DESC LIMIT ?", [*values, limit]).fetchall()
        return [orjson.loads(row[0]) for row in rows]

    async def mail(self, mail_id: str) -> Any | None:
        async with self._session.reading() as connection:
            row = connection.execute("SELECT body FROM mails WHERE id = ?", (mail_id,)).fetchone()
        return None if row is None else orjson.loads(row[0])

    async def clear(self) -> int:
        async with self._session.writing() as connection:
            connection.execute("DELETE FROM mail_addresses")
            return connection.execute("DELETE FROM mails").rowcount
