"""ASGI <-> contracts.exchange: the data plane's bare application, without a framework in between.

Everything under ``/_broker/`` goes to the control application; the rest is the gateway's.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager

from broker.answers import EXTENSION, RESET
from broker.faults import Lost
from broker.gateway import Gateway
from broker.receive import ClientGone, Message, stream
from broker.turns import Turns
from contracts.exchange import Headers, Request, Response

log = logging.getLogger("broker.asgi")

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]

_BODILESS = frozenset({204, 304})
#: RFC 9110 section 5.5: control characters in a field's value become spaces; services echo what callers sent.
_FIELD = bytes(byte if byte in (9, *range(32, 127), *range(128, 256)) else 32 for byte in range(256))
#: The same for text: what is looked for first, line breaks being counted, and what replaces it.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = dict.fromkeys([byte for byte in (*range(32), 127) if byte != 9], " ")
#: What a browser runs scripts of, by words of its media type; without one it guesses.
_ACTIVE = re.compile(r"html|xml|svg", re.IGNORECASE)
#: An origin of its own, that reads nothing of ours: https://w3c.github.io/webappsec-csp/#directive-sandbox
_CONTAINED = (
    "content-security-policy",
    "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts allow-top-navigation",
)
_TEXT = [(b"content-type", b"text/plain; charset=utf-8")]


class Application:
    """The one ASGI application. ``lifespan`` is entered at start-up and left at shutdown. ``beside`` are applications
    at ``/e/ENVIRONMENT/LABEL``, by their labels."""

    def __init__(
        self,
        gateway: Gateway,
        control: AsgiApp,
        lifespan: Callable[[], AbstractAsyncContextManager[None]],
        *,
        silence_seconds: float,
        beside: Mapping[str, AsgiApp] | None = None,
    ) -> None:
        self._gateway = gateway
        self._control = control
        self._lifespan = lifespan
        self._silence = silence_seconds
        self._turns = Turns()
        self._beside = beside or {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            path: str = scope["path"]
            if path.startswith("/_broker") and self._is_control(scope, path):
                await self._control(scope, receive, send)
            elif self._beside and path.startswith("/e/") and (other := self._other(scope, path)) is not None:
                await other(scope, receive, send)
            else:
                await self._data(scope, receive, send)
        elif kind == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    def _is_control(self, scope: Message, path: str) -> bool:
        """Below a service's host name a path that looks like ours is a key of a bucket, for instance."""
        if path != "/_broker" and not path.startswith("/_broker/"):
            return False
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        return not self._gateway.is_service(host.decode("latin-1").lower())

    def _other(self, scope: Message, path: str) -> AsgiApp | None:
        """What answers at an environment's address beside its services; below a service's host name nothing does."""
        steps = path.split("/", 4)
        found = self._beside.get(steps[3]) if len(steps) > 3 else None
        if found is None:
            return None
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        return None if self._gateway.is_service(host.decode("latin-1").lower()) else found

    async def _data(self, scope: Message, receive: Receive, send: Send) -> None:
        request = self._request(scope, receive)
        if request is None:
            await _plain(send, 400, b"Bad request: exactly one Host header and a path that begins with / are needed.\n")
            return
        try:
            response = await self._gateway.answer(request)
        except ClientGone:
            return
        if "upgrade-insecure-requests" in request.headers:
            self._contain(request, response)
        if isinstance(response, Lost):
            if EXTENSION not in scope.get("extensions", ()):
                raise ConnectionResetError("the policy resets this connection")
            await send({"type": RESET})
            return
        await _send(send, receive, request.method, response, whole=EXTENSION in scope.get("extensions", ()))

    def _contain(self, request: Request, response: Response) -> None:
        """A browser is about to show the answer as a page, of the origin that the dashboard has, too: what an
        environment stored must not read it. Below a service's host name it has an origin of its own, and pages of ours
        have their policy."""
        active = _ACTIVE.search(response.header("content-type") or "html")
        strict = "default-src 'none'" in (response.header(_CONTAINED[0]) or "")
        if active and not strict and not self._gateway.is_service(request.host):
            response.headers = [*response.headers, _CONTAINED]

    def _request(self, scope: Message, receive: Receive) -> Request | None:
        """The request, or None when it names no host or two, or a target that is no path."""
        headers = Headers(raw=scope["headers"])
        if headers.repeat() and len(headers.all("host")) > 1:
            return None
        if "host" not in headers and scope["http_version"] != "1.0":
            return None  # RFC 9112 section 3.2
        length = headers.get("content-length")
        has_body = (length is not None and length != "0") or "transfer-encoding" in headers
        raw_path: bytes = scope["raw_path"]
        if not raw_path.startswith(b"/"):
            return None
        path = raw_path.decode("latin-1")
        return Request(
            method=scope["method"],
            path=path,
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            stream=stream(receive, self._silence, self._turns) if has_body else None,
            sent_path=path,
            host=(headers.get("host") or "").lower(),
            scheme=scope["scheme"],
            client=scope["client"][0] if scope.get("client") else "",
        )

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        phase = "startup"
        try:
            async with self._lifespan():
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except Exception as failed:
            log.exception("the server's %s failed", phase)
            await send({"type": f"lifespan.{phase}.failed", "message": str(failed)})
            return
        await send({"type": "lifespan.shutdown.complete"})


async def _send(send: Send, receive: Receive, method: str, response: Response, *, whole: bool = False) -> None:
    bodiless = method == "HEAD" or response.status in _BODILESS
    if whole and response.stream is None:
        body = b"" if bodiless else response.body
        await send({"type": EXTENSION, "status": response.status, "head": _head(response), "body": body})
        return
    headers = [
        (name.encode("latin-1"), value.encode("latin-1", "replace").translate(_FIELD))
        for name, value in response.headers
    ]
    if response.stream is None:
        if response.header("content-length") is None and response.status not in _BODILESS:
            headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if bodiless else response.body})
        return
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await _send_stream(send, receive, response.stream, bodiless=bodiless)


def _head(response: Response) -> bytes:
    """The header fields as bytes, each ended by CRLF."""
    lines = list(map(": ".join, response.headers))
    if response.status not in _BODILESS and response.header("content-length") is None:
        lines.append(f"content-length: {len(response.body)}")
    text = "\r\n".join(lines)
    if _CONTROLS.search(text) or text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        text = "\r\n".join([line.translate(_SPACES) for line in lines])
    return text.encode("latin-1", "replace") + b"\r\n"


async def _send_stream(send: Send, receive: Receive, stream: AsyncIterator[bytes], *, bodiless: bool) -> None:
    """The chunks, as long as somebody takes them: a server swallows what is sent to a caller who has gone."""
    gone = asyncio.ensure_future(_gone(receive))  # noqa: TID251 - cancelled below, in every case
    try:
        if not bodiless:
            async for chunk in stream:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        # What the stream holds open is closed now, also when the caller has gone.
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _plain(send: Send, status: int, text: bytes) -> None:
    headers = [*_TEXT, (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
