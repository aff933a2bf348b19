"""Reading a body: whole and bounded, or as a stream that a slow or gone peer ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from broker.receive import ClientGone, receive, stream
from broker.turns import Turns
from contracts.exchange import Headers, Request
from mocks.base import Refusal


def messages(*found: Any) -> Any:
    waiting = list(found)

    async def next_message() -> Any:
        return waiting.pop(0)

    return next_message


def part(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def collected(found: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in found]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([part(b"", False)], []),
        ([part(b"a", False)], [b"a"]),
        ([part(b"a"), part(b""), part(b"b"), part(b"", False)], [b"a", b"b"]),
        ([{"type": "http.request"}], []),
        ([{"type": "http.request", "body": b"a"}], [b"a"]),
    ],
)
async def test_a_stream_is_the_bodys_chunks(sent: Sequence[Any], expected: list[bytes]) -> None:
    assert await collected(stream(messages(*sent), 30, Turns())) == expected


async def test_a_connection_that_ends_early_is_a_client_that_has_gone() -> None:
    found = stream(messages(part(b"a"), {"type": "http.disconnect"}), 30, Turns())
    assert await anext(found) == b"a"
    with pytest.raises(ClientGone):
        await anext(found)


async def test_silence_ends_a_stream() -> None:
    async def silent() -> Any:
        await asyncio.sleep(3600)

    with pytest.raises(Refusal, match=r"0\.01 seconds") as refused:
        await collected(stream(silent, 0.01, Turns()))
    assert refused.value.reason == "body_timeout"


def request(*chunks: bytes, declared: str | None = None) -> Request:
    headers = Headers([("content-length", declared)] if declared is not None else [])
    return Request(
        method="POST",
        path="/",
        headers=headers,
        stream=stream(messages(*map(part, chunks), part(b"", False)), 30, Turns()),
    )


@pytest.mark.parametrize("chunks", [(), (b"abc",), (b"a", b"bc"), (b"x" * 10,)])
async def test_a_body_is_joined(chunks: tuple[bytes, ...]) -> None:
    sent = request(*chunks)
    await receive(sent, 10)
    assert sent.body == b"".join(chunks)
    assert sent.stream is None
    await receive(sent, 10)


async def test_what_is_declared_too_large_is_not_read() -> None:
    sent = request(b"x", declared=str((2 << 20) + 1))
    with pytest.raises(Refusal, match="2 MiB") as refused:
        await receive(sent, 2 << 20)
    assert refused.value.reason == "body_too_large"
    assert sent.stream is not None
    assert await anext(sent.stream) == b"x"


@pytest.mark.parametrize("declared", [None, "1", "10", "nonsense", "-1"])
async def test_what_is_too_large_in_fact_is_refused(declared: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        await receive(request(b"x" * 6, b"x" * 5, declared=declared), 10)
    assert refused.value.reason == "body_too_large"
