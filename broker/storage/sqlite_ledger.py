"""The ledger of external resources on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from broker.storage.external import Entry, EntryStatus
from broker.storage.times import from_micros, to_micros

_ENTRY = (
    "id, uid, service, account, kind, status, origin, created_at, changed_at, external_id, alias, parent, operation, "
    "exchange, outcome, error, attempts"
)
_HOLES = ", ".join("?" * 17)
#: Values that one statement may bind: SQLite's own limit is 32,766.
_BOUND = 500

Durably = Callable[[], AbstractContextManager[None]]


class SqliteLedger:
    """See storage.external.LedgerStore. ``durably`` is a transaction that survives a power cut, ``shortly`` one that
    survives the end of the process."""

    def __init__(self, connection: sqlite3.Connection, durably: Durably, shortly: Durably) -> None:
        self._connection = connection
        self._durably = durably
        self._shortly = shortly

    async def add(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        # What is about to be made is written through to the disk; what is known from an answer can be found again.
        with self._durably() if any(entry.status == "pending" for entry in entries) else self._shortly():
            self._connection.executemany(
                f"INSERT OR IGNORE INTO resources ({_ENTRY}) VALUES ({_HOLES})",
                [_row(entry) for entry in entries],
            )

    async def update(
        self,
        entry_id: str,
        *,
        changed_at: datetime,
        status: EntryStatus | None = None,
        external_id: str | None = None,
        alias: str | None = None,
        parent: str | None = None,
        outcome: str | None = None,
        error: str | None = None,
        attempts: int | None = None,
    ) -> None:
        columns = {
            "status": status,
            "external_id": external_id,
            "alias": alias,
            "parent": parent,
            "outcome": outcome,
            "error": error,
            "attempts": attempts,
        }
        changes: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
        changes["changed_at"] = to_micros(changed_at)
        try:
            self._update(entry_id, changes)
        except sqlite3.IntegrityError:
            # The same object came by another way (an event, an answer about its parent): that line keeps it.
            self._update(entry_id, {"status": "gone", "outcome": "merged", "changed_at": changes["changed_at"]})

    def _update(self, entry_id: str, changes: Mapping[str, Any]) -> None:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        with self._shortly():
            self._connection.execute(f"UPDATE resources SET {assignments} WHERE id = ?", [*changes.values(), entry_id])

    async def entry(self, entry_id: str) -> Entry | None:
        found = self._entries("WHERE id = ?", [entry_id])
        return found[0] if found else None

    async def known(self, account: str, external_ids: Sequence[str]) -> Mapping[str, Entry]:
        found: dict[str, Entry] = {}
        for first in range(0, len(external_ids), _BOUND):
            part = external_ids[first : first + _BOUND]
            holes = ", ".join("?" * len(part))
            for entry in self._entries(f"WHERE account = ? AND external_id IN ({holes})", [account, *part]):
                earlier = found.get(entry.external_id or "")
                # Names may come again: a bucket that was deleted and made anew. What lives counts.
                if earlier is None or earlier.status == "gone":
                    found[entry.external_id or ""] = entry
        return found

    async def named(self, uid: str, service: str, kind: str, alias: str) -> Entry | None:
        found = self._entries(
            "WHERE uid = ? AND service = ? AND kind = ? AND alias = ? AND status != 'gone' ORDER BY seq DESC LIMIT 1",
            [uid, service, kind, alias],
        )
        return found[0] if found else None

    async def entries(
        self,
        uid: str | None = None,
        *,
        account: str | None = None,
        service: str | None = None,
        kind: str | None = None,
        status: EntryStatus | None = None,
        left: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Entry]:
        clauses, values = ["1"], []
        for column, value in (
            ("uid", uid),
            ("account", account),
            ("service", service),
            ("kind", kind),
            ("status", status),
        ):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        if left:
            clauses.append("status != 'gone'")
        if after is not None:
            clauses.append("seq < (SELECT seq FROM resources WHERE id = ?)")
            values.append(after)
        return self._entries(f"WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT ?", [*values, limit])

    async def accounts(self, uid: str) -> Sequence[tuple[str, str]]:
        rows = self._connection.execute(
            "SELECT DISTINCT service, account FROM resources WHERE uid = ? ORDER BY service, account", (uid,)
        )
        return [(str(service), str(account)) for service, account in rows]

    async def counts(self, uid: str) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        rows = self._connection.execute(
            "SELECT service, kind, CASE status WHEN 'gone' THEN outcome ELSE status END AS state, count(*) "
            "FROM resources WHERE uid = ? GROUP BY service, kind, state",
            (uid,),
        )
        found: dict[str, dict[str, dict[str, int]]] = {}
        for service, kind, state, count in rows:
            found.setdefault(service, {}).setdefault(kind, {})[state] = count
        return found

    def _entries(self, where: str, values: Sequence[Any]) -> list[Entry]:
        rows = self._connection.execute(f"SELECT {_ENTRY} FROM resources {where}", values)
        return [_entry(row) for row in rows]


def _row(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.id,
        entry.uid,
        entry.service,
        entry.account,
        entry.kind,
        entry.status,
        entry.origin,
        to_micros(entry.created_at),
        to_micros(entry.changed_at),
        entry.external_id,
        entry.alias,
        entry.parent,
        entry.operation,
        entry.exchange,
        entry.outcome,
        entry.error,
        entry.attempts,
    )


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(
        id=row[0],
        uid=row[1],
        service=row[2],
        account=row[3],
        kind=row[4],
        status=row[5],
        origin=row[6],
        created_at=from_micros(row[7]),
        changed_at=from_micros(row[8]),
        external_id=row[9],
        alias=row[10],
        parent=row[11],
        operation=row[12],
        exchange=row[13],
        outcome=row[14],
        error=row[15],
        attempts=row[16],
    )
