"""The journal of exchanges: whole, newest first, and never larger than its caps."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.storage import sqlite_journal
from broker.storage.base import EnvironmentStore, Exchange, Wanted
from broker.storage.sqlite_journal import SqliteJournal
from broker.storage.sqlite_session import Session
from tests.broker.storage.samples import exchange
from tests.clocks import START


async def ids(journal: Any, **selection: Any) -> list[str]:
    return [found.id for found in await journal.exchanges(**selection)]


def names(*numbers: int) -> list[str]:
    return [f"exc_{number:05}" for number in numbers]


async def test_an_exchange_comes_back_as_it_was(store: EnvironmentStore) -> None:
    whole = exchange(
        1,
        violations=[{"side": "response", "where": "body.id", "rule": "required", "message": "is missing"}],
        incident="inc_1",
        request_body=None,
        response_body="ä\x00\U0001f600",
    )
    await store.journal.add([whole])
    assert await store.journal.exchange(whole.id) == whole
    assert await store.journal.exchange("exc_none") is None


async def test_pages_newest_first_and_selected(store: EnvironmentStore) -> None:
    broken = [{"side": "request", "where": "query.limit", "rule": "maximum", "message": "is too large"}]
    await store.journal.add(
        [
            exchange(1, service="alpha", operation="things.list"),
            exchange(2, service="beta", operation="things.list", violations=broken),
            exchange(3, service="alpha", operation="things.create", violations=broken),
            exchange(4, service=None, operation=None),
        ]
    )
    assert await ids(store.journal) == names(4, 3, 2, 1)
    assert await ids(store.journal, limit=2) == names(4, 3)
    assert await ids(store.journal, after="exc_00003") == names(2, 1)
    assert await ids(store.journal, service="alpha") == names(3, 1)
    assert await ids(store.journal, operation="things.list") == names(2, 1)
    assert await ids(store.journal, violations_only=True) == names(3, 2)
    assert await ids(store.journal, violations_only=True, service="beta", after="exc_00003") == names(2)


async def test_the_oldest_go_first_when_there_are_too_many(store: EnvironmentStore) -> None:
    for first in range(0, 30, 7):
        await store.journal.add([exchange(number) for number in range(first, first + 7)])
    assert await ids(store.journal) == names(*range(34, 14, -1))
    assert (await store.inventory())["exchanges"] == 20


async def test_a_batch_larger_than_the_cap_leaves_its_newest(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(number) for number in range(50)])
    assert await ids(store.journal) == names(*range(49, 29, -1))


@pytest.fixture
async def session(tmp_path: Path) -> Any:
    opened = Session(tmp_path / "state.db", "state")
    yield opened
    await opened.close()


def stored(session: Session) -> tuple[int, int]:
    found: tuple[int, int] = session.connection.execute(
        "SELECT sum(count), sum(length(body)) FROM exchanges"
    ).fetchone()
    return found


def large(number: int, size: int = 1000) -> Exchange:
    return exchange(number, response_body="x" * size)


async def test_the_cap_of_bytes_deletes_no_more_than_it_must(session: Session) -> None:
    journal = SqliteJournal(session, max_count=1000, max_bytes=10_000)
    for number in range(40):
        await journal.add([large(number)])
        count, size = stored(session)
        assert size <= 10_000
        # One more would not have fitted: every entry is about 1.5 kB.
        assert count == number + 1 or size > 10_000 - 2_000
    assert await ids(journal) == names(*range(39, 39 - count, -1))


async def test_one_that_is_larger_than_the_cap_is_kept_alone(session: Session) -> None:
    journal = SqliteJournal(session, max_count=1000, max_bytes=5_000)
    await journal.add([large(1), large(2)])
    await journal.add([large(3, 20_000)])
    assert await ids(journal) == names(3)
    await journal.add([large(4)])
    assert await ids(journal) == names(4)


async def test_the_caps_hold_over_a_restart(session: Session) -> None:
    await SqliteJournal(session, max_count=3, max_bytes=1 << 20).add([exchange(number) for number in range(3)])
    await SqliteJournal(session, max_count=3, max_bytes=1 << 20).add([exchange(3)])
    assert await ids(SqliteJournal(session, max_count=3, max_bytes=1 << 20)) == names(3, 2, 1)


async def test_a_failed_batch_leaves_nothing_and_the_next_one_works(session: Session) -> None:
    journal = SqliteJournal(session, max_count=100, max_bytes=1 << 20)
    await journal.add([exchange(1)])
    pages = session.connection.execute("PRAGMA page_count").fetchone()[0]
    session.connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await journal.add([large(2), large(3, 200_000)])
    session.connection.execute("PRAGMA max_page_count=1000000")
    await journal.add([exchange(4)])
    assert await ids(journal) == names(4, 1)


async def test_who_stops_waiting_does_not_free_the_connection_early(session: Session) -> None:
    journal = SqliteJournal(session, max_count=1000, max_bytes=1 << 24)
    adding = asyncio.gather(journal.add([exchange(number) for number in range(500)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    assert not session.connection.in_transaction
    await journal.add([exchange(1000)])
    assert (await ids(journal))[0] == "exc_01000"


async def test_what_is_called(store: EnvironmentStore) -> None:
    assert await store.journal.called() == set()
    violations = [{"side": "response", "where": "body.id", "rule": "required", "message": "is missing"}]
    await store.journal.add([exchange(1, violations=violations), exchange(2, service=None, operation=None)])
    await store.journal.add([exchange(3, operation="things.list")])
    assert await store.journal.called() == {"alpha", "things.create", "things.list"}


async def test_selected_by_scope(store: EnvironmentStore) -> None:
    await store.journal.add(
        [exchange(1, scope="one"), exchange(2, scope="alpha"), exchange(3), exchange(4, scope="one", service="beta")]
    )
    assert await ids(store.journal, scope="one") == names(4, 1)
    assert await ids(store.journal, scope="alpha") == names(2)
    assert await ids(store.journal, scope="one", service="alpha") == names(1)
    assert await ids(store.journal, scope="none") == []
    assert await ids(store.journal, service="one") == []
    assert set(await store.journal.called()) == {"alpha", "beta", "things.create"}


async def found(journal: Any, limit: int = 100, after: str | None = None, **wanted: Any) -> list[str]:
    exchanges, _ = await journal.search(Wanted(**wanted), limit=limit, after=after)
    return [one.id for one in exchanges]


async def test_exchanges_are_searched_by_all_that_they_say(store: EnvironmentStore) -> None:
    journal = store.journal
    await journal.add(
        [
            exchange(1, service="alpha", status=404, path="/v1/Things/one", request_body="Straße"),
            exchange(2, service="beta", status=201, response_body='{"a": "b\\"c"}', incident="inc_1"),
            exchange(3, service="alpha", status=500, violations=[{"side": "request"}], scope="test-1"),
        ]
    )
    assert await found(journal) == names(3, 2, 1)
    assert await found(journal, service="alpha") == names(3, 1)
    assert await found(journal, status="4xx") == await found(journal, status="404") == names(1)
    assert await found(journal, status="405") == await found(journal, status="3xx") == []
    assert await found(journal, violations_only=True) == await found(journal, scope="test-1") == names(3)
    assert await found(journal, incidents_only=True) == names(2)
    assert await found(journal, text="tHINGS/ONE") == await found(journal, text="straße") == names(1)
    assert await found(journal, text='b\\"c') == names(2)
    assert await found(journal, text="exc_00003") == names(3)
    assert await found(journal, text="nowhere") == []
    assert await found(journal, after="exc_00003", service="alpha") == names(1)
    assert await journal.called() == {"alpha", "beta", "things.create"}


async def test_a_search_comes_in_pages_and_in_steps(store: EnvironmentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = store.journal
    for number in range(10):
        await journal.add([exchange(number, path="/rare" if number == 1 else "/v1")])
    page, after = await journal.search(Wanted(), limit=4)
    assert ([one.id for one in page], after) == (names(9, 8, 7, 6), "exc_00006")
    assert await found(journal, after=after, limit=6) == names(5, 4, 3, 2, 1, 0)
    assert (await journal.search(Wanted(), limit=10))[1] is None
    monkeypatch.setattr(sqlite_journal, "_LOOKED_AT", 4)
    steps = []
    after = None
    while True:
        page, after = await journal.search(Wanted(text="/rare"), after=after)
        steps.append([one.id for one in page])
        if after is None:
            break
    assert steps == [[], [], names(1)]
    assert (await journal.search(Wanted(), after="exc_none"))[0] == []


async def test_exchanges_of_before_the_migration_are_found(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(1, status=404)])
    journal: Any = store.journal
    journal._session.connection.execute("UPDATE exchanges SET ids = '', tags = ?", ("\nalpha\n",))
    await store.journal.add([exchange(2)])
    assert await store.journal.exchange("exc_00001") is not None
    assert await found(store.journal, status="404") == names(1)
    assert await found(store.journal, after="exc_00002") == names(1)


@pytest.fixture
async def roomy(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    session = Session(tmp_path / "large.db", "state")
    yield SqliteJournal(session, max_count=100_000, max_bytes=1 << 30)
    await session.close()


async def test_scanned_in_pieces(roomy: SqliteJournal) -> None:
    for number in range(0, 400, 10):
        service = "beta" if number == 200 else "alpha"
        await roomy.add(
            [exchange(each, service=service, scope="s" * (each == 5)) for each in range(number, number + 10)]
        )

    async def scanned(**selection: Any) -> list[str]:
        return [one.id async for piece in roomy.scan(**selection) for one in piece]

    assert await scanned() == names(*range(399, -1, -1))
    assert await scanned(tags=["beta", None]) == names(*range(209, 199, -1))
    assert "exc_00005" in await scanned(scope="s")
    assert len(await scanned(scope="s")) <= 16
    assert await scanned(tags=["gamma"]) == []


async def test_a_scan_ends_where_only_older_ones_come(roomy: SqliteJournal) -> None:
    for day in range(5):
        await roomy.add([exchange(day, at=START + timedelta(days=day))])
    found = [one.id async for piece in roomy.scan(since=START + timedelta(days=3)) for one in piece]
    assert found == names(4, 3)


async def test_what_is_written_during_a_scan_does_not_disturb_it(roomy: SqliteJournal) -> None:
    await roomy.add([exchange(number) for number in range(300)])
    found = []
    async for piece in roomy.scan():
        found += [one.id for one in piece]
        await roomy.add([exchange(1000 + len(found))])
    assert found == names(*range(299, -1, -1))


async def test_texts_of_exchanges_do_not_make_them_younger(roomy: SqliteJournal) -> None:
    later = '{"at":"2100-01-01T00:00:00+00:00"}'
    await roomy.add([exchange(1, request_body=later, path=later)])
    assert [one async for one in roomy.scan(since=START + timedelta(hours=1))] == []
    assert len([one async for one in roomy.scan(since=START)]) == 1
