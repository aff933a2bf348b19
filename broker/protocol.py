"""HTTP/1.1 as uvicorn speaks it, with what it leaves open: how long a head may be and take, whose host name counts, and
what ends when the server does.

Knows bytes and connections; what a request means is asgi's and the gateway's business.
"""

from __future__ import annotations

import socket
from asyncio import TimerHandle, Transport
from collections.abc import Callable

import httptools
import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from broker.answers import EXTENSION, WholeAnswers

#: Bytes of a request's target and header fields together; of a chunk's extensions, and of its trailers, as well.
#: llhttp bounds none of them, and neither does uvicorn (its other parser, h11, stops at the same number).
MAX_HEAD = 64 * 1024

#: Seconds in which a head has to be complete; uvicorn's own timer runs between an answer and the next byte only.
HEAD_SECONDS = 30.0

_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s"
)
_TEXT = b"The request's target and header fields have more than %d KiB.\n" % (MAX_HEAD // 1024)


class HeadTooLong(Exception):
    """Stops the parser; the caller has its answer already."""


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    #: Bytes that came since the last piece of a body: what the parser, or we, may be holding.
    _held = 0
    _refused = False
    _deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._held += len(data)
        super().data_received(data)
        if self._held > MAX_HEAD:
            self._refuse()
        elif self._held and self._deadline is None and self._waits:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def on_headers_complete(self) -> None:
        if self._held > MAX_HEAD and self._head() > MAX_HEAD:
            self._refuse()
            raise HeadTooLong
        self._held = 0
        if self._deadline is not None:
            self._in_time()
        if self.url[:1] != b"/":
            self._take_authority()
        self.scope["extensions"] = {EXTENSION: {}}
        super().on_headers_complete()
        if type(self.cycle) is RequestResponseCycle:
            # uvicorn names the class in its own code; the task that uses it has not begun.
            self.cycle.__class__ = WholeAnswers

    def on_body(self, body: bytes) -> None:
        self._held = 0
        cycle = self.cycle
        if type(cycle) is not WholeAnswers or cycle.response_complete:
            super().on_body(body)
            return
        cycle.take(body)
        if cycle.held > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        self._held = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self._refused:
            super().send_400_response(msg)

    def _head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _take_authority(self) -> None:
        """A target in absolute form names the host, and the header field Host is to be ignored: RFC 9112, section
        3.2.2. Otherwise one request would name two environments."""
        target = httptools.parse_url(self.url)
        if not target.host:
            return
        host = target.host if target.port is None else b"%s:%d" % (target.host, target.port)
        self.headers[:] = [(b"host", host), *(pair for pair in self.headers if pair[0] != b"host")]

    @property
    def _waits(self) -> bool:
        """Whether no answer is on its way."""
        return self.cycle is None or self.cycle.response_complete

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self._waits:
            self._refused = True
            self.transport.close()

    def _refuse(self) -> None:
        if self._refused:
            return
        self._refused = True
        if self._waits:
            self.transport.write(_TOO_LONG % (len(_TEXT), _TEXT))
            self.transport.close()
        else:
            # An answer is on its way: nothing else may be written into it.
            self.transport.abort()


class Server(uvicorn.Server):
    """Tells that it is about to stop before it waits for the answers under way: those that wait for something would
    take until they are cut off."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)
