"""Hashing a body while it streams: small ones where they are, large ones in a thread, one batch ahead.

MD5 of 1 MiB costs 1.6 ms, which must not stop the event loop; a thread hop costs more than hashing 64 KiB.
hashlib and awscrt release the GIL while they work.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from awscrt import checksums

#: Bytes up to which hashing stays on the event loop.
INLINE = 64 * 1024
#: Bytes that are gathered for one thread hop.
BATCH = 1024 * 1024
#: Pieces of a batch that are not joined.
_CALLS = 8
#: Batches of a stream that may wait for a thread, and of all streams together: beyond that each has one at the most.
QUEUED, CROWDED = 4, 16


#: More threads than cores would only be in each other's way. None steps back for the event loop: one that is put off
#: while it is the interpreter's thread puts everybody off.
_THREADS = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="digest")


class Hash(Protocol):
    """What hashlib's objects do."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class Crc:
    """A running CRC with hashlib's manners; the digest is big-endian, as S3 encodes it."""

    __slots__ = ("_compute", "_size", "value")

    def __init__(self, compute: Callable[[bytes, int], int], size: int) -> None:
        self._compute = compute
        self._size = size
        self.value = 0

    def update(self, data: bytes, /) -> None:
        """Take in ``data``."""
        self.value = self._compute(data, self.value)

    def digest(self) -> bytes:
        """The value as bytes."""
        return self.value.to_bytes(self._size, "big")


class Xx:
    """An XXHash with hashlib's manners."""

    __slots__ = ("_digest", "_hash")

    def __init__(self, started: checksums.XXHash) -> None:
        self._hash = started
        self._digest: bytes | None = None

    def update(self, data: bytes, /) -> None:
        """Take in ``data``."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """The value as bytes; nothing can be taken in afterwards."""
        if self._digest is None:
            self._digest = bytes(self._hash.finalize())
        return self._digest


def md5() -> Hash:
    """MD5 as ETags and Content-MD5 use it: an identifier, not a protection."""
    return hashlib.md5(usedforsecurity=False)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A checksum algorithm of S3. ``size`` is the digest's in bytes; ``combine`` joins the values of two
    neighbouring parts, (first, second, length of the second in bytes) -> value, where that is possible."""

    name: str
    size: int
    start: Callable[[], Hash]
    combine: Callable[[int, int, int], int] | None = None
    #: Whether multipart uploads may have a checksum of checksums: CRC64NVME may not.
    composite: bool = True

    @property
    def member(self) -> str:
        """Its member in the model: ``ChecksumCRC32``."""
        return f"Checksum{self.name}"

    @property
    def header(self) -> str:
        """Its header or trailer: ``x-amz-checksum-crc32``."""
        return f"x-amz-checksum-{self.name.lower()}"

    @property
    def full_object(self) -> bool:
        """Whether a multipart upload may have a checksum of the whole: only what can be combined."""
        return self.combine is not None


def _crc(name: str, compute: Callable[[bytes, int], int], combine: Callable[[int, int, int], int]) -> Algorithm:
    size = 8 if "64" in name else 4
    return Algorithm(name, size, lambda: Crc(compute, size), combine, composite=name != "CRC64NVME")


#: By name. Which type each allows: docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
ALGORITHMS: Mapping[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        _crc("CRC64NVME", checksums.crc64nvme, checksums.combine_crc64nvme),
        _crc("CRC32", checksums.crc32, checksums.combine_crc32),
        _crc("CRC32C", checksums.crc32c, checksums.combine_crc32c),
        Algorithm("SHA1", 20, lambda: hashlib.sha1(usedforsecurity=False)),
        Algorithm("SHA256", 32, hashlib.sha256),
        Algorithm("SHA512", 64, hashlib.sha512),
        Algorithm("MD5", 16, md5),
        Algorithm("XXHASH64", 8, lambda: Xx(checksums.XXHash.new_xxhash64())),
        Algorithm("XXHASH3", 8, lambda: Xx(checksums.XXHash.new_xxhash3_64())),
        Algorithm("XXHASH128", 16, lambda: Xx(checksums.XXHash.new_xxhash3_128())),
    )
}

