"""Expectations of one environment on SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from broker.storage.expectations import Expectation
from broker.storage.sqlite_session import Session
from broker.storage.times import from_micros, to_micros

_COLUMNS = "id, scope, name, wanted, since, created_at"


class SqliteExpectations:
    """See storage.expectations.ExpectationStore."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, expectation: Expectation, most: int) -> bool:
        one = expectation
        async with self._session.writing() as connection:
            if connection.execute("SELECT count(*) FROM expectations").fetchone()[0] >= most:
                return False
            connection.execute(
                f"INSERT INTO expectations ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    one.id,
                    one.scope,
                    one.name,
                    orjson.dumps(one.wanted),
                    to_micros(one.since),
                    to_micros(one.created_at),
                ),
            )
            return True

    async def expectation(self, expectation_id: str) -> Expectation | None:
        found = await self._found("WHERE id = ?", [expectation_id])
        return found[0] if found else None

    async def expectations(self, *, scope: str | None = None) -> Sequence[Expectation]:
        where, values = _selected(scope, None)
        return await self._found(f"{where} ORDER BY seq", values)

    async def remove(self, *, scope: str | None = None, expectation_id: str | None = None) -> int:
        where, values = _selected(scope, expectation_id)
        async with self._session.writing() as connection:
            return connection.execute(f"DELETE FROM expectations {where}", values).rowcount

    async def _found(self, where: str, values: Sequence[Any]) -> list[Expectation]:
        async with self._session.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM expectations {where}", values).fetchall()
        return [
            Expectation(
                id=row[0],
                scope=row[1],
                name=row[2],
                wanted=orjson.loads(row[3]),
                since=from_micros(row[4]),
                created_at=from_micros(row[5]),
            )
            for row in rows
        ]


def _selected(scope: str | None, expectation_id: str | None) -> tuple[str, list[Any]]:
    clauses, values = ["1"], []
    for column, value in (("scope", scope), ("id", expectation_id)):
        if value is not None:
            clauses.append(f"{column} = ?")
            values.append(value)
    return f"WHERE {' AND '.join(clauses)}", values
