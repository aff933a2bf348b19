"""The floor: what the same server does without us. ``python -m bench.bare PORT``.

``PUT /sink`` reads a body of any size, ``GET /source/SIZE`` streams one, and everything else is answered with
a fixed 1 KB of JSON: it is sent the very requests that the broker is.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PAYLOAD = b'{"object":"bare","text":"' + b"x" * (1024 - 27) + b'"}'
_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(_PAYLOAD)).encode())],
}
_BODY = {"type": "http.response.body", "body": _PAYLOAD}
_CHUNK = b"\0" * 65536


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """A plain ASGI app of three routes."""
    path = scope["path"]
    if path == "/sink":
        await _sink(receive, send)
    elif path.startswith("/source/"):
        await _source(int(path.rsplit("/", 1)[1]), send)
    else:
        await send(_HEAD)
        await send(_BODY)


async def _sink(receive: Receive, send: Send) -> None:
    size = 0
    more = True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    text = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
    await send({"type": "http.response.body", "body": text})


async def _source(size: int, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
    while size:
        chunk = _CHUNK[:size]
        size -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": size > 0})


def main() -> None:
    """Serve until killed, as the broker does."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,  # all as in broker/app.py
    )


if __name__ == "__main__":
    main()
