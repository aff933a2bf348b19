"""All that an environment's file holds, counted or emptied. A million records take a second: both run in threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from broker.storage.sqlite_blobs import stored
from mocks.base import Record

#: What a reset empties; the journal stays.
_EMPTIED = (
    "records",
    "record_index",
    "blobs",
    "stored",
    "events",
    "deliveries",
    "attempts",
    "mails",
    "mail_addresses",
    "mail_blobs",
    "mails_read",
    "expectations",
)


def counted(database: Path) -> Mapping[str, Any]:
    """What is committed; see storage.base.EnvironmentStore.inventory."""
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)) as rows:
        rows.execute("BEGIN")
        records: dict[str, dict[str, int]] = {}
        for scope, count in rows.execute("SELECT scope, count(*) FROM records GROUP BY scope"):
            service, _, kind = scope.partition("/")
            records.setdefault(service, {})[kind] = count
        number, size = stored(rows)
        counts = {
            table: rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("events", "deliveries", "mails")
        }
        exchanges = rows.execute("SELECT coalesce(sum(count), 0) FROM exchanges").fetchone()[0]
    return {"records": records, "blobs": {"count": number, "bytes": size}, **counts, "exchanges": exchanges}


def recorded(connection: sqlite3.Connection, scope: str, after: str | None, limit: int) -> Sequence[tuple[str, Record]]:
    """Records of a kind with their keys, newest first; see storage.base.EnvironmentStore.records."""
    sql, values = "SELECT key, body FROM records INDEXED BY records_by_age WHERE scope = ?", [scope]
    if after is not None:
        sql += " AND seq < (SELECT seq FROM records WHERE scope = ? AND key = ?)"
        values += [scope, after]
    rows = connection.execute(f"{sql} ORDER BY seq DESC LIMIT ?", [*values, limit]).fetchall()
    return [(key, orjson.loads(body)) for key, body in rows]


def one_recorded(connection: sqlite3.Connection, scope: str, key: str) -> Record | None:
    """The record of that key."""
    row = connection.execute("SELECT body FROM records WHERE scope = ? AND key = ?", (scope, key)).fetchone()
    return None if row is None else orjson.loads(row[0])


def emptied(connection: sqlite3.Connection) -> None:
    """All of it in one transaction; SQLite gives whole tables up page by page, and writes few of them."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table in _EMPTIED:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
