"""Blobs: small ones in their row, large ones in a file, both written and read in pieces and kept only by a commit."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
from collections.abc import AsyncIterator
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
    assert files(folder) == []
    assert read + await joined(stream) == body
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

    for name in ("write", "fsync"):
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


async def test_the_sweep_takes_what_no_row_names(tmp_path: Path) -> None:
    folder = BlobFiles(tmp_path / "blobs")
    assert folder.sweep(lambda _: False) == 0
    folder.folder.mkdir()
    for blob_id in ("kept1", "left1", "left2"):
        await folder.write(blob_id, [blob_id.encode()], chunks())
    assert folder.sweep(lambda blob_id: blob_id == "kept1") == 2
    assert await joined(folder.read("kept1", 0, 5)) == b"kept1"
    assert [path.name for path in files(tmp_path)] == ["kept1"]
    folder.delete("kept1")
    folder.delete("kept1")
    assert files(tmp_path) == []
