"""What a file holds is counted as committed, and emptied as a whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from broker.storage.schema import connect
from broker.storage.sqlite_blobs import settle_blobs
from broker.storage.sqlite_contents import counted, emptied


@pytest.fixture
def filled(tmp_path: Path) -> sqlite3.Connection:
    connection = connect(tmp_path / "state.db", "state")
    for scope, key in (("s3/object", "a"), ("s3/object", "b"), ("s3/bucket", "c"), ("other/thing", "a")):
        connection.execute("INSERT INTO records (scope, key, body) VALUES (?, ?, x'')", (scope, key))
    settle_blobs(connection, "s3", {"a": (3, b"abc")}, [])
    connection.execute("INSERT INTO exchanges (count, tags, body) VALUES (3, '', x'')")
    return connection


def test_what_is_committed_is_counted(filled: sqlite3.Connection, tmp_path: Path) -> None:
    filled.execute("BEGIN")
    filled.execute("DELETE FROM records")
    found = counted(tmp_path / "state.db")
    filled.execute("ROLLBACK")
    assert found == {
        "records": {"s3": {"object": 2, "bucket": 1}, "other": {"thing": 1}},
        "blobs": {"count": 1, "bytes": 3},
        "events": 0,
        "deliveries": 0,
        "mails": 0,
        "exchanges": 3,
    }
    filled.close()


def test_it_is_emptied_but_for_the_journal(filled: sqlite3.Connection, tmp_path: Path) -> None:
    emptied(filled)
    found = counted(tmp_path / "state.db")
    assert (found["records"], found["blobs"], found["exchanges"]) == ({}, {"count": 0, "bytes": 0}, 3)
    filled.close()


def test_it_is_emptied_as_a_whole_or_not_at_all(filled: sqlite3.Connection, tmp_path: Path) -> None:
    before = counted(tmp_path / "state.db")
    filled.execute("CREATE TRIGGER stop BEFORE DELETE ON mails BEGIN SELECT raise(ABORT, 'no'); END")
    filled.execute("INSERT INTO mails (id, service, scope, sent_at, size, body) VALUES ('m', 's', '', 1, 0, x'')")
    with pytest.raises(sqlite3.IntegrityError):
        emptied(filled)
    assert counted(tmp_path / "state.db") == {**before, "mails": 1}
    filled.close()
