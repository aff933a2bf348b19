"""The aws-chunked decoder: any cut of the bytes gives the same events, and broken framing is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocks.base import ServiceError
from mocks.s3.chunked import ChunkedDecoder, ChunkStart, Trailers

LARGE = b"x" * 8192


def frame(*chunks: bytes, trailer: bytes = b"") -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + b"0\r\n" + trailer + b"\r\n"


def decode(data: bytes, cuts: list[int], **options: bool) -> tuple[bytes, list[int], dict[str, str]]:
    decoder = ChunkedDecoder(signed=options.get("signed", False), trailing=options.get("trailing", True))
    body, sizes, trailers = b"", [], {}
    at = 0
    for cut in [*sorted(min(c, len(data)) for c in cuts), len(data)]:
        for event in decoder.feed(data[at:cut]):
            if isinstance(event, bytes):
                body += event
            elif isinstance(event, ChunkStart):
                sizes.append(event.size)
            elif isinstance(event, Trailers):
                trailers = event.fields
        at = cut
    decoder.close()
    return body, sizes, trailers


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 3), st.binary(max_size=40), st.lists(st.integers(0, 30_000), max_size=8))
def test_any_cut(large: int, small: bytes, cuts: list[int]) -> None:
    chunks = [LARGE] * large + ([small] if small else [])
    data = frame(*chunks, trailer=b"X-Amz-Checksum-Crc32: AAAAAA== \r\n")
    body, sizes, trailers = decode(data, cuts)
    assert body == b"".join(chunks)
    assert sizes == [*map(len, chunks), 0]
    assert trailers == {"x-amz-checksum-crc32": "AAAAAA=="}


def test_byte_by_byte() -> None:
    data = frame(LARGE, b"end")
    assert decode(data, list(range(len(data))))[0] == LARGE + b"end"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "IncompleteBody"),
        (frame(LARGE)[:-1], "IncompleteBody"),
        (frame(LARGE)[:100], "IncompleteBody"),
        (b"zz\r\n", "IncompleteBody"),
        (b"-1\r\n", "IncompleteBody"),
        (b"1\r\nab\r\n0\r\n\r\n", "IncompleteBody"),
        (b"fffffffffffffffff\r\n", "IncompleteBody"),
        (b"0" * 2000, "IncompleteBody"),
        (frame(b"end") + b"more", "IncompleteBody"),
        (frame(b"short", b"again"), "InvalidChunkSizeError"),
        (frame(b"a", trailer=b"nonsense\r\n"), "MalformedTrailerError"),
        (frame(b"a", trailer=b"a: b\r\n" * 17), "MalformedTrailerError"),
    ],
)
def test_broken_framing(data: bytes, code: str) -> None:
    with pytest.raises(ServiceError) as caught:
        decode(data, [])
    assert caught.value.code == code


def test_a_trailer_that_was_not_announced() -> None:
    with pytest.raises(ServiceError, match="MalformedTrailerError"):
        decode(frame(b"a", trailer=b"a: b\r\n"), [], trailing=False)


@pytest.mark.parametrize("extension", [b"", b";chunk-signature=0a", b";signature=" + b"0" * 64, b";" + b"0" * 80])
def test_a_chunk_without_its_signature(extension: bytes) -> None:
    with pytest.raises(ServiceError, match="IncompleteBody: The request body terminated unexpectedly"):
        decode(b"2000%s\r\n%s\r\n0\r\n\r\n" % (extension, LARGE), [], signed=True)


def test_which_chunk_was_too_small() -> None:
    with pytest.raises(ServiceError) as caught:
        decode(frame(LARGE, b"short", b"again"), [])
    assert caught.value.details == {"Chunk": "3", "BadChunkSize": "5"}
