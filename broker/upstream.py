"""The one outgoing HTTP client: who may be called, at which address, for how long.

Every address is checked before a byte leaves, and the connection goes to the very address that was
checked, so a name that resolves differently the next time (DNS rebinding) gains nothing. It knows HTTP
and destinations; what is sent, and why, is its callers' business.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult

from broker import destinations
from broker.destinations import Allowance, ForbiddenTarget, check_address, check_target
from broker.settings import Settings
from contracts.exchange import Request, Response

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession, ClientTimeout  # noqa: TID251 - this is the one place
    from aiohttp.abc import ResolveResult

__all__ = ["Aim", "Allowance", "ForbiddenTarget", "Timeouts", "Unanswered", "Upstream", "check_target"]

#: Fields that belong to one connection (RFC 9110, section 7.6.1) or that the client writes itself.
_OWN_FIELDS = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
#: A body that is streamed declares its length itself.
_OWN_FIELDS_OF_A_STREAM = _OWN_FIELDS - {"content-length"}
#: What of an answer belongs to its connection; and its date, for our own server writes one.
_FIELDS_OF_A_CONNECTION = (_OWN_FIELDS | {"date"}) - {"content-length", "host"}
_BODILESS = frozenset({204, 304})
#: What may stand in a request's target as it is: no space, no control character, nothing that parsers disagree about.
_PATH = re.compile(r"/[!#-;=?-\[\]_a-z~]*")
_QUERY = re.compile(r"[!#-;=?-\[\]_a-z~]*")
#: What aiohttp would add on its own: the caller's request leaves as it is.
_NOT_ADDED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_CONNECTIONS = 100
#: Seconds. Short, because a POST on a connection that the peer has just closed cannot be sent again by itself.
_KEEP_ALIVE = 2.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: ``connect`` for the connection, ``total`` from the first DNS query to the last byte."""

    connect: float = 5.0
    total: float = 20.0


@dataclass(frozen=True, slots=True)
class Aim:
    """An origin that may be called: the checked parts, so that a second parser never gets to read the text."""

    scheme: str
    host: str
    port: int | None
    allowance: Allowance


