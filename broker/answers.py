"""Answers in one piece: a server extension that takes a whole answer in one message and writes it in one go. And none:
another message resets the connection.

uvicorn looks at every header field with two patterns and writes head and body apart, which costs a sixth of a short
call. ``asgi`` uses the extension where the server offers it, and the plain messages elsewhere.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

#: The extension's name in ``scope["extensions"]``, and its message's type: {"type", "status", "head", "body"}. ``head``
#: is the bytes of all header fields, each ended by CRLF; the sender answers for them, Content-Length included.
EXTENSION = "broker.whole_answer"
#: A message's type: {"type"}. The caller gets a reset connection instead of an answer. Offered wherever EXTENSION is.
RESET = "broker.reset"
#: SO_LINGER on, for no time: closing sends RST instead of FIN (socket(7)).
_AT_ONCE = struct.pack("ii", 1, 0)


class WholeAnswers(RequestResponseCycle):
    """uvicorn's cycle of one request and its answer, and the extension. The request's body is handed on as it came,
    where uvicorn copies it twice."""

    #: What has come of the body and was not received yet.
    _parts: list[bytes] | None = None
    #: Bytes of them.
    held = 0

    def take(self, body: bytes) -> None:
        """A piece of the request's body."""
        if self._parts is None:
            self._parts = [body]
        else:
            self._parts.append(body)
        self.held += len(body)
        self.message_event.set()

    async def receive(self) -> Any:
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            self.flow.resume_reading()
            await self.message_event.wait()
            self.message_event.clear()
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        parts, self._parts, self.held = self._parts or (), None, 0
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: MutableMapping[str, Any]) -> None:  # type: ignore[override]  # one message more
        if message["type"] == RESET:
            self._reset()
            return
        if self.waiting_for_100_continue and self.more_body and not self.response_started:
            # The caller waits before it sends the body, and is not asked for it: whether one follows, nobody can tell
            # (RFC 9110, section 10.1.1).
            self.keep_alive = False
        if message["type"] != EXTENSION:
            await super().send(message)  # type: ignore[arg-type]  # uvicorn types each message apart
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if self.response_started:
            raise RuntimeError("a whole answer, after an answer has begun")
        parts = [STATUS_LINE[message["status"]]]
        for name, value in self.default_headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(message["head"])
        parts.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
        parts.append(message["body"])
        self.response_started = True
        self.waiting_for_100_continue = False
        self.transport.write(b"".join(parts))
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _reset(self) -> None:
        """No byte more: the peer's next read fails with ECONNRESET."""
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.disconnected = True
        self.transport.abort()
