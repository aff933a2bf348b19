"""One file in use: whoever writes is alone, readers see what is committed, the log is folded in now and then."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.storage import sqlite_session
from broker.storage.base import StoreGone
from broker.storage.sqlite_session import Session, checkpoint

_INSERT = "INSERT INTO blobs (id, service, size, body) VALUES (?, 'alpha', ?, ?)"


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    (tmp_path / "home").mkdir()
    opened = Session(tmp_path / "home" / "state.db", "state")
    yield opened
    await opened.close()


async def insert(session: Session, name: str, size: int = 1) -> None:
    async with session.writing() as connection:
        connection.execute(_INSERT, (name, size, b"x" * size))


async def insert_and_fail(session: Session, name: str) -> None:
    async with session.writing() as connection:
        connection.execute(_INSERT, (name, 1, b""))
        raise ZeroDivisionError


async def names(session: Session) -> list[str]:
    async with session.reading() as connection:
        return [row[0] for row in connection.execute("SELECT id FROM blobs ORDER BY id")]


async def test_a_block_commits_at_its_end_and_rolls_back_when_it_raises(session: Session) -> None:
    await insert(session, "one")
    with pytest.raises(ZeroDivisionError):
        await insert_and_fail(session, "two")
    assert await names(session) == ["one"]
    await insert(session, "three")
    assert await names(session) == ["one", "three"]


async def test_readers_wait_for_the_writer(session: Session) -> None:
    async with session.writing() as connection:
        connection.execute(_INSERT, ("one", 1, b""))
        reading = asyncio.gather(names(session))
        await asyncio.sleep(0)
        assert not reading.done()
    assert await reading == [["one"]]


async def test_a_full_disk_leaves_nothing_half_done(session: Session) -> None:
    await insert(session, "one")
    pages = session.connection.execute("PRAGMA page_count").fetchone()[0]
    session.connection.execute(f"PRAGMA max_page_count={pages + 4}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await insert(session, "two", 100_000)
    assert not session.connection.in_transaction
    assert await names(session) == ["one"]


async def test_closing_waits_for_the_writer_and_turns_later_ones_away(session: Session) -> None:
    async with session.writing() as connection:
        connection.execute(_INSERT, ("one", 1, b""))
        closing = asyncio.gather(session.close())
        late = asyncio.gather(names(session), insert(session, "two"), return_exceptions=True)
        await asyncio.sleep(0)
        assert not closing.done()
    await closing
    assert [type(found) for found in await late] == [StoreGone, StoreGone]
    again = sqlite3.connect(session.path)
    assert again.execute("SELECT id FROM blobs").fetchall() == [("one",)]
    again.close()
    await session.close()


async def test_the_log_is_folded_in_after_so_many_commits(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_session, "_WRITES_A_CHECKPOINT", 10)
    before = session.path.stat().st_size
    log = session.path.with_name("state.db-wal")
    sizes = []
    for number in range(100):
        await insert(session, f"{number:03}", 20_000)
        sizes.append(log.stat().st_size)
        if session._checkpoint is not None:
            await session._checkpoint
    assert session.path.stat().st_size > before + 1_000_000
    # Folded in, it is written from its beginning again: ten commits of some 30 kB each, and some to spare.
    assert max(sizes) < 800_000
    assert len(await names(session)) == 100


def test_a_checkpoint_of_what_is_gone_does_nothing(tmp_path: Path) -> None:
    checkpoint(tmp_path / "gone" / "state.db")
    assert not (tmp_path / "gone").exists()


def test_a_checkpoint_of_a_damaged_file_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("not a database" * 100)
    checkpoint(tmp_path / "state.db")


async def test_a_log_that_is_always_written_to_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_session, "_WRITES_A_CHECKPOINT", 5)
    monkeypatch.setattr(sqlite_session, "_LOG_BYTES", 100_000)
    opened = Session(tmp_path / "state.db", "state")
    log = tmp_path / "state.db-wal"
    largest = 0
    for number in range(200):
        async with opened.writing() as connection:
            connection.execute(
                "INSERT INTO records (scope, key, body) VALUES ('a/b', ?, ?)", (str(number), b"x" * 5000)
            )
        if opened._checkpoint is not None:
            await asyncio.wait([opened._checkpoint])
        largest = max(largest, log.stat().st_size)
    assert 100_000 < largest < 300_000
    assert opened.connection.execute("SELECT count(*) FROM records").fetchone() == (200,)
    assert opened.connection.execute("PRAGMA busy_timeout").fetchone() == (5000,)
    await opened.close()
