"""Accounts, leases, events from providers, usage, notices and attestations on SQLite, in the registry's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Literal

import orjson

from broker.storage.external import AccountRow, Attested, HookRow, Lease, Notice
from broker.storage.sqlite_drift import SqliteDrift
from broker.storage.sqlite_ledger import SqliteLedger
from broker.storage.times import from_micros, from_micros_or_none, to_micros

_ACCOUNT = (
    "name, service, secret, created_at, endpoint, pool, exclusive, environments, rate, concurrency, options, hook_id, "
    "hook_secret_sealed, hook_path"
)
_LEASE = "id, uid, service, account, kind, issued_at, expires_at, renewable, revoked_at, secret_sealed, subaccount"
_HOOK = "account, event_id, type, received_at, payload, ids, markers, resources, uid, attributed_by, routed, note"
_NOTICE = "id, type, payload, created_at, status, attempts, next_at, error"


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


class SqliteExternal:
    """See storage.external.External. ``durably`` is a transaction that survives a power cut."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        durably: Callable[[], AbstractContextManager[None]],
        *,
        hooks_kept: int = 5000,
    ) -> None:
        self._connection = connection
        self._durably = durably
        self._hooks_kept = hooks_kept
        self.ledger = SqliteLedger(connection, durably, self._shortly)
        self.drift = SqliteDrift(connection, self._shortly)

    @contextmanager
    def _shortly(self) -> Iterator[None]:
        """A transaction that survives the end of the process: sqlite.org/wal.html, synchronous=NORMAL."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    # Accounts

    async def put_account(self, account: AccountRow) -> None:
        with self._durably():
            self._execute(
                f"INSERT OR REPLACE INTO accounts ({_ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    account.name,
                    account.service,
                    orjson.dumps(account.secret),
                    to_micros(account.created_at),
                    account.endpoint,
                    account.pool,
                    account.exclusive,
                    orjson.dumps(list(account.environments)),
                    account.rate,
                    account.concurrency,
                    orjson.dumps(account.options),
                    account.hook_id,
                    account.hook_secret_sealed,
                    account.hook_path,
                ),
            )

    async def account(self, name: str) -> AccountRow | None:
        row = self._execute(f"SELECT {_ACCOUNT} FROM accounts WHERE name = ?", (name,)).fetchone()
        return None if row is None else _account(row)

    async def accounts(self, *, service: str | None = None, pool: str | None = None) -> Sequence[AccountRow]:
        clauses, values = ["1"], []
        for column, value in (("service", service), ("pool", pool)):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        rows = self._execute(f"SELECT {_ACCOUNT} FROM accounts WHERE {' AND '.join(clauses)} ORDER BY name", values)
        return [_account(row) for row in rows]

    async def delete_account(self, name: str) -> bool:
        with self._durably():
            return self._execute("DELETE FROM accounts WHERE name = ?", (name,)).rowcount > 0

    # Leases

    async def add_lease(self, lease: Lease) -> bool:
        with self._durably():
            taken = self._execute(
                "SELECT 1 FROM leases JOIN accounts ON accounts.name = leases.account WHERE leases.account = ? "
                "AND accounts.exclusive AND leases.kind = 'account' AND leases.revoked_at IS NULL AND leases.uid != ?",
                (lease.account, lease.uid),
            ).fetchone()
            if taken is not None and lease.kind == "account":
                return False
            self._execute(
                f"INSERT INTO leases ({_LEASE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    lease.id,
                    lease.uid,
                    lease.service,
                    lease.account,
                    lease.kind,
                    to_micros(lease.issued_at),
                    _micros(lease.expires_at),
                    lease.renewable,
                    _micros(lease.revoked_at),
                    lease.secret_sealed,
                    lease.subaccount,
                ),
            )
            return True

    async def lease(self, lease_id: str) -> Lease | None:
        row = self._execute(f"SELECT {_LEASE} FROM leases WHERE id = ?", (lease_id,)).fetchone()
        return None if row is None else _lease(row)

    async def leases(
        self, uid: str | None = None, *, account: str | None = None, service: str | None = None, alive: bool = True
    ) -> Sequence[Lease]:
        clauses, values = ["1"], []
        for column, value in (("uid", uid), ("account", account), ("service", service)):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        if alive:
            clauses.append("revoked_at IS NULL")
        rows = self._execute(f"SELECT {_LEASE} FROM leases WHERE {' AND '.join(clauses)} ORDER BY seq", values)
        return [_lease(row) for row in rows]

    async def update_lease(
        self,
        lease_id: str,
        *,
        expires_at: datetime | None = None,
        revoked_at: datetime | None = None,
        secret_sealed: str | None = None,
    ) -> None:
        changes: dict[str, Any] = {}
        if expires_at is not None:
            changes["expires_at"] = to_micros(expires_at)
        if secret_sealed is not None:
            changes["secret_sealed"] = secret_sealed
        if revoked_at is not None:
            changes |= {"revoked_at": to_micros(revoked_at), "secret_sealed": None}
        if changes:
            assignments = ", ".join(f"{column} = ?" for column in changes)
            with self._durably():
                self._execute(f"UPDATE leases SET {assignments} WHERE id = ?", [*changes.values(), lease_id])

    # Events from providers

    async def add_hook(self, hook: HookRow) -> bool:
        with self._shortly():
            added = self._execute(
                f"INSERT OR IGNORE INTO hooks ({_HOOK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    hook.account,
                    hook.event_id,
                    hook.type,
                    to_micros(hook.received_at),
                    orjson.dumps(hook.payload),
                    orjson.dumps(list(hook.ids)),
                    orjson.dumps(list(hook.markers)),
                    orjson.dumps(list(hook.resources)),
                    hook.uid,
                    hook.by,
                    hook.routed,
                    hook.note,
                ),
            ).rowcount
            if added:
                # Those that are routed, or that nobody claimed for so long, make room; what waits to be routed stays.
                self._execute(
                    "DELETE FROM hooks WHERE account = ? AND (routed = 1 OR uid IS NULL) AND seq <= "
                    "(SELECT seq FROM hooks WHERE account = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                    (hook.account, hook.account, self._hooks_kept),
                )
        return bool(added)

    async def update_hook(
        self,
        account: str,
        event_id: str,
        *,
        uid: str | None = None,
        by: str | None = None,
        routed: bool | None = None,
        note: str | None = None,
    ) -> None:
        columns = {"uid": uid, "attributed_by": by, "routed": routed, "note": note}
        changes = {name: value for name, value in columns.items() if value is not None}
        if changes:
            assignments = ", ".join(f"{column} = ?" for column in changes)
            with self._shortly():
                self._execute(
                    f"UPDATE hooks SET {assignments} WHERE account = ? AND event_id = ?",
                    [*changes.values(), account, event_id],
                )

    async def hook(self, account: str, event_id: str) -> HookRow | None:
        row = self._execute(
            f"SELECT {_HOOK} FROM hooks WHERE account = ? AND event_id = ?", (account, event_id)
        ).fetchone()
        return None if row is None else _hook(row)

    async def hooks(
        self,
        account: str | None = None,
        *,
        claimed: bool | None = None,
        routed: bool | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 100,
    ) -> Sequence[HookRow]:
        clauses: list[str] = ["1"]
        values: list[Any] = []
        if account is not None:
            clauses.append("account = ?")
            values.append(account)
        if claimed is not None:
            clauses.append("uid IS NOT NULL" if claimed else "uid IS NULL")
        if routed is not None:
            clauses.append("routed = 1" if routed else "routed = 0")
        if after is not None:
            clauses.append("seq < (SELECT seq FROM hooks WHERE account = ? AND event_id = ?)")
            values += after
        sql = f"SELECT {_HOOK} FROM hooks WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT ?"
        return [_hook(row) for row in self._execute(sql, [*values, limit])]

    # Usage

    async def usage(self, uid: str, service: str) -> tuple[datetime, Mapping[str, int]] | None:
        row = self._execute("SELECT since, used FROM usage WHERE uid = ? AND service = ?", (uid, service)).fetchone()
        return None if row is None else (from_micros(row[0]), orjson.loads(row[1]))

    async def put_usage(self, uid: str, service: str, since: datetime, used: Mapping[str, int]) -> None:
        self._execute(
            "INSERT OR REPLACE INTO usage (uid, service, since, used) VALUES (?, ?, ?, ?)",
            (uid, service, to_micros(since), orjson.dumps(used)),
        )

    # Notices and attestations

    async def put_notice(self, notice: Notice) -> None:
        self._execute(
            f"INSERT INTO notices ({_NOTICE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "status = excluded.status, attempts = excluded.attempts, next_at = excluded.next_at, "
            "error = excluded.error",
            (
                notice.id,
                notice.type,
                orjson.dumps(notice.payload),
                to_micros(notice.created_at),
                notice.status,
                notice.attempts,
                _micros(notice.next_at),
                notice.error,
            ),
        )

    async def notice(self, notice_id: str) -> Notice | None:
        row = self._execute(f"SELECT {_NOTICE} FROM notices WHERE id = ?", (notice_id,)).fetchone()
        return None if row is None else _notice(row)

    async def notices(
        self, *, status: Literal["pending", "delivered"] | None = None, limit: int = 100
    ) -> Sequence[Notice]:
        where, values = ("WHERE status = ?", [status]) if status else ("", [])
        rows = self._execute(f"SELECT {_NOTICE} FROM notices {where} ORDER BY seq LIMIT ?", [*values, limit])
        return [_notice(row) for row in rows]

    async def put_attested(self, attested: Attested) -> None:
        self._execute(
            "INSERT OR REPLACE INTO attested (uid, component, digests, at) VALUES (?, ?, ?, ?)",
            (attested.uid, attested.component, orjson.dumps(attested.digests), to_micros(attested.at)),
        )

    async def attested(self, uid: str) -> Sequence[Attested]:
        rows = self._execute("SELECT component, digests, at FROM attested WHERE uid = ? ORDER BY component", (uid,))
        return [
            Attested(uid=uid, component=row[0], digests=orjson.loads(row[1]), at=from_micros(row[2])) for row in rows
        ]

    # Facts about this server itself

    async def fact(self, name: str) -> str | None:
        row = self._execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    async def put_fact(self, name: str, value: str) -> str:
        with self._durably():
            self._execute("INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)", (name, value))
        return await self.fact(name) or value

    async def replace_fact(self, name: str, value: str) -> None:
        with self._durably():
            self._execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))


def _account(row: tuple[Any, ...]) -> AccountRow:
    return AccountRow(
        name=row[0],
        service=row[1],
        secret=orjson.loads(row[2]),
        created_at=from_micros(row[3]),
        endpoint=row[4],
        pool=row[5],
        exclusive=bool(row[6]),
        environments=tuple(orjson.loads(row[7])),
        rate=row[8],
        concurrency=row[9],
        options=orjson.loads(row[10]),
        hook_id=row[11],
        hook_secret_sealed=row[12],
        hook_path=row[13],
    )


def _lease(row: tuple[Any, ...]) -> Lease:
    return Lease(
        id=row[0],
        uid=row[1],
        service=row[2],
        account=row[3],
        kind=row[4],
        issued_at=from_micros(row[5]),
        expires_at=from_micros_or_none(row[6]),
        renewable=bool(row[7]),
        revoked_at=from_micros_or_none(row[8]),
        secret_sealed=row[9],
        subaccount=row[10],
    )


def _hook(row: tuple[Any, ...]) -> HookRow:
    return HookRow(
        account=row[0],
        event_id=row[1],
        type=row[2],
        received_at=from_micros(row[3]),
        payload=orjson.loads(row[4]),
        ids=tuple(orjson.loads(row[5])),
        markers=tuple(orjson.loads(row[6])),
        resources=tuple((kind, id_, parent) for kind, id_, parent in orjson.loads(row[7])),
        uid=row[8],
        by=row[9],
        routed=bool(row[10]),
        note=row[11],
    )


def _notice(row: tuple[Any, ...]) -> Notice:
    return Notice(
        id=row[0],
        type=row[1],
        payload=orjson.loads(row[2]),
        created_at=from_micros(row[3]),
        status=row[4],
        attempts=row[5],
        next_at=from_micros_or_none(row[6]),
        error=row[7],
    )
