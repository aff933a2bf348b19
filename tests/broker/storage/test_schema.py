"""The files' tables: made once, recorded as migrations, opened again without them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from broker.storage import schema
from broker.storage.schema import VERSIONS, connect

TABLES = {
    "registry": {
        "environments",
        "credentials",
        "incidents",
        "receipts",
        "accounts",
        "leases",
        "resources",
        "hooks",
        "usage",
        "notices",
        "attested",
        "facts",
        "drift_runs",
        "drift_observed",
    },
    "state": {
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
        "exchanges",
        "traffic",
        "expectations",
    },
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_new_file_has_its_tables_and_its_version(tmp_path: Path, kind: str) -> None:
    connection = connect(tmp_path / "a.db", kind)
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {name for name in found if not name.startswith(("_", "sqlite_"))} == TABLES[kind]
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSIONS[kind],)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    applied = [row["name"] for row in Database(connection)["_sqlite_migrations"].rows]
    assert applied == [name for name, _ in schema._SCRIPTS[kind]]
    connection.close()


@pytest.mark.parametrize("kind", TABLES)
def test_opening_again_changes_nothing(tmp_path: Path, kind: str) -> None:
    connect(tmp_path / "a.db", kind).close()
    before = (tmp_path / "a.db").read_bytes()
    connect(tmp_path / "a.db", kind).close()
    assert (tmp_path / "a.db").read_bytes() == before


def test_a_migration_that_a_crash_cut_short_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(
            schema._SCRIPTS, "state", (("1-first-tables", schema._STATE + ";\nCREATE TABLE records (again TEXT)"),)
        )
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            connect(tmp_path / "a.db", "state")
    connection = connect(tmp_path / "a.db", "state")
    assert connection.execute("SELECT count(*) FROM mails").fetchone() == (0,)
    connection.close()


def test_tables_without_their_version_are_completed(tmp_path: Path) -> None:
    """A kill between the migration's commit and the version's."""
    connection = connect(tmp_path / "a.db", "state")
    connection.execute("PRAGMA user_version=0")
    connection.close()
    connection = connect(tmp_path / "a.db", "state")
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSIONS["state"],)
    connection.close()


def test_a_file_at_its_version_is_opened_without_sqlite_utils(tmp_path: Path) -> None:
    connect(tmp_path / "a.db", "state").close()
    code = (
        "import sys, pathlib; from broker.storage.schema import connect;"
        "connect(pathlib.Path(sys.argv[1]), 'state').close(); assert 'sqlite_utils' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "a.db"], check=True, cwd=Path(__file__).parents[3])


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("not a database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        connect(tmp_path / "a.db", "state")


def test_nobody_else_may_read_a_file(tmp_path: Path) -> None:
    connection = connect(tmp_path / "a.db", "state")
    connection.execute("INSERT INTO blobs VALUES ('a', 'b', 1, x'00')")
    found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert len(found) == 3
    assert set(found.values()) == {0o600}
    connection.close()
