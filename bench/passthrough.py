"""The floor of a proxy: the same server and client without us. ``python -m bench.passthrough PORT UPSTREAM``.

It sends each request on as it came, key and all, and its answer back.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import aiohttp
import uvicorn
from yarl import URL

from bench.bare import Message, Receive, Send

_OWN = {b"host", b"connection", b"content-length", b"transfer-encoding", b"keep-alive", b"accept-encoding"}


class Passthrough:
    """A plain ASGI app with one pooled client."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._session: aiohttp.ClientSession | None = None  # noqa: TID251 - the bench compares with this client

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(  # noqa: TID251 - the same
                auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"] if name not in _OWN]
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        data = None if length == b"0" else _body(receive)
        if data is not None:
            headers.append(("content-length", length.decode()))
        url = self._upstream + scope["raw_path"].decode()
        async with self._session.request(
            scope["method"],
            URL(url, encoded=True),
            headers=headers,
            data=data,
            allow_redirects=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        ) as answer:
            fields = [(name.lower(), value) for name, value in answer.raw_headers if name.lower() not in _OWN]
            fields.append((b"content-length", str(answer.content_length or 0).encode()))
            await send({"type": "http.response.start", "status": answer.status, "headers": fields})
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if chunk := message.get("body", b""):
            yield chunk
        more = message.get("more_body", False)


def main() -> None:
    """Serve until killed, as the broker does."""
    uvicorn.run(
        Passthrough(sys.argv[2]),
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