class Unanswered(Exception):
    """The peer gave no HTTP answer. ``kind`` is ``timeout``, ``connect`` (nothing was sent) or ``broken``."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class Upstream:
    """Pooled and bounded; made at start, costs nothing until the first ``send``."""

    def __init__(self, settings: Settings) -> None:
        self._sessions: dict[Allowance, ClientSession] = {}
        self._loaded = False
        self.allowance = destinations.allowance(settings)

    async def send(
        self,
        request: Request,
        url: str,
        *,
        timeouts: Timeouts | None = None,
        allow: Allowance | None = None,
        max_body: int = 64 * 1024,
    ) -> Response:
        """Send to the absolute ``url`` (the request's own path and host are not looked at) and read the answer.

        Redirects are answered, never followed. At most ``max_body`` bytes of the body are read, as they are on the
        wire (no content decoding); the rest is dropped with the connection. Raises ForbiddenTarget and Unanswered.
        """
        allowance = allow or self.allowance
        parts = check_target(url, allowance)
        limits = timeouts or Timeouts()
        await self.warm()
        import aiohttp

        session = self._sessions.get(allowance) or self._open(allowance)
        try:
            async with session.request(
                request.method,
                _as_sent(parts),
                headers=[pair for pair in request.headers if pair[0] not in _kept_back(request)],
                data=request.stream if request.stream is not None else (request.body or None),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=limits.total, sock_connect=limits.connect),
            ) as answer:
                body = await _read(answer, max_body)
                headers = [(name.lower(), value) for name, value in answer.headers.items()]
                return Response(answer.status, headers, body)
        except TimeoutError:
            raise Unanswered("timeout", f"no answer within {limits.total:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise Unanswered("connect", f"cannot connect: {_reason(error)}") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered("broken", f"no valid HTTP answer: {_reason(error)}") from None

    def aim(self, origin: str, allow: Allowance | None = None) -> Aim:
        """An origin (``https://api.example.com``) that was checked, for many requests. Raises ForbiddenTarget."""
        allowance = allow or self.allowance
        parts = check_target(origin, allowance)
        if parts.path not in ("", "/") or parts.query:
            raise ForbiddenTarget("the target is no origin: it has a path")
        return Aim(parts.scheme, parts.hostname or "", parts.port, allowance)

    async def open(self, request: Request, aim: Aim, *, timeouts: Timeouts, whole: int) -> Response:
        """Send to the request's own path and query there, and answer with the head. A body of at most ``whole`` bytes
        is read to its end; a longer one is in ``stream``, which holds the connection until it ends or is closed.
        ``timeouts.total`` bounds the wait for the head, and each silence after it. Raises as ``send`` does."""
        if not _PATH.fullmatch(request.path) or not _QUERY.fullmatch(request.query):
            raise ForbiddenTarget("the target is no URL: it holds characters that have to be percent-encoded")
        if not self._loaded:
            await self.warm()
        import aiohttp
        from yarl import URL

        session = self._sessions.get(aim.allowance) or self._open(aim.allowance)
        streams = request.stream is not None
        kept = _kept_back(request)
        try:
            # A big body may take its time, as long as it moves.
            async with asyncio.timeout(None if streams else timeouts.total):
                answer = await session.request(
                    request.method,
                    URL.build(
                        scheme=aim.scheme,
                        host=aim.host,
                        port=aim.port,
                        path=request.path,
                        query_string=request.query,
                        encoded=True,
                    ),
                    headers=[pair for pair in request.headers if pair[0] not in kept],
                    data=request.stream if streams else (request.body or None),
                    allow_redirects=False,
                    timeout=_for_a_stream(timeouts) if streams else _for_a_body(timeouts),
                )
                return await _opened(answer, request.method, whole, timeouts.total)
        except aiohttp.ConnectionTimeoutError:
            raise Unanswered("connect", f"no connection within {timeouts.connect:g} s") from None
        except TimeoutError:
            raise Unanswered("timeout", f"no answer within {timeouts.total:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise Unanswered("connect", f"cannot connect: {_reason(error)}") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered("broken", f"no valid HTTP answer: {_reason(error)}") from None

    async def warm(self) -> None:
        """Load the HTTP library: 0.1 s and 10 MB, paid neither by the start nor by the event loop."""
        if not self._loaded:
            await asyncio.to_thread(importlib.import_module, "aiohttp")
            self._loaded = True

    def _open(self, allowance: Allowance) -> ClientSession:
        import aiohttp

        connector = aiohttp.TCPConnector(
            limit=_CONNECTIONS,
            keepalive_timeout=_KEEP_ALIVE,
            use_dns_cache=False,
            resolver=_checking_resolver(allowance),
        )
        session = aiohttp.ClientSession(  # noqa: TID251 - this is the one place
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=_NOT_ADDED,
        )
        self._sessions[allowance] = session
        return session

    async def close(self) -> None:
        """End every connection."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        for session in sessions:
            await session.close()


def _kept_back(request: Request) -> frozenset[str]:
    return _OWN_FIELDS if request.stream is None else _OWN_FIELDS_OF_A_STREAM


@functools.cache
def _for_a_body(timeouts: Timeouts) -> ClientTimeout:
    """The connection's; the rest is bounded by the caller."""
    import aiohttp

    return aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect)


@functools.cache
def _for_a_stream(timeouts: Timeouts) -> ClientTimeout:
    """The connection's, and that of the silence after what was sent."""
    import aiohttp

    return aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect, sock_read=timeouts.total)


async def _opened(answer: ClientResponse, method: str, whole: int, silence: float) -> Response:
    """The answer with its short body, or with its long one as a stream."""
    headers = [
        (lowered, value)
        for name, value in answer.headers.items()
        if (lowered := name.lower()) not in _FIELDS_OF_A_CONNECTION
    ]
    if method == "HEAD" or answer.status in _BODILESS:
        answer.release()
        return Response(answer.status, headers)
    length = answer.content_length
    if length is not None and length <= whole:
        return Response(answer.status, headers, await answer.read())
    first = bytearray()
    if length is None:
        # Of unknown length: mostly short, and then better whole, because it can be read and checked.
        try:
            async for chunk in answer.content.iter_any():
                first += chunk
                if len(first) > whole:
                    break
            else:
                return Response(answer.status, headers, bytes(first))
        except BaseException:
            answer.close()
            raise
    return Response(answer.status, headers, stream=_streamed(answer, bytes(first), silence))


async def _streamed(answer: ClientResponse, first: bytes, silence: float) -> AsyncIterator[bytes]:
    """What was read already, then the rest as it comes; the connection ends with it, or with ``silence`` seconds in
    which nothing came: raises TimeoutError."""
    try:
        if first:
            yield first
        while True:
            async with asyncio.timeout(silence):
                chunk = await answer.content.readany()
            if not chunk:
                return
            yield chunk
    finally:
        answer.close()


async def _read(answer: ClientResponse, limit: int) -> bytes:
    """The first ``limit`` bytes of the body; the connection is not used again when there is more."""
    body = bytearray()
    async for chunk in _chunks(answer):
        body += chunk
        if len(body) > limit:
            answer.close()
            break
    return bytes(body[:limit])


def _chunks(answer: ClientResponse) -> AsyncIterator[bytes]:
    return answer.content.iter_chunked(16 * 1024)


def _as_sent(parts: SplitResult) -> Any:
    """The URL rebuilt from the checked parts: a second parser never gets to read the text differently."""
    from yarl import URL

    return URL.build(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=parts.port,
        path=parts.path or "/",
        query_string=parts.query,
        encoded=True,
    )


def _reason(error: BaseException) -> str:
    inner = getattr(error, "os_error", None) or error
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def _checking_resolver(allowance: Allowance) -> Any:
    """A resolver that answers only addresses that may be called; one forbidden address refuses the name."""
    from aiohttp.abc import AbstractResolver

    class CheckingResolver(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
            answers: list[ResolveResult] = []
            for kind, _, protocol, _, address in found:
                text = str(address[0])
                check_address(text, allowance, name=host)
                answers.append(
                    {
                        "hostname": host,
                        "host": text,
                        "port": port,
                        "family": kind,
                        "proto": protocol,
                        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                    }
                )
            return answers

        async def close(self) -> None:
            pass

    return CheckingResolver()
