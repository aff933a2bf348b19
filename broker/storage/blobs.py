"""Blobs of one environment: small ones live in the database row, large ones in a file beside it.

A file is written in pieces off the event loop under ``blobs/``; the row that names it commits afterwards.
A file without a row is what a crash left behind, and is swept when the environment is next opened.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from pathlib import Path

#: Up to here a blob is stored in its row: one write instead of a file's four system calls.
INLINE = 64 * 1024
#: Bytes that are gathered before a thread writes or reads them: large enough to hide the hop.
PIECE = 1024 * 1024
#: Bytes after which a file that still grows is synchronised.
_SYNCED = 32 * PIECE


class BlobFiles:
    """The folder of large blobs. Ids are ours ([0-9A-Za-z]), never a caller's text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, blob_id: str) -> Path:
        """Fanned out over folders so that none grows without bound."""
        return self.folder / blob_id[-2:] / blob_id

    async def write(self, blob_id: str, first: list[bytes], rest: AsyncIterator[bytes]) -> int:
        """Write ``first`` and then ``rest``; answers the size. Removes the file when anything fails."""
        path = self.path(blob_id)
        descriptor = await asyncio.to_thread(_create, path)
        loop = asyncio.get_running_loop()
        size = synced = 0
        writing: asyncio.Future[None] | None = None
        syncing: asyncio.Future[None] | None = None
        try:
            async for piece in _pieces(first, rest):
                # The next piece is gathered while the last one is written, and the disk takes over what was written:
                # otherwise the caller would wait for all of it at the end.
                if writing is not None:
                    await writing
                if size - synced >= _SYNCED and (syncing is None or syncing.done()):
                    syncing, synced = loop.run_in_executor(None, os.fdatasync, descriptor), size
                size += sum(map(len, piece))
                writing = loop.run_in_executor(None, _write_all, descriptor, piece)
            for running in (writing, syncing):
                if running is not None:
                    await running
            await asyncio.to_thread(os.fsync, descriptor)
        except BaseException:
            if running_still := [one for one in (writing, syncing) if one is not None and not one.done()]:
                await asyncio.wait(running_still)
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        os.close(descriptor)
        return size

    def read(self, blob_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes of ``[start, stop)``. The file is opened now, so that a deletion before the first byte is read
        takes nothing away."""
        return _stream(_Opened(self.path(blob_id)), start, stop)

    def delete(self, blob_id: str) -> None:
        """Idempotent."""
        self.path(blob_id).unlink(missing_ok=True)

    def sweep(self, exists: Callable[[str], bool]) -> int:
        """Delete the files that no row names; answers how many. Call before the first write of this process."""
        swept = 0
        for path in self._files():
            if not exists(path.name):
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _files(self) -> Iterator[Path]:
        if not self.folder.is_dir():
            return
        for fan in self.folder.iterdir():
            yield from fan.iterdir()


class _Opened:
    """A file to read, closed with its last reference: a stream that nobody begins to read has no end to close it."""

    __slots__ = ("descriptor",)

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDONLY)

    def __del__(self) -> None:
        if hasattr(self, "descriptor"):
            os.close(self.descriptor)


async def _stream(file: _Opened, start: int, stop: int) -> AsyncIterator[bytes]:
    """Each piece is read while the one before it is sent."""
    loop = asyncio.get_running_loop()

    def read(at: int) -> asyncio.Future[bytes]:
        return loop.run_in_executor(None, os.pread, file.descriptor, min(PIECE, stop - at), at)

    at = start
    ahead = read(at) if at < stop else None
    try:
        while ahead is not None:
            piece = await ahead
            if not piece:
                raise OSError("a blob's file is shorter than its row says")
            at += len(piece)
            ahead = read(at) if at < stop else None
            yield piece
    finally:
        if ahead is not None and not ahead.done():
            await asyncio.wait([ahead])


def _create(path: Path) -> int:
    # Not `parents=True`: the folder of an environment that was deleted meanwhile must not come back.
    path.parent.mkdir(exist_ok=True, mode=0o700)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _write_all(descriptor: int, piece: list[bytes]) -> None:
    for chunk in piece:
        view = memoryview(chunk)
        while view:
            view = view[os.write(descriptor, view) :]


async def _pieces(first: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Groups of chunks of about PIECE bytes."""
    piece = first
    size = sum(map(len, first))
    async for chunk in rest:
        piece.append(chunk)
        size += len(chunk)
        if size >= PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


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
