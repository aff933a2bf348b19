"""Whatever a page begins with and however many records there are, it is read along an index and never sorted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from broker.storage.base import EnvironmentStore
from broker.storage.sqlite import SqliteEnvironment

_KEYED = "SEARCH r USING INDEX records_by_key (scope=?"


@contextmanager
def plans(store: EnvironmentStore) -> Iterator[list[str]]:
    """Collects the plan of each statement that is executed inside."""
    assert isinstance(store, SqliteEnvironment)
    connection: sqlite3.Connection = store._state.connection
    seen: list[str] = []
    found: list[str] = []
    connection.set_trace_callback(seen.append)
    try:
        yield found
    finally:
        connection.set_trace_callback(None)
    for statement in seen:
        if statement.startswith("SELECT"):
            rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            found.append("; ".join(row[3] for row in rows))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, f"{_KEYED})"),
        ({"after": "b/m"}, f"{_KEYED} AND key>?)"),
        ({"before": "b/m"}, f"{_KEYED} AND key<?)"),
        ({"prefix": "b/"}, f"{_KEYED} AND key>? AND key<?)"),
        ({"prefix": "b/", "after": "b/m"}, f"{_KEYED} AND key>? AND key<?)"),
        ({"prefix": "b/", "after": "b/m" + "\U0010ffff" * 257}, f"{_KEYED} AND key>? AND key<?)"),
        ({"prefix": "b/", "limit": 1}, f"{_KEYED} AND key>? AND key<?)"),
    ],
)
async def test_pages_by_key_follow_the_index(store: EnvironmentStore, asked: dict[str, Any], expected: str) -> None:
    call = store.begin("alpha")
    for number in range(50):
        await call.put("thing", f"b/{number:03d}", {"number": number})
    await call.commit()
    call = store.begin("alpha")
    with plans(store) as found:
        await call.page("thing", order="key", **asked)
    await call.rollback()
    assert found == [expected]


async def test_one_record_and_one_blob_are_found_by_their_keys(store: EnvironmentStore) -> None:
    call = store.begin("alpha")

    async def one() -> Any:
        yield b"abc"

    blob = await call.write_blob(one())
    await call.put("thing", "a", {})
    await call.commit()
    call = store.begin("alpha")
    with plans(store) as found:
        await call.get("thing", "a")
        call.read_blob(blob.id)
    await call.rollback()
    assert found == [
        "SEARCH records USING INDEX records_by_key (scope=? AND key=?)",
        "SEARCH blobs USING INDEX sqlite_autoindex_blobs_1 (id=?)",
    ]
