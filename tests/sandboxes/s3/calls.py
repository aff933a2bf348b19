"""Calls as the broker hands them to the driver, and ways to an account: a script, or a real server."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Account, Marker, Outgoing, Secret
from sandboxes.s3.provider import PROVIDER

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
KEY, SECRET = "AKIAREALREALREALREAL", "realrealrealrealrealrealrealrealrealreal"
MARKER = Marker("k3x9qa", "pr-142-8f3kd02ma1")
OTHER = Marker("k3x9qa", "pr-7-zzzzzzzzz1")
LABEL = MARKER.label
ACCOUNT = Account("main", PROVIDER.endpoint, Secret(KEY, SECRET))

Pairs = Sequence[tuple[str, str]]


class Body:
    """A stream with trailers, as the gateway gives one: complete at its end."""

    def __init__(self, pieces: Iterable[bytes], trailers: Mapping[str, str] | None = None) -> None:
        self._pieces = iter(pieces)
        self._late = dict(trailers or {})
        self.trailers: dict[str, str] = {}

    def __aiter__(self) -> Body:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        self.trailers.update(self._late)
        raise StopAsyncIteration


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def joined(stream: AsyncIterator[bytes] | None) -> bytes:
    assert stream is not None
    return b"".join([piece async for piece in stream])


def call(
    method: str,
    path: str,
    query: str = "",
    headers: Pairs = (),
    body: bytes = b"",
    stream: Any = None,
    unmapped: frozenset[str] = frozenset(),
) -> Outgoing:
    """A call that the contract has read, with a virtual signature on it and the name of its exchange."""
    sent = [
        ("authorization", "AWS4-HMAC-SHA256 Credential=AKIAVIRTUAL/x, SignedHeaders=host, Signature=0"),
        ("x-amz-date", "20261127T115900Z"),
        ("x-amz-security-token", "virtual"),
        ("broker-exchange", "exch1"),
    ]
    request = Request(
        method=method,
        path=path,
        query=query,
        headers=Headers([*sent, *headers]),
        body=body,
        stream=stream,
        host="gateway.example:4600",
        sent_path=f"/e/pr-142/s3{path}",
    )
    contract = PROVIDER.contract()
    match = contract.match(request)
    assert match is not None, f"{method} {path} is no operation"
    rule = PROVIDER.rules[match.operation.id]
    return Outgoing(match.operation, rule, contract.read(match, request), request, unmapped)


def sent(outgoing: Outgoing, account: Account = ACCOUNT, marker: Marker = MARKER) -> Request:
    """As it leaves for the account."""
    return PROVIDER.outbound(outgoing, account, marker, NOW)


def reply(body: str | bytes = b"", status: int = 200, headers: Pairs = ()) -> Response:
    """An answer of S3's."""
    content = body.encode() if isinstance(body, str) else body
    fields = [("content-type", "application/xml"), ("content-length", str(len(content))), *headers]
    return Response(status, fields, content)


def failure(code: str, message: str = "no", status: int = 400, **more: str) -> Response:
    """An error of S3's."""
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return reply(f"<Error><Code>{code}</Code><Message>{message}</Message>{inside}</Error>", status)


class Script:
    """Answers what the driver asks by a function, and keeps what was asked."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        return self._answer(request)


class Way:
    """To a real server, as the broker goes it: signs for drivers, and maps for calls."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.asked = 0

    async def __call__(self, request: Request) -> Response:
        """For drivers."""
        return await self._send(PROVIDER.sign(request, self.account, NOW))

    async def pass_on(self, outgoing: Outgoing, marker: Marker = MARKER) -> Response:
        """For an application's call: there and back."""
        response = await self._send(PROVIDER.outbound(outgoing, self.account, marker, NOW))
        return PROVIDER.inbound(outgoing, response, marker)

    async def raw(self, outgoing: Outgoing, marker: Marker = MARKER) -> Response:
        """There only."""
        return await self._send(PROVIDER.outbound(outgoing, self.account, marker, NOW))

    async def _send(self, request: Request) -> Response:
        self.asked += 1
        body = request.body if request.stream is None else await joined(request.stream)
        if request.stream is not None:
            assert request.headers.get("content-length") == str(len(body))
        return await asyncio.to_thread(self._exchange, request, body)

    def _exchange(self, request: Request, body: bytes) -> Response:
        host = request.host or urlsplit(self.account.endpoint).netloc
        connection = http.client.HTTPConnection(host, timeout=30)
        try:
            connection.putrequest(
                request.method,
                request.path + (f"?{request.query}" if request.query else ""),
                skip_host=True,
                skip_accept_encoding=True,
            )
            for name, value in request.headers:
                connection.putheader(name, value.encode("latin-1"))
            if body and "content-length" not in request.headers:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            headers = [(name.lower(), value) for name, value in answer.getheaders()]
            return Response(answer.status, headers, answer.read())
        finally:
            connection.close()
