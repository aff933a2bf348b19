"""Requests and answers at the server's edge: called as ASGI says, and through a real socket where bytes matter."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import orjson
import pytest
import uvicorn

from broker import asgi
from broker.answers import EXTENSION, RESET
from broker.asgi import Application
from broker.faults import Lost
from broker.protocol import BoundedHttp
from broker.receive import ClientGone
from broker.tasks import Keeper
from contracts.exchange import Request, Response
from mocks.base import Refusal
from tests.broker.tiny import Gate


class Echo:
    """A gateway that answers what it is given, and remembers what it was asked."""

    def __init__(self, answer: Callable[[Request], Response] | None = None) -> None:
        self.requests: list[Request] = []
        self._answer = answer or (lambda request: Response(200, [("x-path", request.path)], b"ok"))

    async def answer(self, request: Request) -> Response:
        self.requests.append(request)
        return self._answer(request)

    def is_service(self, host: str) -> bool:
        return "tiny.pr-1." in host


async def control(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"control"})


def application(gateway: Any, lifespan: Any = nullcontext) -> Application:
    return Application(gateway, control, lifespan, silence_seconds=30)


def scope(method: str = "GET", path: str = "/", headers: Any = (("host", "x"),), **changes: Any) -> dict[str, Any]:
    target, _, query = path.partition("?")
    return {
        "type": "http",
        "method": method,
        "path": target,
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "http_version": "1.1",
        "scheme": "http",
        **changes,
    }


async def ask(gateway: Any, asked: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    waiting = list(messages)

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await application(gateway)(asked, receive, send)
    return sent


def headers_of(sent: list[dict[str, Any]]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


async def test_a_request_is_handed_on_as_it_was_sent() -> None:
    echo = Echo()
    pairs = (("host", "Tiny.PR-1.localhost:4600"), ("x-a", "1"), ("x-a", "2"), ("content-length", "3"))
    await ask(echo, scope("POST", "/v1/%C3%A4?a=%20b", pairs), {"type": "http.request", "body": b"abc"})
    (request,) = echo.requests
    assert (request.method, request.path, request.sent_path, request.query) == (
        "POST",
        "/v1/%C3%A4",
        "/v1/%C3%A4",
        "a=%20b",
    )
    assert (request.host, request.scheme) == ("tiny.pr-1.localhost:4600", "http")
    assert request.headers.all("x-a") == ["1", "2"]
    assert request.headers.get("host") == "Tiny.PR-1.localhost:4600"
    assert request.stream is not None
    assert [chunk async for chunk in request.stream] == [b"abc"]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], False),
        ([("content-length", "0")], False),
        ([("content-length", "1")], True),
        ([("transfer-encoding", "chunked")], True),
    ],
)
async def test_only_a_request_with_a_body_has_a_stream(pairs: Any, expected: bool) -> None:
    echo = Echo()
    await ask(echo, scope(headers=[("host", "x"), *pairs]))
    assert (echo.requests[0].stream is not None) is expected


@pytest.mark.parametrize(
    "wrong",
    [
        scope(headers=[("host", "a"), ("host", "b")]),
        scope(headers=[("host", "a"), ("host", "a")]),
        scope(headers=[]),
        scope("OPTIONS", "*"),
        scope("CONNECT", "x:1"),
        scope(path=""),
    ],
    ids=["two hosts", "twice the same", "no host", "asterisk", "authority", "empty"],
)
async def test_a_request_that_is_none_is_refused_unread(wrong: dict[str, Any]) -> None:
    echo = Echo()
    sent = await ask(echo, wrong)
    assert sent[0]["status"] == 400
    assert echo.requests == []
    assert headers_of(sent)[b"content-length"] == str(len(sent[1]["body"])).encode()


@pytest.mark.parametrize(("client", "expected"), [(("127.0.0.1", 4711), "127.0.0.1"), (None, "")])
async def test_who_asks_is_known_by_address(client: Any, expected: str) -> None:
    echo = Echo()
    await ask(echo, scope(client=client))
    assert echo.requests[0].client == expected


async def test_http_1_0_needs_no_host() -> None:
    echo = Echo()
    assert (await ask(echo, scope(headers=[], http_version="1.0")))[0]["status"] == 200
    assert echo.requests[0].host == ""


@pytest.mark.parametrize("path", ["/_broker", "/_broker/", "/_broker/v1/environments"])
async def test_what_is_the_brokers_own_goes_to_the_control_application(path: str) -> None:
    echo = Echo()
    assert (await ask(echo, scope(path=path)))[0]["status"] == 299
    assert echo.requests == []


@pytest.mark.parametrize(
    ("method", "response", "length", "body"),
    [
        ("GET", Response(200, [], b"abc"), b"3", b"abc"),
        ("GET", Response(200, [("content-length", "3")], b"abc"), b"3", b"abc"),
        ("GET", Response(200), b"0", b""),
        ("HEAD", Response(200, [], b"abc"), b"3", b""),
        ("HEAD", Response(200, [("content-length", "700")]), b"700", b""),
        ("DELETE", Response(204), None, b""),
        ("GET", Response(304, [("etag", '"a"')]), None, b""),
        ("GET", Response(204, [], b"must not be sent"), None, b""),
    ],
)
async def test_whole_answers(method: str, response: Response, length: bytes | None, body: bytes) -> None:
    sent = await ask(Echo(lambda _: response), scope(method))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (sent[0]["status"], sent[1]["body"]) == (response.status, body)
    assert headers_of(sent).get(b"content-length") == length
    assert len([name for name, _ in sent[0]["headers"] if name == b"content-length"]) == (length is not None)


class Chunks:
    """A stream that knows whether it was begun and closed."""

    def __init__(self, *chunks: bytes) -> None:
        self.begun = self.closed = False
        self.stream = self._run(chunks)

    async def _run(self, chunks: tuple[bytes, ...]) -> AsyncIterator[bytes]:
        self.begun = True
        try:
            for chunk in chunks:
                yield chunk
        finally:
            self.closed = True


async def test_a_stream_is_sent_chunk_by_chunk() -> None:
    chunks = Chunks(b"a", b"bc")
    sent = await ask(Echo(lambda _: Response(200, [("content-length", "3")], stream=chunks.stream)), scope())
    assert [(message.get("body"), message.get("more_body", False)) for message in sent[1:]] == [
        (b"a", True),
        (b"bc", True),
        (b"", False),
    ]
    assert chunks.closed


async def test_head_begins_no_stream() -> None:
    chunks = Chunks(b"a")
    sent = await ask(Echo(lambda _: Response(200, [("content-length", "1")], stream=chunks.stream)), scope("HEAD"))
    assert (sent[1]["body"], headers_of(sent)[b"content-length"], chunks.begun) == (b"", b"1", False)
    with pytest.raises(StopAsyncIteration):
        await anext(chunks.stream)


async def test_a_stream_is_closed_when_sending_fails() -> None:
    chunks = Chunks(b"a", b"b", b"c")
    echo = Echo(lambda _: Response(200, stream=chunks.stream))

    async def send(message: Any) -> None:
        if message.get("body") == b"b":
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await application(echo)(scope(), None, send)  # type: ignore[arg-type]  # nothing is received
    assert chunks.closed


async def test_a_field_cannot_carry_another_line() -> None:
    response = Response(200, [("x-note", "a\r\nset-cookie: b\x00\x7f\tä\u20ac")])
    sent = await ask(Echo(lambda _: response), scope())
    assert headers_of(sent)[b"x-note"] == b"a  set-cookie: b  \t\xe4?"


async def test_a_caller_who_has_gone_gets_nothing() -> None:
    def gone(request: Request) -> Response:
        raise ClientGone

    assert await ask(Echo(gone), scope()) == []


async def test_websockets_are_closed() -> None:
    assert (await ask(Echo(), {"type": "websocket"}))[0]["type"] == "websocket.close"


async def live(lifespan: Callable[[], AbstractAsyncContextManager[None]]) -> list[str]:
    sent: list[str] = []

    async def receive() -> Any:
        return {"type": "lifespan.any"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await application(Echo(), lifespan)({"type": "lifespan"}, receive, send)
    return sent


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("", ["lifespan.startup.complete", "lifespan.shutdown.complete"]),
        ("start", ["lifespan.startup.failed"]),
        ("stop", ["lifespan.startup.complete", "lifespan.shutdown.failed"]),
    ],
)
async def test_a_failure_is_told_in_the_phase_that_it_happened_in(fails: str, expected: list[str]) -> None:
    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        if fails == "start":
            raise OSError("no")
        yield
        if fails == "stop":
            raise OSError("no")

    assert await live(lifespan) == expected


# -- over a real socket --------------------------------------------------------------------------------


@pytest.fixture(params=["httptools", BoundedHttp], ids=["plain", "whole"])
async def port(gate: Gate, request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """The gate behind the server that we ship."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = Application(gate.gateway, control, nullcontext, silence_seconds=30)  # type: ignore[arg-type]  # nothing to enter
    config = uvicorn.Config(app, http=request.param, ws="none", lifespan="off", log_config=None, server_header=False)
    server, keeper = uvicorn.Server(config), Keeper()
    running = keeper.start(server.serve(sockets=[listening]), "server")
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.005)
    yield listening.getsockname()[1]
    server.should_exit = True
    await running
    listening.close()


