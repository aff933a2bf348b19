"""Events, deliveries and attempts of one environment on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from broker.storage.base import Attempt, Delivery, Event, Made
from broker.storage.sqlite_session import Session
from broker.storage.times import from_micros, from_micros_or_none, to_micros

_DELIVERY = "id, event_id, service, url, secret_sealed, endpoint, status, attempts, next_at, created_at, scope"

#: A place counts once, however often an event was sent there again.
_UNDELIVERED = """SELECT count(*) FROM (
  SELECT 1 FROM deliveries WHERE event_id = ? GROUP BY url, endpoint HAVING max(status = 'delivered') = 0
)"""


def insert_event(connection: sqlite3.Connection, event: Event) -> None:
    """Inside the caller's transaction."""
    connection.execute(
        "INSERT INTO events (id, service, type, payload, created_at, scope) VALUES (?, ?, ?, ?, ?, ?)",
        (event.id, event.service, event.type, orjson.dumps(event.payload), to_micros(event.created_at), event.scope),
    )


def insert_delivery(connection: sqlite3.Connection, delivery: Delivery) -> None:
    """Inside the caller's transaction."""
    connection.execute(
        f"INSERT INTO deliveries ({_DELIVERY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            delivery.id,
            delivery.event_id,
            delivery.service,
            delivery.url,
            delivery.secret_sealed,
            delivery.endpoint,
            delivery.status,
            delivery.attempts,
            None if delivery.next_at is None else to_micros(delivery.next_at),
            to_micros(delivery.created_at),
            delivery.scope,
        ),
    )


def undelivered(connection: sqlite3.Connection, event_id: str) -> int:
    """See storage.outbox.OutboxStore."""
    found: int = connection.execute(_UNDELIVERED, (event_id,)).fetchone()[0]
    return found


class SqliteOutbox:
    """See storage.base.OutboxStore."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def event(self, event_id: str) -> Event | None:
        rows = await self._events("WHERE id = ?", [event_id])
        return rows[0] if rows else None

    async def events(
        self,
        *,
        service: str | None = None,
        type: str | None = None,
        scope: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        clauses, values = ["1"], []
        for column, value in (("service", service), ("type", type), ("scope", scope)):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        if after is not None:
            clauses.append("seq < (SELECT seq FROM events WHERE id = ?)")
            values.append(after)
        return await self._events(f"WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT ?", [*values, limit])

    async def events_since(self, event_id: str | None, *, limit: int = 100) -> Sequence[Event]:
        where = "WHERE seq > coalesce((SELECT seq FROM events WHERE id = ?), -1) ORDER BY seq LIMIT ?"
        return await self._events(where, [event_id, limit])

    async def _events(self, where: str, values: Sequence[Any]) -> list[Event]:
        sql = f"SELECT id, service, type, payload, created_at, scope FROM events {where}"
        async with self._session.reading() as connection:
            rows = connection.execute(sql, values).fetchall()
        return [
            Event(
                id=row[0],
                service=row[1],
                type=row[2],
                payload=orjson.loads(row[3]),
                created_at=from_micros(row[4]),
                scope=row[5],
            )
            for row in rows
        ]

    async def delivery(self, delivery_id: str) -> Delivery | None:
        rows = await self._deliveries("WHERE id = ?", [delivery_id])
        return rows[0] if rows else None

    async def deliveries(
        self, *, event_id: str | None = None, status: str | None = None, limit: int = 1000
    ) -> Sequence[Delivery]:
        clauses, values = ["1"], []
        for column, value in (("event_id", event_id), ("status", status)):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        return await self._deliveries(f"WHERE {' AND '.join(clauses)} ORDER BY seq LIMIT ?", [*values, limit])

    async def latest_deliveries(
        self,
        *,
        service: str | None = None,
        status: str | None = None,
        scope: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Delivery]:
        clauses, values = ["1"], []
        for column, value in (("service", service), ("status", status), ("scope", scope)):
            if value is not None:
                clauses.append(f"{column} = ?")
                values.append(value)
        if after is not None:
            clauses.append("seq < (SELECT seq FROM deliveries WHERE id = ?)")
            values.append(after)
        return await self._deliveries(f"WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT ?", [*values, limit])

    async def _deliveries(self, where: str, values: Sequence[Any]) -> list[Delivery]:
        async with self._session.reading() as connection:
            rows = connection.execute(f"SELECT {_DELIVERY} FROM deliveries {where}", values).fetchall()
        return [
            Delivery(
                id=row[0],
                event_id=row[1],
                service=row[2],
                url=row[3],
                secret_sealed=row[4],
                endpoint=row[5],
                status=row[6],
                attempts=row[7],
                next_at=from_micros_or_none(row[8]),
                created_at=from_micros(row[9]),
                scope=row[10],
            )
            for row in rows
        ]

    async def sent(
        self, *, scope: str | None = None, after: str | None = None, limit: int = 100
    ) -> Sequence[tuple[Delivery, Event, Sequence[Attempt]]]:
        found = await self.latest_deliveries(scope=scope, after=after, limit=limit)
        ids = {delivery.event_id for delivery in found}
        events = await self._events(f"WHERE id IN ({', '.join('?' * len(ids))})", [*ids])
        by_id = {event.id: event for event in events}
        return [(one, by_id[one.event_id], await self.attempts(one.id)) for one in found if one.event_id in by_id]

    async def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        sql = "SELECT number, at, status, error, duration_ms FROM attempts WHERE delivery_id = ? ORDER BY number"
        async with self._session.reading() as connection:
            rows = connection.execute(sql, (delivery_id,)).fetchall()
        return [
            Attempt(number=row[0], at=from_micros(row[1]), status=row[2], error=row[3], duration_ms=row[4])
            for row in rows
        ]

    async def undelivered(self, event_id: str) -> int:
        async with self._session.reading() as connection:
            return undelivered(connection, event_id)

    async def add_event(self, event: Event, deliveries: Sequence[Delivery]) -> bool:
        async with self._session.writing() as connection:
            if connection.execute("SELECT 1 FROM events WHERE id = ?", (event.id,)).fetchone() is not None:
                return False
            insert_event(connection, event)
            for delivery in deliveries:
                insert_delivery(connection, delivery)
            return True

    async def add_delivery(self, delivery: Delivery) -> None:
        async with self._session.writing() as connection:
            insert_delivery(connection, delivery)

    async def seal_again(self, service: str, endpoint: str | None, secret_sealed: str) -> None:
        sql = "UPDATE deliveries SET secret_sealed = ? WHERE service = ? AND endpoint IS ?"
        async with self._session.writing() as connection:
            connection.execute(sql, (secret_sealed, service, endpoint))

    async def record_attempts(self, made: Sequence[Made]) -> None:
        async with self._session.writing() as connection:
            for each in made:
                _insert_attempt(connection, each)


def _insert_attempt(connection: sqlite3.Connection, made: Made) -> None:
    attempt = made.attempt
    added = connection.execute(
        "INSERT OR IGNORE INTO attempts (delivery_id, number, at, status, error, duration_ms) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (made.delivery_id, attempt.number, to_micros(attempt.at), attempt.status, attempt.error, attempt.duration_ms),
    ).rowcount
    if added:
        connection.execute(
            "UPDATE deliveries SET status = ?, attempts = ?, next_at = ? WHERE id = ?",
            (made.status, attempt.number, None if made.next_at is None else to_micros(made.next_at), made.delivery_id),
        )
