"""Whole answers through a real server: the bytes, and what becomes of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from broker.answers import EXTENSION, RESET
from broker.protocol import BoundedHttp
from broker.tasks import Keeper

HEAD = b"x-one: 1\r\ncontent-length: 2\r\n"
failed: list[BaseException] = []


async def app(scope: Any, receive: Any, send: Any) -> None:
    assert EXTENSION in scope["extensions"]
    if scope["path"] == "/plain":
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
        return
    if scope["path"] == "/echo":
        body, longest = b"", 0
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            longest = max(longest, len(message["body"]))
            if not message["more_body"]:
                break
            # Whoever takes long gets more at once, up to what the server holds.
            await asyncio.sleep(0.001)
        assert longest <= 2 << 20
        await send({"type": EXTENSION, "status": 200, "head": b"content-length: %d\r\n" % len(body), "body": body})
        return
    if scope["path"] == "/reset":
        await send({"type": RESET})
        return
    await send({"type": EXTENSION, "status": 200, "head": HEAD, "body": b"ok"})
    if scope["path"] == "/twice":
        try:
            await send({"type": EXTENSION, "status": 200, "head": HEAD, "body": b"no"})
        except RuntimeError as error:
            failed.append(error)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    failed.clear()
    config = uvicorn.Config(app, http=BoundedHttp, lifespan="off", port=0, log_config=None, ws="none")
    server, keeper = uvicorn.Server(config), Keeper()
    keeper.start(server.serve(), "server")
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by this flag only
        await asyncio.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()
    await keeper.stop()


async def told(port: int, *requests: bytes) -> bytes:
    """What comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        await writer.drain()
    found = await reader.read()
    writer.close()
    return found


def get(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


async def test_a_whole_answer_has_the_servers_own_fields_too(port: int) -> None:
    found = await told(port, get("/", "Connection: close"))
    head, _, body = found.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\ndate: " in head
    assert head.endswith(b"x-one: 1\r\ncontent-length: 2\r\nconnection: close")
    assert body == b"ok"


@pytest.mark.parametrize("path", ["/", "/plain"])
async def test_the_connection_of_who_waits_with_the_body_is_closed(port: int, path: str) -> None:
    found = await told(port, get(path, "Expect: 100-continue", "Content-Length: 1"))
    assert b"100 Continue" not in found
    assert b"\r\nconnection: close\r\n" in found
    # Whoever does not wait has said everything.
    waiting = get(path, "Expect: 100-continue", "Content-Length: 1")
    found = await told(port, waiting + b"x", get(path, "Connection: close"))
    assert (found.count(b"HTTP/1.1 20"), found.count(b"connection: close")) == (2, 1)


async def test_the_connection_stays_and_plain_answers_follow_whole_ones(port: int) -> None:
    found = await told(port, get("/"), get("/plain"), get("/", "Connection: close"))
    assert [line for line in found.split(b"\r\n") if line.startswith((b"HTTP/1.1", b"ok"))] == [
        b"HTTP/1.1 200 OK",
        b"okHTTP/1.1 201 Created",
        b"okHTTP/1.1 200 OK",
        b"ok",
    ]


async def test_an_old_client_gets_its_answer_and_the_end(port: int) -> None:
    found = await told(port, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
    assert b"connection: close\r\n\r\nok" in found


async def test_two_answers_to_one_request_are_an_error(port: int) -> None:
    found = await told(port, get("/twice"), get("/", "Connection: close"))
    assert found.count(b"ok") == 2
    assert b"no" not in found.replace(b"x-one", b"")
    assert [str(error) for error in failed] == ["a whole answer, after an answer has begun"]


async def test_a_reset_connection_brings_nothing(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ConnectionResetError):
        await told(port, get("/reset"))
    assert caplog.records == []
    assert (await told(port, get("/whole", "Connection: close"))).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("path", [b"/plain", b"/whole"])
async def test_an_answer_before_the_body_is_asked_for_is_the_last(port: int, path: bytes) -> None:
    # The caller may send its body or leave it: only a new connection begins with a request for sure.
    request = b"PUT %s HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n"
    found = await told(port, request % (path, 5))
    assert found.count(b"HTTP/1.1 ") == 1
    assert b"connection: close\r\n" in found
    closing = b"GET /plain HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    assert (await told(port, request % (path, 0) + closing)).count(b"HTTP/1.1 ") == 2


@pytest.mark.parametrize("size", [0, 1, 100_000, 5 << 20])
async def test_a_body_comes_as_it_was_sent(port: int, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size
    assert (await told(port, head + body)).endswith(b"\r\n\r\n" + body)


async def test_a_body_of_many_tiny_chunks_comes_as_it_was_sent(port: int) -> None:
    body = b"abcdefghij" * 5000
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await told(port, head + chunks)).endswith(b"\r\n\r\n" + body)


async def test_whoever_waits_to_be_asked_for_his_body_is_asked(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    found = await told(port, head, b"abc")
    assert found.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert found.endswith(b"abc")
