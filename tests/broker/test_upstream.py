"""The outgoing client against real sockets on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from broker.settings import Settings
from broker.upstream import Allowance, ForbiddenTarget, Timeouts, Unanswered, Upstream
from contracts.exchange import Headers, Request, Response
from tests.broker.targets import site

HELLO = Request(
    method="POST",
    path="/",
    headers=Headers([("content-type", "text/plain"), ("x-one", "1"), ("host", "forged"), ("connection", "upgrade")]),
    body=b"hello",
)


@pytest.fixture
async def upstream(tmp_path: Path) -> AsyncIterator[Upstream]:
    client = Upstream(Settings(data=tmp_path))
    yield client
    await client.close()


async def test_a_request_leaves_as_it_is(upstream: Upstream) -> None:
    async with site() as target:
        answer = await upstream.send(HELLO, target.url("/a%2Fb?q=%20x"))
        heard = target.heard[0]
    assert answer.status == 200
    assert heard.path == "/a%2Fb?q=%20x"
    assert heard.body == b"hello"
    assert heard.headers["x-one"] == "1"
    assert heard.headers["Host"] == f"127.0.0.1:{target.port}"
    assert "User-Agent" not in heard.headers
    assert "Accept-Encoding" not in heard.headers


async def test_a_stream_is_sent(upstream: Upstream) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a" * 10
        yield b"b" * 10

    async with site() as target:
        await upstream.send(Request(method="PUT", path="/", stream=chunks()), target.url())
    assert target.heard[0].body == b"a" * 10 + b"b" * 10


async def test_redirects_are_answered_and_not_followed(upstream: Upstream) -> None:
    async def answer(request: web.Request, number: int) -> web.Response:
        return web.Response(status=307, headers={"Location": "http://169.254.169.254/latest/meta-data/"})

    async with site(answer) as target:
        found = await upstream.send(HELLO, target.url())
    assert found.status == 307
    assert len(target.heard) == 1


async def test_a_large_answer_is_cut_and_not_decoded(upstream: Upstream) -> None:
    async def answer(request: web.Request, number: int) -> web.Response:
        return web.Response(body=b"x" * 300_000, headers={"Content-Encoding": "gzip"})

    async with site(answer) as target:
        found = await upstream.send(HELLO, target.url(), max_body=1000)
    assert found.body == b"x" * 1000
    assert found.header("content-encoding") == "gzip"


async def test_names_are_resolved_and_checked(upstream: Upstream) -> None:
    async with site() as target:
        assert (await upstream.send(HELLO, f"http://localhost:{target.port}/")).status == 200
        with pytest.raises(ForbiddenTarget, match=r"localhost \(.*loopback"):
            await upstream.send(HELLO, f"http://localhost:{target.port}/", allow=Allowance(private=False))
    assert len(target.heard) == 1


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://2852039166/"])
async def test_metadata_addresses_are_refused_even_where_private_ones_are_not(upstream: Upstream, url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        await upstream.send(HELLO, url)


def _resolving_to(*addresses: str) -> Any:
    async def getaddrinfo(host: str, port: int, **_: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


async def test_one_forbidden_address_refuses_the_name(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    async with site() as target:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", _resolving_to("127.0.0.1", "169.254.169.254"))
        with pytest.raises(ForbiddenTarget, match=r"two.example \(169.254.169.254\)"):
            await upstream.send(HELLO, f"http://two.example:{target.port}/")
    assert target.heard == []


async def test_the_connection_goes_to_the_address_that_was_checked(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        # The second answer would be the rebinding.
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    async with site() as target:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        assert (await upstream.send(HELLO, f"http://rebind.example:{target.port}/")).status == 200
    assert asked == ["rebind.example"]
    assert target.heard[0].headers["Host"] == f"rebind.example:{target.port}"


async def test_our_own_control_api_is_refused(tmp_path: Path) -> None:
    async with site() as target:
        client = Upstream(Settings(data=tmp_path, port=target.port))
        with pytest.raises(ForbiddenTarget, match="control API"):
            await client.send(HELLO, target.url("/_broker/v1/environments"))
        await client.close()
    assert target.heard == []


async def test_nobody_listens(upstream: Upstream) -> None:
    async with site() as target:
        url = target.url()
    with pytest.raises(Unanswered) as refused:
        await upstream.send(HELLO, url)
    assert refused.value.kind == "connect"


async def test_a_name_that_does_not_exist(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(host: str, port: int, **_: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(Unanswered, match="not known") as refused:
        await upstream.send(HELLO, "http://nowhere.example/")
    assert refused.value.kind == "connect"


async def test_silence_ends(upstream: Upstream) -> None:
    async def answer(request: web.Request, number: int) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with site(answer) as target:
        with pytest.raises(Unanswered) as refused:
            await upstream.send(HELLO, target.url(), timeouts=Timeouts(connect=1, total=0.1))
    assert refused.value.kind == "timeout"


async def test_what_is_no_http(upstream: Upstream) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unanswered) as refused:
            await upstream.send(HELLO, f"http://127.0.0.1:{port}/")
    assert refused.value.kind == "broken"


async def test_a_line_break_in_a_header_is_not_sent(upstream: Upstream) -> None:
    request = Request(method="POST", path="/", headers=Headers([("x-one", "1\r\nx-two: 2")]), body=b"")
    async with site() as target:
        with pytest.raises(Unanswered):
            await upstream.send(request, target.url())
    assert target.heard == []


async def test_connections_are_used_again(upstream: Upstream) -> None:
    seen: set[Any] = set()

    async def answer(request: web.Request, number: int) -> web.Response:
        assert request.transport is not None
        seen.add(request.transport.get_extra_info("peername"))
        return web.Response()

    async with site(answer) as target:
        for _ in range(5):
            await upstream.send(HELLO, target.url())
    assert len(seen) == 1


def test_nothing_is_imported_until_it_is_needed(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from broker.settings import Settings; from broker.upstream import Upstream\n"
        "Upstream(Settings()); print([m for m in ('aiohttp', 'yarl', 'dbos') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# An answer that is opened: its head first


WAITS = Timeouts(connect=1, total=0.3)


async def opened(upstream: Upstream, request: Request, url: str, **options: Any) -> Response:
    parts = urlsplit(url)
    aimed = replace(request, path=parts.path, query=parts.query)
    return await upstream.open(aimed, upstream.aim(f"{parts.scheme}://{parts.netloc}"), **options)


async def body(response: Response) -> bytes:
    assert response.stream is not None
    return b"".join([piece async for piece in response.stream])


async def test_a_short_answer_is_whole_and_a_long_one_a_stream(upstream: Upstream) -> None:
    async def answer(request: web.Request, number: int) -> web.Response:
        return web.Response(body=b"x" * int(request.query["size"]), headers={"Connection": "close", "X-One": "1"})

    async with site(answer) as target:
        short = await opened(upstream, HELLO, target.url("/?size=100"), timeouts=WAITS, whole=100)
        long = await opened(upstream, HELLO, target.url("/?size=300000"), timeouts=WAITS, whole=100)
        assert (short.body, short.stream, short.header("x-one")) == (b"x" * 100, None, "1")
        assert short.header("connection") is None
        assert long.header("content-length") == "300000"
        assert await body(long) == b"x" * 300_000


async def test_an_answer_of_unknown_length_is_whole_while_it_is_short(upstream: Upstream) -> None:
    async def answer(request: web.Request, number: int) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(int(request.query["chunks"])):
            await response.write(b"y" * 1000)
        return response

    async with site(answer) as target:
        short = await opened(upstream, HELLO, target.url("/?chunks=2"), timeouts=WAITS, whole=5000)
        long = await opened(upstream, HELLO, target.url("/?chunks=50"), timeouts=WAITS, whole=5000)
        assert (short.body, short.stream) == (b"y" * 2000, None)
        assert short.header("transfer-encoding") is None
        assert await body(long) == b"y" * 50_000


async def test_a_long_answer_may_take_its_time_as_long_as_it_moves(upstream: Upstream) -> None:
    ended = asyncio.Event()

    async def answer(request: web.Request, number: int) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "6000"})
        await response.prepare(request)
        for _ in range(5):
            await response.write(b"y" * 1000)
            await asyncio.sleep(0.04)
        if request.query["silent"] == "yes":
            await ended.wait()
        await response.write(b"y" * 1000)
        return response

    waits = Timeouts(connect=1, total=0.15)
    async with site(answer) as target:
        slow = await opened(upstream, HELLO, target.url("/?silent=no"), timeouts=waits, whole=100)
        assert await body(slow) == b"y" * 6000
        silent = await opened(upstream, HELLO, target.url("/?silent=yes"), timeouts=waits, whole=100)
        with pytest.raises(TimeoutError):
            await body(silent)
        ended.set()


async def test_a_short_answer_has_to_come_in_time_however_it_drips(upstream: Upstream) -> None:
    async def answer(request: web.Request, number: int) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"} if request.query["length"] else None)
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"y")
            await asyncio.sleep(0.01)
        return response

    async with site(answer) as target:
        for length in ("known", ""):
            url = target.url(f"/?length={length}")
            with pytest.raises(Unanswered) as late:
                await opened(upstream, HELLO, url, timeouts=Timeouts(connect=1, total=0.1), whole=1000)
            assert late.value.kind == "timeout"


async def test_a_head_has_the_length_of_what_it_stands_for(upstream: Upstream) -> None:
    async def answer(request: web.Request, number: int) -> web.Response:
        return web.Response(body=b"x" * 300_000)

    async with site(answer) as target:
        found = await opened(upstream, Request(method="HEAD", path="/"), target.url(), timeouts=WAITS, whole=100)
    assert (found.body, found.stream) == (b"", None)
    assert found.header("content-length") == "300000"


async def test_a_stream_that_declares_its_length_is_sent_with_it(upstream: Upstream) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a" * 10

    request = Request(method="PUT", path="/", headers=Headers([("content-length", "10")]), stream=chunks())
    async with site() as target:
        await opened(upstream, request, target.url(), timeouts=WAITS, whole=100)
    assert target.heard[0].headers["Content-Length"] == "10"
    assert "Transfer-Encoding" not in target.heard[0].headers


async def test_whether_something_was_sent_is_told(upstream: Upstream) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unanswered) as refused:
        await opened(upstream, HELLO, f"http://127.0.0.1:{port}/", timeouts=WAITS, whole=100)
    assert refused.value.kind == "connect"

    async def silent(request: web.Request, number: int) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with site(silent) as target:
        with pytest.raises(Unanswered) as late:
            await opened(upstream, HELLO, target.url(), timeouts=WAITS, whole=100)
    assert late.value.kind == "timeout"

    async def rude(request: web.Request, number: int) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with site(rude) as target:
        with pytest.raises(Unanswered) as broken:
            await opened(upstream, HELLO, target.url(), timeouts=WAITS, whole=100)
    assert broken.value.kind == "broken"


@pytest.mark.parametrize(
    ("path", "query"),
    [("/a b", ""), ("/a\r\nHost: evil", ""), ("//\\evil", ""), ("/ä", ""), ("a", ""), ("", ""), ("/", "x=<>")],
)
async def test_a_target_that_could_be_read_in_two_ways_is_not_sent(upstream: Upstream, path: str, query: str) -> None:
    async with site() as target:
        aim = upstream.aim(target.url(""))
        with pytest.raises(ForbiddenTarget, match="percent-encoded"):
            await upstream.open(replace(HELLO, path=path, query=query), aim, timeouts=WAITS, whole=100)
    assert target.heard == []


def test_an_origin_has_no_path(upstream: Upstream) -> None:
    with pytest.raises(ForbiddenTarget, match="has a path"):
        upstream.aim("http://127.0.0.1:1/v1")
    with pytest.raises(ForbiddenTarget, match="metadata"):
        upstream.aim("http://169.254.169.254")
