"""The storage as a whole: one folder an environment, gone when it is destroyed, whole after a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from broker.metrics import Metrics
from broker.storage import sqlite
from broker.storage.base import Environment, EnvironmentStore, QuotaReached, Storage, StoreGone, Transaction
from broker.storage.sqlite import SqliteStorage
from tests.broker.storage.samples import chunks, credential, environment, event, exchange, joined, mail
from tests.clocks import START, HeldClock

ROOT = Path(__file__).parents[3]
LARGE = b"0123456789" * 20_000


@pytest.fixture
async def reopened(folder: Path, clock: HeldClock) -> AsyncIterator[SqliteStorage]:
    """A second storage over the same folder, as after a restart; for tests that close the first one."""
    opened = SqliteStorage(folder, lambda: "again" + clock.text(15))
    yield opened
    await opened.close()


async def fill(store: EnvironmentStore, key: str = "t1") -> str:
    """A record, two blobs, an event and a mail; answers the large blob's id."""
    call = store.begin("alpha")
    await call.write_blob(chunks(b"small"))
    large = await call.write_blob(chunks(LARGE))
    await call.put("thing", key, {"key": key}, {"key": key})
    call.add_event(event(1))
    call.add_mail("alpha", mail(1), START)
    await call.commit()
    await store.journal.add([exchange(1)])
    return large.id


async def has(store: EnvironmentStore, key: str) -> bool:
    call = store.begin("alpha")
    found = await call.get("thing", key)
    await call.rollback()
    return found is not None


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


async def test_the_inventory_counts_everything(store: EnvironmentStore) -> None:
    assert await store.inventory() == {
        "records": {},
        "blobs": {"count": 0, "bytes": 0},
        "events": 0,
        "deliveries": 0,
        "mails": 0,
        "exchanges": 0,
    }
    await fill(store)
    call = store.begin("beta")
    for number in range(3):
        await call.put("other/kind", str(number), {})
    await call.commit()
    assert await store.inventory() == {
        "records": {"alpha": {"thing": 1}, "beta": {"other/kind": 3}},
        "blobs": {"count": 2, "bytes": len(LARGE) + 5},
        "events": 1,
        "deliveries": 0,
        "mails": 1,
        "exchanges": 1,
    }


async def test_a_reset_empties_all_but_the_journal(store: EnvironmentStore, folder: Path) -> None:
    large = await fill(store)
    await store.reset()
    found = await store.inventory()
    assert found["exchanges"] == 1
    assert {**found, "exchanges": 0} == {
        "records": {},
        "blobs": {"count": 0, "bytes": 0},
        "events": 0,
        "deliveries": 0,
        "mails": 0,
        "exchanges": 0,
    }
    assert large not in files(folder)
    assert await store.mailbox.mails(to="ann@example.com") == []
    await fill(store)
    assert await has(store, "t1")


async def test_destroyed_is_gone_and_stays_gone(storage: Storage, folder: Path) -> None:
    home, other = environment("pr-1"), environment("pr-2")
    await fill(await storage.create(home))
    neighbour = await storage.create(other)
    await fill(neighbour, "mine")
    assert await storage.leftovers(home) != []
    gone = await storage.destroy(home)
    assert gone["files"] >= 2
    assert gone["bytes"] > len(LARGE)
    assert await storage.leftovers(home) == []
    assert await storage.destroy(home) == {"files": 0, "bytes": 0}
    with pytest.raises(StoreGone):
        await storage.open(home)
    with pytest.raises(StoreGone):
        await storage.create(home)
    assert await storage.leftovers(home) == []
    assert await has(neighbour, "mine")


async def test_a_closed_environment_is_not_opened_after_a_restart_either(storage: Storage) -> None:
    with pytest.raises(StoreGone):
        await storage.open(environment(status="closed"))
    assert await storage.leftovers(environment()) == []


async def test_a_reopened_name_is_another_store(storage: Storage) -> None:
    first, second = environment("pr-1", 1), environment("pr-1", 2)
    await fill(await storage.create(first))
    await storage.destroy(first)
    store = await storage.create(second)
    assert not await has(store, "t1")
    await fill(store)
    await storage.destroy(first)
    assert await has(store, "t1")


async def test_open_answers_the_same_store(storage: Storage) -> None:
    home = environment()
    assert await storage.create(home) is await storage.open(home)
    assert await storage.open(home) is await storage.open(home)


