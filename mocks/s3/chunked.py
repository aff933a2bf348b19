"""aws-chunked bodies, decoded without I/O: sizes, chunk signatures, trailers.

Format: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html.
The decoder is fed bytes and gives events, so the same one serves streams and bodies in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mocks.s3.errors import broken_chunks, malformed_trailer, small_chunk

#: Longest line that is accepted: a size in hex with a signature, or one trailer.
_LINE = 1024
#: Trailers are a checksum and a signature; more is no S3 client.
_TRAILERS = 16
#: "Each chunk must be at least 8 KiB, the final one may be smaller" (sigv4-streaming.html).
_MINIMUM_CHUNK = 8192
#: Hex digits of a chunk's signature.
_SIGNATURE = 64


@dataclass(frozen=True, slots=True)
class ChunkStart:
    """A chunk of ``size`` bytes begins; ``signature`` is "" when the body's chunks are not signed."""

    size: int
    signature: str


@dataclass(frozen=True, slots=True)
class ChunkEnd:
    """The chunk's bytes are complete."""


@dataclass(frozen=True, slots=True)
class Trailers:
    """The body is complete. ``fields`` by lower-case name, the signature apart."""

    fields: dict[str, str]
    signature: str


Event = ChunkStart | ChunkEnd | Trailers | bytes


class ChunkedDecoder:
    """``feed`` what arrives, then ``close``. Raises ServiceError in S3's words for a broken encoding."""

    def __init__(self, *, signed: bool, trailing: bool) -> None:
        self._signed = signed
        self._trailing = trailing
        self._buffer = bytearray()
        self._left = 0  # bytes of the current chunk that have not come yet
        self._at = "size"
        self._short: int | None = None  # of a chunk below the minimum, which must have been the last with bytes
        self._chunks = 0
        self._fields: dict[str, str] = {}
        self._lines = 0
        self._signature = ""

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that ``data`` completes."""
        if self._at == "data" and not self._buffer and len(data) <= self._left:
            # The common case: a whole piece inside one chunk, handed on without a copy.
            self._left -= len(data)
            if data:
                yield data
            if not self._left:
                self._at = "data-end"
            return
        self._buffer += data
        yield from self._drain()

    def close(self) -> None:
        """The body's bytes are over: raises when the encoding is not."""
        if self._at != "done":
            raise broken_chunks()

    def _drain(self) -> Iterator[Event]:
        while True:
            if self._at == "data":
                piece = bytes(self._buffer[: self._left])
                del self._buffer[: len(piece)]
                self._left -= len(piece)
                if piece:
                    yield piece
                if self._left:
                    return
                self._at = "data-end"
            elif self._at == "done":
                if self._buffer:
                    raise broken_chunks()
                return
            else:
                line = self._line()
                if line is None:
                    return
                yield from self._take(line)

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", 0, _LINE + 2)
        if end < 0:
            if len(self._buffer) > _LINE:
                raise broken_chunks()
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _take(self, line: bytes) -> Iterator[Event]:
        if self._at == "data-end":
            if line:
                raise broken_chunks()
            self._at = "size"
            yield ChunkEnd()
        elif self._at == "size":
            yield from self._chunk(line)
        elif line:
            self._trailer(line)
        else:
            self._at = "done"
            yield Trailers(self._fields, self._signature)

    def _chunk(self, line: bytes) -> Iterator[Event]:
        digits, _, extension = line.partition(b";")
        if not 0 < len(digits) <= 16 or digits.strip(b"0123456789abcdefABCDEF"):
            raise broken_chunks()
        size = int(digits, 16)
        name, _, signature = extension.partition(b"=")
        if self._signed and (name.strip() != b"chunk-signature" or len(signature) != _SIGNATURE):
            raise broken_chunks()
        self._chunks += 1
        if size and self._short is not None:
            raise small_chunk(self._chunks, self._short)
        self._short = size if size < _MINIMUM_CHUNK else None
        yield ChunkStart(size, signature.decode("latin-1") if self._signed else "")
        self._left = size
        # After the empty chunk come the trailers, or an empty line.
        self._at = "data" if size else "trailer"
        if not size:
            yield ChunkEnd()

    def _trailer(self, line: bytes) -> None:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not self._trailing or self._lines >= _TRAILERS:
            raise malformed_trailer()
        self._lines += 1
        if name.strip().lower() == "x-amz-trailer-signature":
            self._signature = value.strip()
        else:
            self._fields[name.strip().lower()] = value.strip()
