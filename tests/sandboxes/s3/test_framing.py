"""aws-chunked bodies: the length is known beforehand, and botocore-like readers understand them."""

from __future__ import annotations

import base64
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.s3.chunked import ChunkedDecoder, Trailers
from sandboxes.s3.framing import CHUNK, TRAILERS, framed, framed_length
from tests.sandboxes.s3.calls import Body, joined

NAME = "x-amz-checksum-crc32"


def read(body: bytes) -> tuple[bytes, dict[str, str]]:
    """As the mock of S3 reads it, which botocore's clients prove right."""
    decoder = ChunkedDecoder(signed=False, trailing=True)
    content, fields = b"", {}
    for event in decoder.feed(body):
        if isinstance(event, bytes):
            content += event
        elif isinstance(event, Trailers):
            fields = event.fields
    decoder.close()
    return content, fields


@pytest.mark.parametrize("length", [0, 1, 8191, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_003])
async def test_the_length_is_known_beforehand(length: int) -> None:
    content = bytes(length)
    crc = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    body = await joined(framed(Body([content], {NAME: crc}), [NAME]))
    assert len(body) == framed_length(length, [NAME])
    assert read(body) == (content, {NAME: crc})


@given(st.lists(st.binary(max_size=300_000), max_size=5))
async def test_whatever_the_pieces_were(parts: list[bytes]) -> None:
    content = b"".join(parts)
    body = await joined(framed(Body(parts, {NAME: "AAAAAA=="}), [NAME]))
    assert len(body) == framed_length(len(content), [NAME])
    assert read(body)[0] == content


async def test_a_checksum_that_is_none_keeps_the_length() -> None:
    for value in ("", "short", "much longer than eight"):
        body = await joined(framed(Body([b"hello"], {NAME: value}), [NAME]))
        assert len(body) == framed_length(5, [NAME])
        assert read(body)[1][NAME].startswith(value[:8])


async def test_little_is_held_at_once() -> None:
    given = 0

    async def source() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(64):
            given += 16_384
            yield bytes(16_384)

    taken = 0
    async for piece in framed(source(), []):
        taken += len(piece)
        assert given - taken < CHUNK


def test_the_values_are_as_long_as_digests_in_base64() -> None:
    for name, size in {"crc32": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}.items():
        assert TRAILERS[f"x-amz-checksum-{name}"] == len(base64.b64encode(bytes(size)))
