"""All that an environment's file holds, counted or emptied. A million records take a second: both run in threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from broker.storage.sqlite_blobs import stored

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
