"""HTTP/1.1 as uvicorn speaks it, with what it leaves open: how long a head may be, and whose host name counts.

Knows bytes and connections; what a request means is asgi's and the gateway's business.
"""

from __future__ import annotations

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Bytes of a request's target and header fields together; of a chunk's extensions, and of its trailers, as well.
#: llhttp bounds none of them, and neither does uvicorn (its other parser, h11, stops at the same number).
MAX_HEAD = 64 * 1024

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

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._held += len(data)
        super().data_received(data)
        if self._held > MAX_HEAD:
            self._refuse()

    def on_headers_complete(self) -> None:
        if self._held > MAX_HEAD and self._head() > MAX_HEAD:
            self._refuse()
            raise HeadTooLong
        self._held = 0
        if self.url[:1] != b"/":
            self._take_authority()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._held = 0
        super().on_body(body)

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

    def _refuse(self) -> None:
        if self._refused:
            return
        self._refused = True
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_TOO_LONG % (len(_TEXT), _TEXT))
            self.transport.close()
        else:
            # An answer is on its way: nothing else may be written into it.
            self.transport.abort()