async def raw(port: int, sent: bytes, *, end: bool = False) -> bytes:
    """Everything that the server answers until it closes, or for one whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    if end:
        writer.write_eof()
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length.group(1))) if length and b"HEAD" not in sent[:4] else b""
    except asyncio.IncompleteReadError as early:
        return early.partial
    finally:
        writer.close()
        await writer.wait_closed()
    return head + body


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


async def test_requests_over_a_socket(gate: Gate, port: int) -> None:
    home = await gate.open("pr-1")
    key = (await gate.key(home)).encode()
    body = b'{"name":"one"}'
    head = b"POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + b"\r\n"
    made = await raw(port, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert status(made) == 200
    chunked = b"".join(b"%x\r\n%s\r\n" % (1, body[at : at + 1]) for at in range(len(body))) + b"0\r\n\r\n"
    assert status(await raw(port, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked)) == 200
    listed = await raw(port, b"GET /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + b"\r\n\r\n")
    data = orjson.loads(listed.partition(b"\r\n\r\n")[2])["data"]
    assert [thing["name"] for thing in data] == ["one", "one"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET nothing HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"POST /v1/things HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /v1/things HTTP/1.1\r\nHost: a\r\n\r\n", 401),
        (b"GET http://other.example/v1/things HTTP/1.1\r\nHost: a\r\n\r\n", 401),
        (b"GET http://tiny.pr-1.localhost/v1/things HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 401),
        (b"GET /_broker/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 299),
        (b"GET //_broker/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 401),
    ],
    ids=lambda value: value[:40].decode() if isinstance(value, bytes) else str(value),
)
async def test_odd_requests_get_a_clear_answer(gate: Gate, port: int, sent: bytes, expected: int) -> None:
    await gate.open("pr-1")
    unread = b"transfer-encoding" in sent.lower()
    answer = await raw(port, sent)
    # A body that breaks off its own encoding is refused before or while it is read.
    assert status(answer) == expected or (unread and status(answer) in (400, 401))


async def test_a_caller_who_hangs_up_in_the_middle_leaves_nothing(gate: Gate, port: int) -> None:
    home = await gate.open("pr-1")
    key = (await gate.key(home)).encode()
    head = (
        b"PUT /v1/files/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + b"\r\nContent-Length: 1000000\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"x" * 200_000)
    await writer.drain()
    store = await gate.storage.open(home)
    while not store.users:  # noqa: ASYNC110 - until the call has begun
        await asyncio.sleep(0.005)
    writer.close()
    await writer.wait_closed()
    while store.users:  # noqa: ASYNC110 - until it has ended
        await asyncio.sleep(0.005)
    found = await store.inventory()
    assert (found["records"], found["blobs"]["count"]) == ({}, 0)


def test_a_timeout_is_a_refusal_with_its_own_status() -> None:
    assert Refusal("body_timeout", "x").status == 408


async def test_a_stream_ends_when_its_caller_has_gone() -> None:
    """The server swallows what is sent to nobody, so the stream itself has to look."""
    given = 0
    closed = False

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given, closed
        try:
            while True:
                given += 1
                yield b"x"
        finally:
            closed = True

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    await asgi._send(send, receive, "GET", Response(200, [("content-length", "1000000")], stream=endless()))
    assert closed
    assert given < 20


@pytest.mark.parametrize("path", ["/_broker", "/_broker/v1/environments"])
async def test_below_a_services_host_no_path_is_the_brokers_own(path: str) -> None:
    echo = Echo()
    await ask(echo, scope(path=path, headers=(("host", "a.Tiny.pr-1.localhost"),)))
    assert [request.path for request in echo.requests] == [path]


async def test_what_only_begins_like_the_brokers_own_is_not() -> None:
    echo = Echo()
    await ask(echo, scope(path="/_brokered"))
    assert [request.path for request in echo.requests] == ["/_brokered"]


async def test_a_lost_answer_resets_the_connection() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    app = application(Echo(lambda request: Lost(503)))
    with pytest.raises(ConnectionResetError):
        await app(scope(), receive, send)
    await app({**scope(), "extensions": {EXTENSION: {}}}, receive, send)
    assert sent == [{"type": RESET}]


@pytest.mark.parametrize(
    ("media", "host", "contained"),
    [
        ("text/html; charset=utf-8", "x", True),
        ("image/svg+xml", "x", True),
        (None, "x", True),
        ("application/pdf", "x", False),
        ("text/html", "tiny.pr-1.localhost", False),
    ],
)
async def test_a_page_of_an_environment_has_an_origin_of_its_own(media: str | None, host: str, contained: bool) -> None:
    def answer(request: Request) -> Response:
        return Response(200, [] if media is None else [("content-type", media)], b"<script>")

    for navigates in (True, False):
        fields = [("host", host), *([("upgrade-insecure-requests", "1")] if navigates else [])]
        found = headers_of(await ask(Echo(answer), scope(headers=fields)))
        assert (b"content-security-policy" in found) is (contained and navigates)


async def test_a_page_with_a_policy_keeps_it() -> None:
    own = [("content-type", "text/html"), ("content-security-policy", "default-src 'none'")]
    fields = [("host", "x"), ("upgrade-insecure-requests", "1")]
    found = headers_of(await ask(Echo(lambda request: Response(200, list(own), b"")), scope(headers=fields)))
    assert found[b"content-security-policy"] == b"default-src 'none'"
    weak = [("content-type", "text/html"), ("content-security-policy", "frame-ancestors 'none'")]
    sent = await ask(Echo(lambda request: Response(200, list(weak), b"")), scope(headers=fields))
    assert len([value for name, value in sent[0]["headers"] if name == b"content-security-policy"]) == 2