#: What S3 adds when the caller sends no checksum (same page, "default").
DEFAULT = ALGORITHMS["CRC64NVME"]


class Digest:
    """Several hashes over one stream of pieces. Batches queue for the threads that all streams share, one at a time of
    each stream: a thread of its own for each of a hundred uploads would keep the event loop from running."""

    def __init__(self, hashes: Sequence[Hash]) -> None:
        self._hashes = hashes
        self._pending: list[bytes] = []
        self._waiting = 0
        self._queued: deque[asyncio.Future[None]] = deque()
        #: What threads take from; the lock is for these two.
        self._batches: deque[tuple[list[bytes], asyncio.Future[None]]] = deque()
        self._busy = False
        self._lock = threading.Lock()
        #: Bytes taken in so far.
        self.size = 0

    async def add(self, piece: bytes) -> None:
        """Take in ``piece``, at the latest with the next batch."""
        self._pending.append(piece)
        self._waiting += len(piece)
        self.size += len(piece)
        if self._waiting >= BATCH:
            self._queue()
            if len(self._queued) > (QUEUED if _BACKLOG.batches <= CROWDED else 1):
                await self._queued.popleft()

    async def finish(self) -> None:
        """After this the hashes hold everything that was added; more may follow."""
        if self._waiting > INLINE or (self._waiting and self._queued):
            self._queue()
        while self._queued:
            await self._queued.popleft()
        if self._waiting:
            self._consume(self._taken())

    def _queue(self) -> None:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._queued.append(done)
        _BACKLOG.batches += 1
        with self._lock:
            self._batches.append((self._taken(), done))
            begins, self._busy = not self._busy, True
        if begins:
            _THREADS.submit(self._work, loop)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """One batch, in a thread; then it is another stream's turn."""
        with self._lock:
            pieces, done = self._batches.popleft()
        failed: Exception | None = None
        try:
            self._consume(pieces)
        except Exception as wrong:
            failed = wrong
        with self._lock:
            self._busy = bool(self._batches)
        if self._busy:
            _THREADS.submit(self._work, loop)
        loop.call_soon_threadsafe(_over, done, failed)

    def _taken(self) -> list[bytes]:
        pieces, self._pending, self._waiting = self._pending, [], 0
        return pieces

    def _consume(self, pieces: Sequence[bytes]) -> None:
        # Few calls: after each a thread waits for its turn to be the interpreter's again.
        batch = pieces if len(pieces) <= _CALLS else [b"".join(pieces)]
        for held in self._hashes:
            for piece in batch:
                held.update(piece)


class _Backlog:
    """What waits for threads, counted where the event loop runs."""

    batches = 0


_BACKLOG = _Backlog()


def _over(done: asyncio.Future[None], failed: Exception | None) -> None:
    _BACKLOG.batches -= 1
    if done.done():
        return  # nobody waits for it any more
    if failed is None:
        done.set_result(None)
    else:
        done.set_exception(failed)
        done.exception()  # told to whoever waits; where nobody does, the call has ended already


async def through(pieces: AsyncIterator[bytes], digest: Digest) -> AsyncIterator[bytes]:
    """``pieces`` unchanged, hashed by the time the last one was taken."""
    async for piece in pieces:
        await digest.add(piece)
        yield piece
    await digest.finish()


def encoded(digest: bytes) -> str:
    """A digest as S3 writes it."""
    return base64.b64encode(digest).decode("ascii")


def decoded(text: str, size: int | None = None) -> bytes | None:
    """The ``size`` bytes that ``text`` encodes, None when it does not; as many as there are without a size."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if size is None or len(found) == size else None
