"""The registry on SQLite: environments and their tombstones, credentials, incidents, receipts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import orjson

from broker.settings import InvalidSetting
from broker.storage.base import Credential, Environment, Incident, NameTaken, Status, Trust
from broker.storage.schema import connect
from broker.storage.sqlite_external import SqliteExternal
from broker.storage.times import from_micros, from_micros_or_none, to_micros

_ENVIRONMENT = "uid, name, tag, status, policy, seed, created_at, expires_at, closed_at, trust, frozen_at, ahead"
_CREDENTIAL = "environment, service, spec, key_hash, key_sealed, secret_sealed, presented, dies_at"
_MICROSECOND = timedelta(microseconds=1)
_INCIDENT = "id, at, kind, environment, uid, service, message, details"


class SqliteRegistry:
    """See storage.base.Registry. Every write is one short transaction without a wait in between."""

    def __init__(self, path: Path, *, incidents_kept: int) -> None:
        try:
            self._connection = connect(path, "registry")
        except sqlite3.DatabaseError as wrong:
            raise InvalidSetting(
                f"BROKER_DATA: {path} cannot be opened ({wrong}): put a copy of it back, or start with another folder"
            ) from wrong
        self._connection.execute("PRAGMA wal_autocheckpoint=1000")
        self._incidents_kept = incidents_kept
        #: What is known of the world outside, in the same file.
        self.external = SqliteExternal(self._connection, self._durably)

    @contextmanager
    def _durably(self) -> Iterator[None]:
        """A write that a power cut must not lose either: who exists and what was deleted is worth a wait of some
        milliseconds; an incident, which a flood may bring by the thousand, is not."""
        self._connection.execute("PRAGMA synchronous=FULL")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        finally:
            self._connection.execute("PRAGMA synchronous=NORMAL")

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    async def add_environment(self, environment: Environment, credentials: Sequence[Credential]) -> None:
        try:
            with self._durably():
                self._execute(
                    f"INSERT INTO environments ({_ENVIRONMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    _environment_row(environment),
                )
                self._add_credentials(credentials)
        except sqlite3.IntegrityError as taken:
            raise NameTaken(environment.name) from taken

    def _add_credentials(self, credentials: Sequence[Credential]) -> None:
        self._connection.executemany(
            f"INSERT INTO credentials ({_CREDENTIAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (c.environment, c.service, c.spec, c.key_hash, c.key_sealed, c.secret_sealed, c.presented, None)
                for c in credentials
            ],
        )

    async def environment(self, name: str) -> Environment | None:
        # The last one that was made: the clock may have been set back meanwhile.
        return self._environment("WHERE name = ? ORDER BY rowid DESC LIMIT 1", (name,))

    async def environment_by_uid(self, uid: str) -> Environment | None:
        return self._environment("WHERE uid = ?", (uid,))

    async def status(self, uid: str) -> Status | None:
        row = self._execute("SELECT status FROM environments WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else cast(Status, row[0])

    async def environment_by_tag(self, tag: str) -> Environment | None:
        return self._environment("WHERE tag = ?", (tag,))

    async def environment_ending(self, short: str) -> Environment | None:
        escaped = short.replace("%", "").replace("_", "")
        return self._environment("WHERE uid LIKE ?", (f"%-{escaped}",)) if len(escaped) == len(short) else None

    def _environment(self, where: str, values: Sequence[Any]) -> Environment | None:
        row = self._execute(f"SELECT {_ENVIRONMENT} FROM environments {where}", values).fetchone()
        return None if row is None else _environment(row)

    async def environments(
        self, *, status: Status | None = None, text: str = "", after: str | None = None, limit: int = 100
    ) -> Sequence[Environment]:
        newest = "rowid = (SELECT max(rowid) FROM environments o WHERE o.name = environments.name)"
        sql = f"SELECT {_ENVIRONMENT} FROM environments WHERE {newest}"
        values: list[Any] = []
        if status is not None:
            sql += " AND status = ?"
            values.append(status)
        if text:
            sql += " AND instr(name, ?)"
            values.append(text.lower())
        if after is not None:
            sql += " AND name > ?"
            values.append(after)
        return [_environment(row) for row in self._execute(sql + " ORDER BY name LIMIT ?", [*values, limit])]

    async def count_environments(self) -> Mapping[str, int]:
        newest = "SELECT max(rowid) FROM environments GROUP BY name"
        rows = self._execute(f"SELECT status, count(*) FROM environments WHERE rowid IN ({newest}) GROUP BY status")
        return dict(rows.fetchall())

    async def expired(self, now: datetime) -> Sequence[Environment]:
        rows = self._execute(
            f"SELECT {_ENVIRONMENT} FROM environments "
            "WHERE status = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT 1000",
            (to_micros(now),),
        )
        return [_environment(row) for row in rows]

    async def update_environment(
        self,
        uid: str,
        *,
        status: Status | None = None,
        policy: Mapping[str, Any] | None = None,
        expires_at: datetime | None = None,
        closed_at: datetime | None = None,
        trust: Trust | None = None,
        clock: tuple[datetime | None, timedelta] | None = None,
    ) -> Environment:
        changes: dict[str, Any] = {}
        if clock is not None:
            frozen_at, ahead = clock
            changes["frozen_at"] = None if frozen_at is None else to_micros(frozen_at)
            changes["ahead"] = ahead // _MICROSECOND
        if trust is not None:
            changes["trust"] = trust
        if status is not None:
            changes["status"] = status
        if policy is not None:
            changes["policy"] = orjson.dumps(policy)
        if expires_at is not None:
            changes["expires_at"] = to_micros(expires_at)
        if closed_at is not None:
            changes["closed_at"] = to_micros(closed_at)
        if changes:
            assignments = ", ".join(f"{column} = ?" for column in changes)
            with self._durably():
                self._execute(f"UPDATE environments SET {assignments} WHERE uid = ?", [*changes.values(), uid])
        found = await self.environment_by_uid(uid)
        if found is None:
            raise LookupError(f"no environment {uid}")
        return found

    async def credential(self, key_hash: bytes) -> Credential | None:
        row = self._execute(f"SELECT {_CREDENTIAL} FROM credentials WHERE key_hash = ?", (key_hash,)).fetchone()
        return None if row is None else _credential(row)

    async def credentials(self, uid: str) -> Sequence[Credential]:
        rows = self._execute(
            f"SELECT {_CREDENTIAL} FROM credentials WHERE environment = ? AND dies_at IS NULL ORDER BY service, spec",
            (uid,),
        )
        return [_credential(row) for row in rows]

    async def end_credential(self, uid: str, service: str, spec: str, dies_at: datetime) -> None:
        with self._durably():
            self._end_credential(uid, service, spec, dies_at)

    async def rotate_credentials(self, uid: str, fresh: Sequence[Credential], dies_at: datetime) -> None:
        with self._durably():
            for service, spec in {(c.service, c.spec) for c in fresh}:
                self._end_credential(uid, service, spec, dies_at)
            self._add_credentials(fresh)

    def _end_credential(self, uid: str, service: str, spec: str, dies_at: datetime) -> None:
        self._execute(
            "UPDATE credentials SET dies_at = min(coalesce(dies_at, ?1), ?1) "
            "WHERE environment = ?2 AND service = ?3 AND spec = ?4 AND dead = 0",
            (to_micros(dies_at), uid, service, spec),
        )

    def sealed_sample(self) -> str | None:
        row = self._execute("SELECT key_sealed FROM credentials WHERE dead = 0 LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    async def kill_credentials(self, uid: str) -> int:
        # The sealed values go with it: a tombstone recognises a key but cannot show it again.
        with self._durably():
            return self._execute(
                "UPDATE credentials SET dead = 1, key_sealed = '', secret_sealed = NULL "
                "WHERE environment = ? AND dead = 0",
                (uid,),
            ).rowcount

    async def add_incident(self, incident: Incident) -> None:
        self._execute(
            f"INSERT INTO incidents ({_INCIDENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                incident.id,
                to_micros(incident.at),
                incident.kind,
                incident.environment,
                incident.uid,
                incident.service,
                incident.message,
                orjson.dumps(incident.details),
            ),
        )
        # Those of no environment share one cap, because a name costs nothing to make up.
        same, values = ("uid IS NULL", []) if incident.uid is None else ("uid = ?", [incident.uid])
        self._execute(
            f"DELETE FROM incidents WHERE {same} AND seq <= "
            f"(SELECT seq FROM incidents WHERE {same} ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            [*values, *values, self._incidents_kept],
        )

    async def incidents(
        self, environment: str | None, *, after: str | None = None, limit: int = 100
    ) -> Sequence[Incident]:
        sql = f"SELECT {_INCIDENT} FROM incidents WHERE 1"
        values: list[Any] = []
        if environment is not None:
            newest = await self.environment(environment)
            sql += " AND environment = ? AND (uid IS NULL OR uid = ?)"
            values += [environment, newest.uid if newest else None]
        if after is not None:
            sql += " AND seq < (SELECT seq FROM incidents WHERE id = ?)"
            values.append(after)
        return [_incident(row) for row in self._execute(sql + " ORDER BY seq DESC LIMIT ?", [*values, limit])]

    async def put_receipt(self, uid: str, receipt: Mapping[str, Any]) -> None:
        with self._durably():
            self._execute(
                "INSERT INTO receipts (uid, receipt) VALUES (?, ?) "
                "ON CONFLICT (uid) DO UPDATE SET receipt = excluded.receipt",
                (uid, orjson.dumps(receipt)),
            )

    async def receipt(self, uid: str) -> Mapping[str, Any] | None:
        row = self._execute("SELECT receipt FROM receipts WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def close(self) -> None:
        self._connection.close()


def _environment_row(environment: Environment) -> tuple[Any, ...]:
    closed = environment.closed_at
    return (
        environment.uid,
        environment.name,
        environment.tag,
        environment.status,
        orjson.dumps(environment.policy),
        environment.seed,
        to_micros(environment.created_at),
        to_micros(environment.expires_at),
        None if closed is None else to_micros(closed),
        environment.trust,
        None if environment.frozen_at is None else to_micros(environment.frozen_at),
        environment.ahead // _MICROSECOND,
    )


def _environment(row: tuple[Any, ...]) -> Environment:
    return Environment(
        uid=row[0],
        name=row[1],
        tag=row[2],
        status=row[3],
        policy=orjson.loads(row[4]),
        seed=row[5],
        created_at=from_micros(row[6]),
        expires_at=from_micros(row[7]),
        closed_at=from_micros_or_none(row[8]),
        trust=row[9],
        frozen_at=from_micros_or_none(row[10]),
        ahead=row[11] * _MICROSECOND,
    )


def _credential(row: tuple[Any, ...]) -> Credential:
    return Credential(
        environment=row[0],
        service=row[1],
        spec=row[2],
        key_hash=row[3],
        key_sealed=row[4],
        secret_sealed=row[5],
        presented=bool(row[6]),
        dies_at=from_micros_or_none(row[7]),
    )


def _incident(row: tuple[Any, ...]) -> Incident:
    return Incident(
        id=row[0],
        at=from_micros(row[1]),
        kind=row[2],
        environment=row[3],
        uid=row[4],
        service=row[5],
        message=row[6],
        details=orjson.loads(row[7]),
    )
