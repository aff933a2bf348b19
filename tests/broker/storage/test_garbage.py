"""Garbage: what no row names goes, in every environment, and never what a call is writing, reading or committing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.storage import garbage
from broker.storage.base import EnvironmentStore, Storage
from broker.storage.blobs import PART, Holds
from broker.storage.sqlite import SqliteStorage
from tests.broker.storage.samples import chunks, environment, joined
from tests.clocks import HeldClock

LARGE = b"0123456789" * 10_000


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("blobs/*/*")}


def left(folder: Path, uid: str, *names: str) -> None:
    """What a crash leaves."""
    for name in names:
        path = folder / "environments" / uid / "blobs" / name.removesuffix(PART)[-2:] / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left by a crash")


def never() -> bool:
    return False


async def written(store: EnvironmentStore) -> str:
    call = store.begin("alpha")
    blob = await call.write_blob(chunks(LARGE))
    await call.commit()
    return blob.id


async def test_every_environment_is_swept_open_or_not(folder: Path, clock: HeldClock) -> None:
    first = SqliteStorage(folder, lambda: clock.text(20))
    homes = [environment(f"pr-{number}") for number in range(3)]
    kept = {await written(await first.create(home)) for home in homes}
    await first.close()
    for home in homes:
        left(folder, home.uid, "crash1zz", "crash2zz" + PART, "crash3aa")
    again = SqliteStorage(folder, lambda: "again")
    await again.open(homes[0])
    assert await again.sweep() == 9
    assert files(folder) == kept
    assert await again.sweep() == 0
    await again.close()


async def test_what_calls_write_and_read_meanwhile_is_no_garbage(storage: Storage, folder: Path) -> None:
    store = await storage.create(environment())
    writing, undecided = store.begin("alpha"), store.begin("alpha")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield LARGE * 20
        yield LARGE
        begun.set()
        await go_on.wait()

    arriving = asyncio.gather(writing.write_blob(slow()))
    await begun.wait()
    assert any(name.endswith(PART) for name in files(folder))
    kept = await undecided.write_blob(chunks(LARGE))
    read = await written(store)
    stream = store.read_blob("alpha", read)
    deleting = store.begin("alpha")
    await deleting.delete_blob(read)
    await deleting.commit()
    assert await storage.sweep() == 0
    assert await joined(stream) == LARGE
    go_on.set()
    (blob,) = await arriving
    assert await storage.sweep() == 0
    await writing.commit()
    await undecided.commit()
    assert await storage.sweep() == 0
    assert files(folder) == {blob.id, kept.id}
    assert await joined(store.read_blob("alpha", blob.id)) == LARGE * 21


async def test_sweeps_run_beside_calls(storage: Storage, folder: Path) -> None:
    """Each blob is committed or rolled back in the middle of sweeps: none is taken too early, none stays."""
    store = await storage.create(environment())
    kept: set[str] = set()
    over = asyncio.Event()

    async def sweeping() -> None:
        while not over.is_set():
            await storage.sweep()

    async def call(number: int) -> None:
        transaction = store.begin("alpha")
        blob = await transaction.write_blob(chunks(LARGE))
        if number % 3:
            await transaction.commit()
            kept.add(blob.id)
        else:
            await transaction.rollback()

    sweeps = asyncio.gather(sweeping())
    for number in range(0, 60, 4):
        await asyncio.gather(*[call(number + one) for one in range(4)])
    over.set()
    await sweeps
    assert files(folder) == kept


async def test_a_damaged_or_half_deleted_environment_keeps_nobody_from_being_swept(
    storage: Storage, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        await written(await storage.create(environment(f"pr-{number}")))
    await storage.close()
    homes = sorted((folder / "environments").iterdir())
    (homes[0] / "state.db").write_bytes(b"no database" * 1000)
    (homes[1] / "state.db").unlink()
    left(folder, homes[2].name, "crashzz")
    again = SqliteStorage(folder, lambda: "again")
    assert await again.sweep() == 1
    assert "could not be swept" in caplog.text
    assert not (homes[1] / "state.db").exists()
    await again.close()


async def test_it_ends_in_the_middle_when_the_environment_does(storage: Storage, folder: Path) -> None:
    home = environment()
    await written(await storage.create(home))
    left(folder, home.uid, *[f"crash{number}zz" for number in range(2 * garbage._BATCH)])
    turns = iter([False, False, True])
    place = folder / "environments" / home.uid
    swept = await asyncio.to_thread(garbage.sweep, place, Holds(), lambda: next(turns))
    assert swept == garbage._BATCH
    assert await asyncio.to_thread(garbage.sweep, place, Holds(), never) == garbage._BATCH


def test_an_empty_folder_costs_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sqlite3, "connect")
    (tmp_path / "blobs").mkdir()
    (tmp_path / "state.db").touch()
    assert garbage.sweep(tmp_path, Holds(), never) == 0
    assert garbage.sweep(tmp_path / "nowhere", Holds(), never) == 0
