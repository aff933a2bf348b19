"""Blobs of one environment: small ones live in the database row, large ones in a file beside it.

A file is written in pieces off the event loop below ``blobs/``, under a name of its own that ends with PART. It is
synchronised, renamed, and its folder is synchronised; the row that names it commits afterwards. So whatever a row names
is whole, and a file without a row is what a crash left behind: broker/storage/garbage.py collects it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterable, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

log = logging.getLogger("broker.storage")

#: Up to here a blob is stored in its row: one write instead of a file's eight system calls.
INLINE = 64 * 1024
#: Bytes that are gathered before a thread writes or reads them: large enough to hide the hop.
PIECE = 1024 * 1024
#: How the name of a file ends that is still being written.
PART = ".part"
#: Bytes after which a file that still grows is synchronised.
_SYNCED = 32 * PIECE
#: Buffers that the system takes in one call.
_VECTORS = 1024
#: Files up to this size are deleted at once. The file system takes long for larger ones, and nobody waits for that.
_QUICK = 4 * PIECE

#: What reads and writes files.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="blobs")

#: Told how many bytes a blob has so far, before they are written; raises when there may not be so many.
Allow = Callable[[int], None]


class Holds:
    """Ids of blobs that are being written or read: neither a sweep nor a deletion takes their files away before that
    is over. For all environments of a process; asked by other threads, too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._doomed: dict[str, Path] = {}

    def __contains__(self, blob_id: str) -> bool:
        return blob_id in self._counts

    def take(self, blob_id: str) -> None:
        """One more has an interest in the file."""
        with self._lock:
            self._counts[blob_id] = self._counts.get(blob_id, 0) + 1

    def release(self, blob_id: str) -> None:
        """One fewer has. The last one carries out the deletion that came meanwhile."""
        with self._lock:
            left = self._counts.pop(blob_id, 1) - 1
            if left:
                self._counts[blob_id] = left
            doomed = None if left else self._doomed.pop(blob_id, None)
        if doomed is not None:
            _unlink(doomed)

    def doom(self, blob_id: str, path: Path) -> bool:
        """Leave the deletion to the last one that has an interest; False when nobody has."""
        with self._lock:
            if blob_id not in self._counts:
                return False
            self._doomed[blob_id] = path
            return True


