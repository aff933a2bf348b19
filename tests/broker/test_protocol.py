"""A real server's edge: heads that never end, and targets that name another host than the field Host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from broker import protocol
from broker.protocol import MAX_HEAD, BoundedHttp
from broker.tasks import Keeper

seen: list[tuple[str, bytes, int]] = []


async def app(scope: Any, receive: Any, send: Any) -> None:
    size = 0
    while (message := await receive())["type"] == "http.request":
        size += len(message["body"])
        if not message["more_body"]:
            break
    seen.append((scope["path"], dict(scope["headers"]).get(b"host", b""), size))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    seen.clear()
    config = uvicorn.Config(app, http=BoundedHttp, lifespan="off", port=0, log_config=None, ws="none")
    server = uvicorn.Server(config)
    keeper = Keeper()
    keeper.start(server.serve(), "server")
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag only
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()
        await keeper.stop()


async def exchange(port: int, *pieces: bytes) -> bytes:
    """What comes back until the server ends the conversation."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


HEAD = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
BODY = b"POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
PIECE = b"a" * 16 * 1024


@pytest.mark.parametrize(
    "pieces",
    [
        (HEAD + b"X-Long: ", *[PIECE] * 5),
        (HEAD, *[b"X-One: " + PIECE + b"\r\n"] * 5),
        (b"GET /" + PIECE, *[PIECE] * 5),
        (HEAD + b"X-Long: " + PIECE * 5 + b"\r\n\r\n",),
    ],
    ids=["one field", "many fields", "target", "at once"],
)
async def test_a_head_has_an_end(pieces: tuple[bytes, ...]) -> None:
    async with served() as port:
        answer = await exchange(port, *pieces)
        assert answer.startswith(b"HTTP/1.1 431 ") or answer == b""
        assert seen == []


@pytest.mark.parametrize("tail", [b"3;ext=", b"0\r\nX-Trailer: "], ids=["chunk extension", "trailer"])
async def test_what_surrounds_a_body_has_an_end(tail: bytes) -> None:
    async with served() as port:
        assert b"200 OK" not in await exchange(port, BODY + tail, *[PIECE] * 6)
        assert [size for _, _, size in seen if size > 3] == []


async def test_a_long_body_and_many_requests_are_no_head() -> None:
    length = 5 * len(PIECE)
    head = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length
    last = b"GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + b"a" * (MAX_HEAD - 1024) + b"\r\n\r\n"
    async with served() as port:
        answer = await exchange(port, head, *[PIECE] * 5, head + PIECE * 5, last)
        assert answer.count(b"200 OK") == 3
        assert [(path, size) for path, _, size in seen] == [("/a", length), ("/a", length), ("/b", 0)]


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (b"http://tiny.pr-1.localhost/v1?a=b", b"tiny.pr-1.localhost"),
        (b"http://tiny.pr-1.localhost:4600/v1", b"tiny.pr-1.localhost:4600"),
        (b"/v1", b"x"),
    ],
)
async def test_an_absolute_target_names_the_host(target: bytes, host: bytes) -> None:
    async with served() as port:
        answer = await exchange(port, HEAD.replace(b"/a", target, 1) + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert seen == [("/v1", host, 0)]


def test_the_bound_is_the_one_that_is_told() -> None:
    assert b"64 KiB" in protocol._TEXT


@pytest.mark.parametrize(
    "pieces", [(), (b"GET /",), (HEAD.replace(b"close", b"keep-alive") + b"\r\n", b"GET /slow")], ids=len
)
async def test_who_does_not_finish_a_head_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, pieces: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.05)
    async with served() as port:
        answer = await exchange(port, *pieces)
        assert answer.count(b"200 OK") == max(len(pieces) - 1, 0)


async def test_a_slow_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.02)
    head = b"POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 12\r\n\r\n"
    async with served() as port:
        assert b"200 OK" in await exchange(port, head, *[b"abc"] * 4)


async def test_who_waits_is_told_before_the_server_waits_for_the_answers() -> None:
    told = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await told.wait()
        await app(scope, receive, send)

    config = uvicorn.Config(slow, http=BoundedHttp, lifespan="off", port=0, log_config=None, ws="none")
    server, keeper = protocol.Server(config, told.set), Keeper()
    keeper.start(server.serve(), "server")
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag only
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    asked = keeper.start(exchange(port, b"GET /late HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"), "client")
    await asyncio.sleep(0.05)
    server.should_exit = True
    answer = await asked
    assert answer.startswith(b"HTTP/1.1 200"), "it is answered, and not cut off"
    await keeper.stop()
