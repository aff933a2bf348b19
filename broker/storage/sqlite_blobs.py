"""Rows of blobs: what is stored, how much it is, and where its bytes are."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from broker.storage.blobs import BlobFiles

#: By id, of blobs that a call wrote: the size, and the bytes unless they are in a file.
Fresh = Mapping[str, tuple[int, bytes | None]]

_INSERT = "INSERT INTO blobs (id, service, size, body) VALUES (?, ?, ?, ?)"
# A file goes only with a row of this service: whose blob it is not, deletes nothing.
_DELETE = "DELETE FROM blobs WHERE id = ? AND service = ? RETURNING id, size, body IS NULL"
#: Kept beside the rows, because adding a million of them up takes seconds.
_STORED = (
    "INSERT INTO stored (service, blobs, bytes) VALUES (?, ?, ?) "
    "ON CONFLICT (service) DO UPDATE SET blobs = blobs + excluded.blobs, bytes = bytes + excluded.bytes"
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A blob whose row was deleted; ``in_file`` tells where its bytes are still."""

    id: str
    size: int
    in_file: bool


def settle_blobs(connection: sqlite3.Connection, service: str, fresh: Fresh, doomed: Sequence[str]) -> list[Gone]:
    """Write the rows of the blobs that a call wrote, and delete those that it let go."""
    if fresh:
        connection.executemany(_INSERT, [(blob_id, service, size, body) for blob_id, (size, body) in fresh.items()])
    rows = [connection.execute(_DELETE, (blob_id, service)).fetchone() for blob_id in doomed]
    gone = [Gone(blob_id, size, bool(in_file)) for blob_id, size, in_file in filter(None, rows)]
    number = len(fresh) - len(gone)
    size = sum(size for size, _ in fresh.values()) - sum(one.size for one in gone)
    if number or size:
        connection.execute(_STORED, (service, number, size))
    return gone


def stored(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many blobs there are, and of how many bytes."""
    number, size = connection.execute("SELECT coalesce(sum(blobs), 0), coalesce(sum(bytes), 0) FROM stored").fetchone()
    return number, size


def open_blob(
    connection: sqlite3.Connection, files: BlobFiles, service: str, blob_id: str, start: int, stop: int | None
) -> AsyncIterator[bytes]:
    """Look the blob up now, stream it later."""
    return opened(files, blob_id, *find_blob(connection, service, blob_id), start, stop)


def find_blob(connection: sqlite3.Connection, service: str, blob_id: str) -> tuple[int, bytes | None]:
    """A blob's size, and its bytes unless they are in a file. Raises LookupError."""
    row = connection.execute("SELECT size, body FROM blobs WHERE id = ? AND service = ?", (blob_id, service)).fetchone()
    if row is None:
        raise LookupError(f"no blob {blob_id}")
    size: int = row[0]
    return size, row[1]


def opened(
    files: BlobFiles, blob_id: str, size: int, body: bytes | None, start: int, stop: int | None
) -> AsyncIterator[bytes]:
    """The bytes of ``[start, stop)`` of a blob whose row is known."""
    end = size if stop is None else min(stop, size)
    return files.read(blob_id, start, end) if body is None else _once(body[start:end])


async def _once(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body