class BlobFiles:
    """The folder of large blobs. Ids are ours ([0-9A-Za-z]), never a caller's text."""

    def __init__(self, folder: Path, holds: Holds | None = None) -> None:
        self.folder = folder
        self._holds = holds or Holds()

    def path(self, blob_id: str) -> Path:
        """Fanned out over folders so that none grows without bound."""
        return self.folder / blob_id[-2:] / blob_id

    async def write(self, blob_id: str, first: list[bytes], rest: AsyncIterator[bytes], allow: Allow) -> int:
        """Write ``first`` and then ``rest``; answers the size. Leaves nothing when anything fails. Until ``settle`` or
        ``drop`` is told of it, no sweep takes the file for garbage."""
        self._holds.take(blob_id)
        growing = _Growing(self.path(blob_id))
        try:
            return await _written(growing, _pieces(first, rest, allow))
        except BaseException:
            growing.abandon()
            self._holds.release(blob_id)
            raise
        finally:
            growing.close()

    def read(self, blob_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes of ``[start, stop)``, which stay readable when the blob is deleted meanwhile. The file is opened
        with the first of them: an answer of ten thousand parts has not all of them open. Raises OSError at once when
        the file is missing or too short."""
        path = self.path(blob_id)
        if path.stat().st_size < stop:
            raise OSError(f"the file of blob {blob_id} is shorter than its row says")
        return _stream(_Held(self._holds, blob_id, path), start, stop)

    def settle(self, blob_id: str) -> None:
        """The row of a blob that was written is committed."""
        self._holds.release(blob_id)

    def drop(self, blob_id: str, size: int) -> None:
        """Take back what was written: no row will name it."""
        self._holds.release(blob_id)
        self.delete(blob_id, size)

    def delete(self, blob_id: str, size: int = 0) -> None:
        """Idempotent. Who reads it goes on reading. A file that cannot be deleted is left to a sweep."""
        path = self.path(blob_id)
        if self._holds.doom(blob_id, path):
            return
        if size > _QUICK:
            _threaded(_unlink, path)
        else:
            _unlink(path)


class _Held:
    """A file to read. Given up with its last reference, too: a stream that nobody begins to read has no end."""

    __slots__ = ("_blob_id", "_descriptor", "_holds", "_path", "_released")

    def __init__(self, holds: Holds, blob_id: str, path: Path) -> None:
        holds.take(blob_id)
        self._holds = holds
        self._blob_id = blob_id
        self._path = path
        self._descriptor = -1
        self._released = False

    def read(self, size: int, at: int) -> bytes:
        if self._descriptor < 0:
            self._descriptor = os.open(self._path, os.O_RDONLY)
        return os.pread(self._descriptor, size, at)

    def release(self) -> None:
        """Idempotent; no thread reads."""
        if self._released:
            return
        self._released = True
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._holds.release(self._blob_id)

    __del__ = release


async def _stream(file: _Held, start: int, stop: int) -> AsyncIterator[bytes]:
    """Each piece is read while the one before it is sent."""
    loop = asyncio.get_running_loop()

    def read(at: int) -> asyncio.Future[bytes]:
        return loop.run_in_executor(_THREADS, file.read, min(PIECE, stop - at), at)

    at = start
    ahead = read(at) if at < stop else None
    try:
        while ahead is not None:
            piece = await ahead
            if not piece:
                raise OSError("a blob's file became shorter while it was read")
            at += len(piece)
            ahead = read(at) if at < stop else None
            yield piece
    finally:
        if ahead is not None:
            await _over(ahead)
        file.release()


class _Growing:
    """A file that is being written, by threads, one after the other."""

    __slots__ = ("_descriptor", "_part", "_path")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + PART)
        self._descriptor = -1

    def create(self) -> None:
        # Not `parents=True`: the folder of an environment that was deleted meanwhile must not come back.
        fan = self._part.parent
        try:
            fan.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            _sync_folder(fan.parent)
        self._descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, piece: list[bytes]) -> None:
        # In as few calls as can be: after each one a thread waits for its turn to run on.
        for at in range(0, len(piece), _VECTORS):
            left = [memoryview(chunk) for chunk in piece[at : at + _VECTORS]]
            while left:
                written = os.writev(self._descriptor, left)
                while left and written >= len(left[0]):
                    written -= len(left.pop(0))
                if left:
                    left[0] = left[0][written:]
        # Whoever gave them waits for more bytes now, maybe for long: these are not kept meanwhile.
        piece.clear()

    def sync(self) -> None:
        """Let the disk take over what is written so far."""
        os.fdatasync(self._descriptor)

    def publish(self) -> None:
        """The bytes are on the disk before the name is, and the name before a row says so."""
        os.fsync(self._descriptor)
        self._part.rename(self._path)
        _sync_folder(self._path.parent)

    def whole(self, piece: list[bytes]) -> None:
        """All of it in one hop."""
        self.create()
        self.write(piece)
        self.publish()

    def abandon(self) -> None:
        _unlink(self._part)
        _unlink(self._path)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


async def _written(growing: _Growing, pieces: AsyncIterator[tuple[list[bytes], bool]]) -> int:
    """The next piece is gathered while the last one is written, and the disk takes over what was written: otherwise the
    caller would wait for all of it at the end."""
    piece, more = await anext(pieces)
    size = sum(map(len, piece))
    if not more:
        await _over(_threaded(growing.whole, piece))
        return size
    await _over(_threaded(growing.create))
    synced = 0
    writing = _threaded(growing.write, piece)
    syncing: asyncio.Future[None] | None = None
    try:
        async for piece, _ in pieces:
            await _over(writing)
            if size - synced >= _SYNCED and (syncing is None or syncing.done()):
                syncing, synced = _threaded(growing.sync), size
            size += sum(map(len, piece))
            writing = _threaded(growing.write, piece)
    finally:
        await _over(writing, *([] if syncing is None else [syncing]))
    await _over(_threaded(growing.publish))
    return size


def _threaded(work: Callable[..., None], *arguments: object) -> asyncio.Future[None]:
    return asyncio.get_running_loop().run_in_executor(_THREADS, work, *arguments)


async def _over(*running: asyncio.Future[Any]) -> None:
    """What threads do is over, also when whoever waits for it is given up meanwhile. Raises what they raised."""
    all_of_it = asyncio.gather(*running, return_exceptions=True)
    try:
        await asyncio.shield(all_of_it)
    except asyncio.CancelledError:
        await asyncio.wait([all_of_it])
        raise
    for one in running:
        one.result()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as failed:
        log.warning("%s: %s; it is left to the next sweep", path.name, failed.strerror)


async def _pieces(
    first: list[bytes], rest: AsyncIterator[bytes], allow: Allow
) -> AsyncIterator[tuple[list[bytes], bool]]:
    """Groups of chunks of about PIECE bytes, as soon as they are complete, and whether more may follow the first."""
    piece = first
    size = whole = sum(map(len, first))
    allow(whole)
    begun = False
    async for chunk in rest:
        piece.append(chunk)
        size += len(chunk)
        whole += len(chunk)
        if size >= PIECE:
            allow(whole)
            yield piece, True
            piece, size, begun = [], 0, True
    allow(whole)
    if piece:
        yield piece, begun


async def gather_small(chunks: AsyncIterable[bytes]) -> tuple[list[bytes], int, AsyncIterator[bytes] | None]:
    """Read until the end or until INLINE is passed: ``(chunks, size, rest)``, with ``rest`` None at the end."""
    iterator = aiter(chunks)
    found: list[bytes] = []
    size = 0
    async for chunk in iterator:
        found.append(chunk)
        size += len(chunk)
        if size > INLINE:
            return found, size, iterator
    return found, size, None