async def test_the_least_used_are_closed_and_come_back(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_OPEN_STORES", 2)
    homes = [environment(f"pr-{number}") for number in range(5)]
    stores = []
    for home in homes:
        stores.append(await storage.create(home))
        await fill(stores[-1])
    assert [store._state.closed for store in stores] == [True, True, True, False, False]  # type: ignore[attr-defined]  # the suite looks inside
    # Use makes young: 3 is used, so 4 goes next.
    await storage.open(homes[3])
    back = await storage.open(homes[0])
    assert back is not stores[0]
    assert await has(back, "t1")
    assert await has(stores[3], "t1")
    with pytest.raises(StoreGone):
        await has(stores[4], "t1")


async def test_fewer_are_open_where_the_process_may_have_few_descriptors(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.storage.sqlite.resource.getrlimit", lambda _: (16, 16))
    stores = [await storage.open(environment(f"pr-{number}")) for number in range(3)]
    assert [store._state.closed for store in stores] == [True, False, False]  # type: ignore[attr-defined]  # the suite looks inside


async def test_a_busy_store_is_never_closed(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_OPEN_STORES", 2)
    busy = []
    for number in range(3):
        store = await storage.open(environment(f"pr-{number}"))
        store.users += 1
        busy.append(store)
    # Nothing is idle but the one that is being opened: that one is about to be used.
    fresh = await storage.open(environment("pr-9"))
    for store in (*busy, fresh):
        await fill(store)
    for store in busy:
        store.users -= 1
    await storage.open(environment("pr-8"))
    with pytest.raises(StoreGone):
        await has(busy[0], "t1")


def leave_a_file(folder: Path) -> None:
    """What a crash leaves between the file and its row."""
    left = next(folder.rglob("blobs")) / "zz" / "crashzz"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"left by a crash")


async def test_a_store_that_is_read_or_written_beside_the_calls_is_not_closed(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_OPEN_STORES", 1)
    store = await storage.open(environment("pr-1"))
    call = store.begin("alpha")
    await call.put("thing", "t1", {})
    await storage.open(environment("pr-2"))
    await call.commit()
    assert await has(store, "t1")


async def test_a_restart_keeps_everything_and_sweeps_what_no_row_names(
    folder: Path, clock: HeldClock, reopened: SqliteStorage
) -> None:
    first = SqliteStorage(folder, lambda: clock.text(20))
    home = environment()
    await first.registry.add_environment(home, [credential(home)])
    large = await fill(await first.create(home))
    leave_a_file(folder)
    await first.close()
    assert await reopened.registry.environment("pr-1") == home
    assert await reopened.sweep() == 1
    assert "crashzz" not in files(folder)
    store = await reopened.open(home)
    assert await has(store, "t1")
    assert await joined(store.read_blob("alpha", large)) == LARGE


_WRITER = """
import asyncio, pathlib, sys
from broker.storage.sqlite import SqliteStorage
from tests.broker.storage.samples import credential, environment
from tests.broker.storage.test_sqlite import fill
from tests.clocks import HeldClock

async def main():
    clock = HeldClock()
    storage = SqliteStorage(pathlib.Path(sys.argv[1]), lambda: clock.text(20))
    home = environment()
    await storage.registry.add_environment(home, [credential(home)])
    store = await storage.create(home)
    await fill(store)
    half = store.begin("alpha")
    await half.put("thing", "half", {"key": "half"})
    print("done", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def write_and_die(folder: Path) -> None:
    """Another process writes, says that it has committed, and is killed in the middle of the next call."""
    with subprocess.Popen([sys.executable, "-c", _WRITER, folder], cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"done\n"
        os.kill(writer.pid, signal.SIGKILL)


async def test_what_was_committed_survives_kill_9_and_what_was_not_does_not(
    folder: Path, reopened: SqliteStorage
) -> None:
    write_and_die(folder)
    home = environment()
    assert await reopened.registry.environment("pr-1") == home
    assert await reopened.registry.credential(b"key") == credential(home)
    store = await reopened.open(home)
    assert await has(store, "t1")
    assert not await has(store, "half")
    found = await store.inventory()
    assert (found["blobs"]["count"], found["events"], found["mails"], found["exchanges"]) == (2, 1, 1, 1)
    (name,) = [name for name in files(folder) if len(name) == 20]
    assert await joined(store.read_blob("alpha", name)) == LARGE


async def test_a_full_disk_leaves_nothing_half_done(store: EnvironmentStore, folder: Path) -> None:
    await fill(store)
    connection: sqlite3.Connection = store._state.connection  # type: ignore[attr-defined]  # to fill the disk
    before, kept = await store.inventory(), files(folder)
    connection.execute("PRAGMA max_page_count=1")  # SQLite takes the size that it has
    call = store.begin("alpha")
    await call.write_blob(chunks(LARGE))
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await put_many(call)
    await call.rollback()
    call = store.begin("alpha")
    await call.write_blob(chunks(b"x" * 60_000))
    await call.write_blob(chunks(LARGE))
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await call.commit()
    assert await store.inventory() == before
    assert {name for name in files(folder) if len(name) == 20} == {name for name in kept if len(name) == 20}
    connection.execute("PRAGMA max_page_count=1000000")
    await fill_again(store)
    assert await has(store, "t2")


async def put_many(call: Transaction) -> None:
    for number in range(1000):
        await call.put("thing", f"more-{number}", {"text": "x" * 1000}, {"more": str(number)})


async def fill_again(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.put("thing", "t2", {"key": "t2"})
    await call.commit()


@pytest.mark.usefixtures("storage")
def test_the_folder_is_the_owners_alone(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_leftovers_name_what_is_left(storage: Storage, folder: Path) -> None:
    home = environment()
    await storage.create(home)
    assert f"{home.uid}/state.db" in await storage.leftovers(home)
    assert await storage.leftovers(replace(home, uid="pr-1-none")) == []


async def test_what_nobody_uses_is_closed_after_a_while(folder: Path) -> None:
    now = 0.0
    storage = SqliteStorage(folder, lambda: "id", monotonic=lambda: now)
    quiet, used, busy = [environment(f"pr-{number}") for number in range(3)]
    stores = [await storage.open(home) for home in (quiet, used, busy)]
    stores[2].users = 1
    now = 100.0
    await storage.open(used)
    assert await storage.rest(60) == 1
    assert [store._state.closed for store in stores] == [True, False, False]
    assert (await storage.open(quiet)) is not stores[0]
    await storage.close()


def limited(mib: int | None) -> Environment:
    return environment(policy={"version": 1, "limits": {} if mib is None else {"storage_mib": mib}})


@pytest.mark.parametrize(
    ("policy", "server", "expected"), [(None, None, None), (2, None, 2), (None, 3, 3), (2, 3, 2), (4, 3, 3)]
)
async def test_a_policy_can_only_lower_what_may_be_stored(
    tmp_path: Path, policy: int | None, server: int | None, expected: int | None
) -> None:
    storage = SqliteStorage(tmp_path, lambda: "x", storage_bytes=server and server << 20)
    store = await storage.open(limited(policy))
    assert store.room.most == (expected and expected << 20)
    again = await storage.open(limited(1))
    assert again is store
    assert store.room.most == 1 << 20
    await storage.close()


async def test_uploads_at_once_never_pass_the_limit_together(storage: Storage, folder: Path) -> None:
    store = await storage.open(limited(1))
    body = [b"x" * 50_000] * 8

    async def upload() -> bool:
        call = store.begin("alpha")
        try:
            await call.write_blob(chunks(*body))
        except QuotaReached:
            await call.rollback()
            return False
        await call.commit()
        return True

    kept = await asyncio.gather(*[upload() for _ in range(6)])
    assert 1 <= sum(kept) <= 2
    assert store.room.used == sum(kept) * 400_000
    assert len([name for name in files(folder) if len(name) == 20]) == sum(kept)


async def test_for_what_has_no_room_no_byte_is_read(storage: Storage) -> None:
    store = await storage.open(limited(1))

    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""  # what makes it a stream

    call = store.begin("alpha")
    with pytest.raises(QuotaReached):
        await call.write_blob(unread(), (1 << 20) + 1)
    await call.rollback()
    assert store.room.used == 0


async def test_what_is_stored_is_known_after_a_restart_and_when_it_is_closed(
    folder: Path, clock: HeldClock, reopened: SqliteStorage
) -> None:
    first = SqliteStorage(folder, lambda: clock.text(20))
    home = limited(1)
    await first.registry.add_environment(home, [])
    await fill(await first.create(home))
    await first.close()
    store = await reopened.open(home)
    assert store.room.used == len(LARGE) + 5
    metrics = Metrics()
    reopened.expose(metrics)
    assert f'broker_stored_bytes{{environment="pr-1"}} {float(len(LARGE) + 5)}' in metrics.render().decode()
    assert await reopened.rest(-1) == 1
    assert "broker_stored_bytes{" in metrics.render().decode()
    await reopened.destroy(home)
    assert "broker_stored_bytes{" not in metrics.render().decode()
    assert "broker_disk_free_bytes " in metrics.render().decode()
