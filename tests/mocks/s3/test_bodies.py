"""Bodies that are verified while they are read: signed chunks, trailers, hashes, lengths."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.s3.bodies import Body
from mocks.s3.verification import verify
from tests.mocks.s3.conftest import pieces
from tests.mocks.s3.signing import KEY, SECRET, chunks, now, signed

SIGNED, TRAILER, UNSIGNED = (
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
)
CONTENT = [bytes(range(256)) * 400, b"y" * 70_000, b"end"]
CHECKSUM = {"x-amz-checksum-crc32": "AAAAAA=="}


def streaming(kind: str, length: int | None = None) -> Request:
    headers = {"x-amz-decoded-content-length": str(sum(map(len, CONTENT)) if length is None else length)}
    if kind.endswith("TRAILER"):
        headers["x-amz-trailer"] = "x-amz-checksum-crc32"
    return signed(headers=headers, payload=kind)


async def taken(request: Request, body: bytes, cut: int = 60_000) -> tuple[bytes, Request]:
    checked = verify(replace(request, stream=pieces(body, cut)), SECRET, now())
    assert checked.stream is not None
    return b"".join([piece async for piece in checked.stream]), checked


@pytest.mark.parametrize("kind", [SIGNED, TRAILER, UNSIGNED])
@pytest.mark.parametrize("cut", [7_777, 1_000_000])
async def test_every_form_of_streaming(kind: str, cut: int) -> None:
    request = streaming(kind)
    trailers = CHECKSUM if kind.endswith("TRAILER") else None
    body = chunks(request, CONTENT, trailers, sign=kind != UNSIGNED)
    found, checked = await taken(request, body, cut)
    assert found == b"".join(CONTENT)
    assert isinstance(checked.stream, Body)
    assert checked.stream.trailers == (trailers or {})
    whole = verify(replace(request, body=body), SECRET, now())
    assert (whole.body, whole.stream) == (b"".join(CONTENT), None)


async def refusal(request: Request, body: bytes) -> str:
    with pytest.raises(ServiceError) as streamed:
        await taken(request, body)
    with pytest.raises(ServiceError) as whole:
        verify(replace(request, body=body), SECRET, now())
    assert streamed.value.code == whole.value.code
    return whole.value.code


async def test_a_changed_byte_of_a_signed_chunk() -> None:
    request = streaming(SIGNED)
    body = chunks(request, CONTENT)
    body = body.replace(b"yyy", b"yxy", 1)
    assert await refusal(request, body) == "SignatureDoesNotMatch"
    with pytest.raises(ServiceError) as caught:
        verify(replace(request, body=body), SECRET, now())
    assert caught.value.details["StringToSign"].startswith("AWS4-HMAC-SHA256-PAYLOAD\n")
    assert caught.value.details["AWSAccessKeyId"] == KEY


async def test_chunks_in_another_order() -> None:
    request = streaming(SIGNED)
    body = chunks(request, CONTENT)
    first, second = (len(f"{len(c):x};chunk-signature=\r\n\r\n") + 64 + len(c) for c in CONTENT[:2])
    swapped = body[first : first + second] + body[:first] + body[first + second :]
    assert await refusal(request, swapped) == "SignatureDoesNotMatch"


async def test_a_changed_trailer() -> None:
    request = streaming(TRAILER)
    body = chunks(request, CONTENT, CHECKSUM)
    assert await refusal(request, body.replace(b"AAAAAA==", b"BBBBBB==")) == "SignatureDoesNotMatch"


@pytest.mark.parametrize("difference", [-1, 1])
async def test_another_length_than_announced(difference: int) -> None:
    request = streaming(UNSIGNED, sum(map(len, CONTENT)) + difference)
    assert await refusal(request, chunks(request, CONTENT, CHECKSUM, sign=False)) == "IncompleteBody"


async def test_a_body_that_ends_early() -> None:
    request = streaming(UNSIGNED)
    assert await refusal(request, chunks(request, CONTENT, CHECKSUM, sign=False)[:-60]) == "IncompleteBody"


def test_the_length_must_be_said() -> None:
    request = signed(payload=UNSIGNED, headers={"x-amz-trailer": "x-amz-checksum-crc32"})
    with pytest.raises(ServiceError, match="MissingContentLength"):
        verify(request, SECRET, now())
    wrong = signed(payload=UNSIGNED, headers={"x-amz-decoded-content-length": "many"})
    with pytest.raises(ServiceError, match="MissingContentLength"):
        verify(wrong, SECRET, now())


async def test_a_wrong_length_is_told() -> None:
    request = replace(streaming(UNSIGNED, 3), body=chunks(streaming(UNSIGNED), CONTENT, CHECKSUM, sign=False))
    with pytest.raises(ServiceError) as caught:
        verify(request, SECRET, now())
    assert caught.value.details["NumberBytesExpected"] == "3"


@pytest.mark.parametrize(
    ("announced", "trailers"),
    [(None, CHECKSUM), ("x-amz-checksum-crc32", None), ("x-amz-checksum-sha1", CHECKSUM)],
)
async def test_trailers_are_those_that_were_announced(announced: str | None, trailers: dict[str, str] | None) -> None:
    headers = {"x-amz-decoded-content-length": str(sum(map(len, CONTENT)))}
    if announced is not None:
        headers["x-amz-trailer"] = announced
    request = signed(headers=headers, payload=UNSIGNED)
    assert await refusal(request, chunks(request, CONTENT, trailers, sign=False)) == "MalformedTrailerError"


async def test_no_trailer_at_all() -> None:
    request = signed(headers={"x-amz-decoded-content-length": str(sum(map(len, CONTENT)))}, payload=UNSIGNED)
    assert (await taken(request, chunks(request, CONTENT, sign=False)))[0] == b"".join(CONTENT)


async def test_a_whole_body_by_its_hash() -> None:
    content = b"".join(CONTENT)
    request = signed(body=content)
    assert (await taken(replace(request, body=b""), content))[0] == content
    with pytest.raises(ServiceError, match="XAmzContentSHA256Mismatch"):
        await taken(replace(request, body=b""), content + b"!")


async def test_a_body_that_nobody_hashed() -> None:
    request = signed(payload="UNSIGNED-PAYLOAD")
    assert isinstance(request.headers, Headers)
    assert (await taken(request, b"anything"))[0] == b"anything"
