"""What is stored is kept beside the rows, and is what the rows come to, whatever calls do."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.storage.base import EnvironmentStore
from broker.storage.schema import connect
from broker.storage.sqlite import SqliteEnvironment
from broker.storage.sqlite_blobs import Gone, settle_blobs, stored
from tests.broker.storage.samples import chunks


def test_rows_and_sums_are_written_together(tmp_path: Path) -> None:
    connection = connect(tmp_path / "a.db", "state")
    assert stored(connection) == (0, 0)
    assert settle_blobs(connection, "alpha", {"a": (3, b"abc"), "b": (9, None)}, []) == []
    assert settle_blobs(connection, "beta", {"c": (1, b"c")}, []) == []
    assert stored(connection) == (3, 13)
    gone = settle_blobs(connection, "alpha", {"d": (3, b"def")}, ["a", "b", "c", "unknown"])
    assert gone == [Gone("a", 3, in_file=False), Gone("b", 9, in_file=True)], "not what another service stored"
    assert stored(connection) == (2, 4)
    rows = connection.execute("SELECT service, blobs, bytes FROM stored").fetchall()
    assert rows == [("alpha", 1, 3), ("beta", 1, 1)]
    connection.close()


def test_a_file_of_before_gets_its_sums(tmp_path: Path) -> None:
    connection = connect(tmp_path / "a.db", "state")
    connection.execute("INSERT INTO blobs (id, service, size, body) VALUES ('a', 's', 5, x'00'), ('b', 's', 6, NULL)")
    connection.execute("DROP TABLE stored")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = '2-stored'")
    connection.execute("PRAGMA user_version=1")
    connection.close()
    connection = connect(tmp_path / "a.db", "state")
    assert stored(connection) == (2, 11)
    connection.close()


@pytest.mark.parametrize("large", [b"x" * 10, b"x" * 100_000], ids=["in the row", "in a file"])
async def test_the_room_follows_commits_rollbacks_and_resets(store: EnvironmentStore, large: bytes) -> None:
    assert isinstance(store, SqliteEnvironment)
    room = store.room
    first = store.begin("alpha")
    blob = await first.write_blob(chunks(large), len(large))
    other = await first.write_blob(chunks(b"abc"), 1000)
    assert room.used == len(large) + 3
    await first.commit()
    assert room.used == len(large) + 3
    second = store.begin("alpha")
    await second.write_blob(chunks(large))
    await second.delete_blob(other.id)
    assert room.used == 2 * len(large) + 3
    await second.rollback()
    assert room.used == len(large) + 3
    third = store.begin("alpha")
    await third.delete_blob(blob.id)
    await third.delete_blob("unknown")
    await third.commit()
    assert room.used == 3
    going_on = store.begin("alpha")
    await going_on.write_blob(chunks(large))
    await store.reset()
    assert room.used == len(large)
    await going_on.commit()
    assert (await store.inventory())["blobs"] == {"count": 1, "bytes": len(large)}
