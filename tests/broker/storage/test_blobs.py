"""Blobs: small ones in their row, large ones in a file, both written and read in pieces and kept only by a commit."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from broker.storage import blobs
from broker.storage.base import EnvironmentStore, Storage, StoreGone
from broker.storage.blobs import INLINE, PIECE, BlobFiles
from mocks.base import Blob
from tests.broker.storage.samples import chunks, environment, joined

LARGE = bytes(range(256)) * 1024 * 10  # 2.5 MiB: three pieces


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("blobs/*/*") if path.is_file())


def open_files() -> set[str]:
    """Blob files that this process holds open."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if "/blobs/" in target:
            found.add(target)
    return found


async def stored(store: EnvironmentStore, *parts: bytes) -> Blob:
    call = store.begin("alpha")
    blob = await call.write_blob(chunks(*parts))
    await call.commit()
    return blob


@pytest.mark.parametrize("size", [0, 1, INLINE - 1, INLINE, INLINE + 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_every_size_comes_back_whole(store: EnvironmentStore, folder: Path, size: int) -> None:
    body = (LARGE * 2)[:size]
    blob = await stored(store, body[: size // 3], body[size // 3 :])
    assert blob.size == size
    assert await joined(store.read_blob("alpha", blob.id)) == body
    assert len(files(folder)) == (1 if size > INLINE else 0)
    assert (await store.inventory())["blobs"] == {"count": 1, "bytes": size}


async def test_many_small_chunks_make_one_file(store: EnvironmentStore, folder: Path) -> None:
    blob = await stored(store, *[bytes([number % 256]) * 1000 for number in range(3000)])
    assert blob.size == 3_000_000
    body = await joined(store.read_blob("alpha", blob.id))
    assert body == b"".join(bytes([number % 256]) * 1000 for number in range(3000))
    (file,) = files(folder)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("body", [LARGE[:1000], LARGE], ids=["in the row", "in a file"])
@pytest.mark.parametrize(
    ("start", "stop"), [(0, None), (0, 1), (1, 2), (999, None), (500, 10**9), (5, 5), (0, 0), (10**9, None), (9, 3)]
)
async def test_ranges(store: EnvironmentStore, body: bytes, start: int, stop: int | None) -> None:
    call = store.begin("alpha")
    blob = await call.write_blob(chunks(body))
    # Readable by the call that wrote it, and by later ones.
    assert await joined(call.read_blob(blob.id, start, stop)) == body[start:stop]
    await call.commit()
    later = store.begin("alpha")
    assert await joined(later.read_blob(blob.id, start, stop)) == body[start:stop]
    await later.rollback()


async def test_ranges_across_pieces(store: EnvironmentStore) -> None:
    blob = await stored(store, LARGE)
    call = store.begin("alpha")
    for start, stop in ((PIECE - 1, PIECE + 1), (PIECE, 2 * PIECE), (7, 2 * PIECE + 7)):
        assert await joined(call.read_blob(blob.id, start, stop)) == LARGE[start:stop]
    await call.rollback()


async def test_an_unknown_blob_is_told_before_the_first_byte(store: EnvironmentStore) -> None:
    with pytest.raises(LookupError, match="nothing1"):
        store.read_blob("alpha", "nothing1")


@pytest.mark.parametrize("body", [LARGE[:1000], LARGE], ids=["in the row", "in a file"])
@pytest.mark.parametrize("moment", ["before the first byte", "in the middle"])
async def test_it_stays_readable_when_it_is_deleted_meanwhile(
    store: EnvironmentStore, folder: Path, body: bytes, moment: str
) -> None:
    blob = await stored(store, body)
    stream = store.read_blob("alpha", blob.id)
    read = b"" if moment == "before the first byte" else await anext(stream)
    call = store.begin("alpha")
    await call.delete_blob(blob.id)
    await call.commit()
    assert (await store.inventory())["blobs"] == {"count": 0, "bytes": 0}
    assert read + await joined(stream) == body
    assert files(folder) == [], "it goes with who read it last"
    with pytest.raises(LookupError):
        store.read_blob("alpha", blob.id)


async def test_a_stream_that_nobody_reads_or_finishes_leaves_no_file_open(store: EnvironmentStore) -> None:
    blob = await stored(store, LARGE)
    unread = store.read_blob("alpha", blob.id)
    begun = store.read_blob("alpha", blob.id)
    await anext(begun)
    assert open_files()
    del unread
    await begun.aclose()  # type: ignore[attr-defined]  # an async generator
    del begun
    gc.collect()
    assert open_files() == set()
    await joined(store.read_blob("alpha", blob.id))
    assert open_files() == set()


async def test_a_deletion_counts_when_the_call_commits(store: EnvironmentStore, folder: Path) -> None:
    blob = await stored(store, LARGE)
    call = store.begin("alpha")
    await call.delete_blob(blob.id)
    await call.rollback()
    assert await joined(store.read_blob("alpha", blob.id)) == LARGE
    call = store.begin("alpha")
    await call.delete_blob(blob.id)
    await call.delete_blob("unknown1")
    await call.commit()
    assert files(folder) == []
    assert (await store.inventory())["blobs"] == {"count": 0, "bytes": 0}


async def test_what_one_call_writes_and_deletes_is_gone(store: EnvironmentStore, folder: Path) -> None:
    call = store.begin("alpha")
    blob = await call.write_blob(chunks(LARGE))
    await call.delete_blob(blob.id)
    await call.commit()
    assert files(folder) == []
    assert (await store.inventory())["blobs"]["count"] == 0


async def test_a_rollback_removes_the_file(store: EnvironmentStore, folder: Path) -> None:
    call = store.begin("alpha")
    await call.write_blob(chunks(LARGE))
    assert len(files(folder)) == 1
    await call.rollback()
    assert files(folder) == []


@pytest.mark.parametrize("after", [0, 100, INLINE + 1, 2 * PIECE], ids=str)
async def test_a_peer_that_breaks_off_leaves_nothing(store: EnvironmentStore, folder: Path, after: int) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        if after:
            yield LARGE[:after]
        raise ConnectionError("gone")

    call = store.begin("alpha")
    with pytest.raises(ConnectionError):
        await call.write_blob(breaking())
    await call.rollback()
    assert files(folder) == []
    assert open_files() == set()


async def test_a_full_disk_while_a_file_is_written_leaves_nothing(
    store: EnvironmentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("writev", "fsync"):
        with monkeypatch.context() as patched:
            patched.setattr(blobs.os, name, full)
            call = store.begin("alpha")
            with pytest.raises(OSError, match="No space"):
                await call.write_blob(chunks(LARGE))
            await call.rollback()
        assert files(folder) == []
        assert open_files() == set()
    assert await joined(store.read_blob("alpha", (await stored(store, LARGE)).id)) == LARGE


async def test_writing_a_blob_lets_others_in_and_comes_before_records(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.get("thing", "t")
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await go_on.wait()
        yield b"y"

    writing = asyncio.gather(call.write_blob(slow()))
    other = store.begin("alpha")
    await asyncio.wait_for(other.put("thing", "t", {"by": "other"}), 5)
    await other.commit()
    go_on.set()
    await writing
    assert await call.get("thing", "t") == {"by": "other"}
    await call.put("thing", "t", {"by": "call"})
    with pytest.raises(RuntimeError, match="blobs come first"):
        await call.write_blob(chunks(b"late"))
    await call.rollback()


async def test_a_file_that_is_shorter_than_its_row_is_an_error(store: EnvironmentStore, folder: Path) -> None:
    blob = await stored(store, LARGE)
    os.truncate(files(folder)[0], PIECE)
    with pytest.raises(OSError, match="shorter"):
        await joined(store.read_blob("alpha", blob.id))


async def test_the_folder_of_a_deleted_environment_does_not_come_back(storage: Storage, folder: Path) -> None:
    home = environment()
    store = await storage.create(home)
    call = store.begin("alpha")
    await storage.destroy(home)
    with pytest.raises(StoreGone):
        await call.write_blob(chunks(LARGE))
    await call.rollback()
    assert await storage.leftovers(home) == []


def allowed(size: int) -> None:
    """Any size."""


async def test_a_file_appears_under_its_name_when_it_is_whole(
    store: EnvironmentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    for name in ("fsync", "rename"):
        called = getattr(os, name)

        def noted(*arguments: object, name: str = name, called: Callable[..., object] = called) -> object:
            what = arguments[0]
            kind = "folder" if isinstance(what, int) and stat.S_ISDIR(os.fstat(what).st_mode) else "file"
            steps.append(f"{name} {kind}")
            return called(*arguments)

        monkeypatch.setattr(blobs.os, name, noted)
    for body in (LARGE, LARGE[: INLINE + 1]):
        steps.clear()
        call = store.begin("alpha")
        await call.write_blob(chunks(body, b"."))
        assert steps[-3:] == ["fsync file", "rename file", "fsync folder"]
        assert [path.suffix for path in files(folder)] == [""]
        await call.rollback()


async def test_while_it_is_written_the_file_has_a_name_of_its_own(store: EnvironmentStore, folder: Path) -> None:
    seen: list[str] = []

    async def watched() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield LARGE
            await asyncio.sleep(0.01)
            seen.extend(path.suffix for path in files(folder))

    call = store.begin("alpha")
    await call.write_blob(watched())
    assert set(seen) == {blobs.PART}
    await call.commit()
    assert [path.suffix for path in files(folder)] == [""]


@pytest.mark.parametrize("size", [INLINE + 1, 3 * PIECE])
async def test_who_is_given_up_in_the_middle_leaves_nothing(store: EnvironmentStore, folder: Path, size: int) -> None:
    """Also when a thread is writing at that moment."""
    for turns in range(0, 40, 3):
        call = store.begin("alpha")
        writing = asyncio.ensure_future(call.write_blob(chunks(*[LARGE[:PIECE]] * (size // PIECE), LARGE[:70_000])))  # noqa: TID251 - it is cancelled below
        for _ in range(turns):
            await asyncio.sleep(0.0005)
        writing.cancel()
        await asyncio.wait([writing])
        await call.rollback()
        assert files(folder) == []
        assert open_files() == set()


async def test_a_file_that_cannot_be_deleted_is_left_to_the_sweep(
    storage: Storage, store: EnvironmentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = await stored(store, LARGE)

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", broken)
        call = store.begin("alpha")
        await call.delete_blob(blob.id)
        await call.commit()
    assert len(files(folder)) == 1
    assert await storage.sweep() == 1
    assert files(folder) == []


async def test_holds_put_a_deletion_off_until_the_last_one(tmp_path: Path) -> None:
    folder = BlobFiles(tmp_path)
    await folder.write("kept1", [b"abc"], chunks(), allowed)
    folder.settle("kept1")
    first, second = folder.read("kept1", 0, 3), folder.read("kept1", 1, 2)
    folder.delete("kept1")
    assert await joined(first) == b"abc"
    assert folder.path("kept1").exists()
    assert await joined(second) == b"b"
    assert not folder.path("kept1").exists()
    folder.delete("kept1")
    with pytest.raises(FileNotFoundError):
        folder.read("kept1", 0, 3)
