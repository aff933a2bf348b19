"""The aws-chunked encoding, written: so that the checksum that an application computed reaches the provider.

Format: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html, for STREAMING-UNSIGNED-PAYLOAD-TRAILER.
Chunks are of one size, whatever the pieces were, because S3 wants to know the length of it all beforehand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

CHUNK = 64 * 1024

#: Trailers that S3 takes -> the length of their value in characters: a digest in base64.
#: docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
TRAILERS: Mapping[str, int] = {
    f"x-amz-checksum-{name}": (size + 2) // 3 * 4
    for name, size in {
        "crc32": 4,
        "crc32c": 4,
        "crc64nvme": 8,
        "md5": 16,
        "sha1": 20,
        "sha256": 32,
        "sha512": 64,
        "xxhash3": 8,
        "xxhash64": 8,
        "xxhash128": 16,
    }.items()
}


def framed_length(length: int, trailers: Sequence[str]) -> int:
    """Bytes of a body of ``length`` bytes when it is framed; the trailers are of TRAILERS."""
    full, rest = divmod(length, CHUNK)
    total = full * _frame(CHUNK) + (_frame(rest) if rest else 0) + len(b"0\r\n\r\n")
    return total + sum(len(name) + TRAILERS[name] + len(b":\r\n") for name in trailers)


def _frame(size: int) -> int:
    return len(f"{size:x}") + size + len(b"\r\n\r\n")


async def framed(source: AsyncIterator[bytes], trailers: Sequence[str]) -> AsyncIterator[bytes]:
    """The body in chunks, at most two of them in memory. ``source.trailers`` has the trailers' values at its end."""
    held = bytearray()
    async for piece in source:
        held += piece
        while len(held) >= CHUNK:
            yield _chunk(held, CHUNK)
            del held[:CHUNK]
    if held:
        yield _chunk(held, len(held))
    values: Mapping[str, str] = getattr(source, "trailers", {})
    lines = [f"{name}:{_fitting(values.get(name, ''), TRAILERS[name])}\r\n" for name in trailers]
    yield f"0\r\n{''.join(lines)}\r\n".encode("latin-1", "replace")


def _chunk(held: bytearray, size: int) -> bytes:
    return b"".join((b"%x\r\n" % size, memoryview(held)[:size], b"\r\n"))


def _fitting(value: str, length: int) -> str:
    """The value in the length that was announced: one of another length is no digest, and S3 refuses it as such."""
    return value[:length].ljust(length, "=")
