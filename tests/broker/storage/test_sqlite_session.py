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


async def part(session: Session, name: str, *, keep: bool = True) -> asyncio.Future[None] | None:
    """What a call does: it writes its part, and lets the next one in."""
    async with session.lock:
        follows = session.begin()
        session.connection.execute(_INSERT, (name, 1, b""))
        if keep:
            return session.join(follows)
        session.undo(follows)
        return None


def commits(session: Session) -> list[str]:
    """What is committed from now on, as it happens."""
    found: list[str] = []
    session.connection.set_trace_callback(lambda sql: found.append(sql) if sql == "COMMIT" else None)
    return found


async def test_calls_that_come_together_are_committed_together(session: Session) -> None:
    made = commits(session)
    first, dropped, second = (
        await part(session, "one"),
        await part(session, "two", keep=False),
        await part(session, "three"),
    )
    assert first is not None
    assert second is not None
    assert (dropped, first.done(), made) == (None, False, [])
    assert seen_elsewhere(session) == []
    await asyncio.gather(first, second)
    assert made == ["COMMIT"]
    assert seen_elsewhere(session) == ["one", "three"]


def seen_elsewhere(session: Session) -> list[str]:
    """The names that survive a kill now: another connection sees what is committed."""
    other = sqlite3.connect(session.path)
    try:
        return [row[0] for row in other.execute("SELECT id FROM blobs ORDER BY id")]
    finally:
        other.close()


async def test_the_first_part_is_taken_back_alone(session: Session) -> None:
    await part(session, "one", keep=False)
    written = await part(session, "two")
    assert written is not None
    await written
    assert await names(session) == ["two"]


async def test_who_has_seen_what_is_not_committed_waits_for_it(session: Session) -> None:
    assert session.seen() is None
    written = await part(session, "one")
    seen = session.seen()
    assert seen is not None
    await seen
    assert written is not None
    assert written.done()
    assert seen_elsewhere(session) == ["one"]


@pytest.mark.parametrize("settled", [True, False])
async def test_a_commit_that_fails_fails_for_all_of_its_parts(session: Session, settled: bool) -> None:
    session.connection.execute("CREATE TABLE broken (id TEXT REFERENCES blobs (id) DEFERRABLE INITIALLY DEFERRED)")
    session.connection.execute("PRAGMA foreign_keys=ON")
    session.remember(("alpha/thing", "t1"), b"{}")
    found = [await part(session, name) for name in ("one", "two")]
    session.connection.execute("INSERT INTO broken VALUES ('missing')")
    if settled:
        session.settle()
    for written in found:
        assert written is not None
        with pytest.raises(sqlite3.IntegrityError):
            await written
    assert (await names(session), session.recent) == ([], {})
    written = await part(session, "three")
    assert written is not None
    await written
    assert await names(session) == ["three"]


async def test_a_disk_that_ends_the_transaction_ends_it_for_all_of_its_parts(session: Session) -> None:
    first = await part(session, "one")
    assert first is not None
    async with session.lock:
        follows = session.begin()
        session.connection.execute("ROLLBACK")  # as SQLite does by itself on a full disk
        session.undo(follows)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await first
    assert await names(session) == []


async def test_a_call_that_waits_in_its_part_is_not_committed_with_others(session: Session) -> None:
    first = await part(session, "one")
    assert first is not None
    async with session.lock:
        follows = session.begin()
        session.connection.execute(_INSERT, ("half", 1, b""))
        for _ in range(3):
            await asyncio.sleep(0)
        assert (first.done(), seen_elsewhere(session)) == (False, [])
        session.undo(follows)
    await first
    assert seen_elsewhere(session) == ["one"]


async def test_who_no_longer_waits_keeps_nobody_from_being_told(session: Session) -> None:
    gone, stays = await part(session, "one"), await part(session, "two")
    assert gone is not None
    assert stays is not None
    gone.cancel()
    await stays
    assert await names(session) == ["one", "two"]


async def test_who_listens_is_told_of_every_commit_and_of_the_end(tmp_path: Path) -> None:
    session = Session(tmp_path / "state.db", "state")
    with session.listening() as told:
        async with session.reading():
            pass
        assert not told.is_set()
        async with session.writing():
            pass
        assert told.is_set()
        told.clear()
        async with session.lock:
            written = session.join(session.begin())
        await written
        assert told.is_set()
        told.clear()
        await session.close()
        assert told.is_set()
