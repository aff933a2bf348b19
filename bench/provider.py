"""A provider that costs nearly nothing, for the bench: ``python -m bench.provider PORT``.

It makes customers, answers any customer with 1 KB of JSON, swallows uploads and streams objects of any size; buckets
are ``bench.buckets``. Under a limit it counts calls as providers do, in fixed seconds and in sliding ones, and refuses
by either; calls then reach it late and in another order than they left in.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, deque
from typing import Any

import uvicorn

from bench.bare import Message, Receive, Send
from bench.buckets import Buckets

_CHUNK = b"\0" * 65536
_JSON = [(b"content-type", b"application/json")]


def customer(key: str) -> bytes:
    """About 1 KB."""
    value: dict[str, Any] = {
        "id": key,
        "object": "customer",
        "address": {"city": "San Francisco", "country": "US", "line1": "510 Townsend St"}
        | dict.fromkeys(("line2", "postal_code", "state")),
        "balance": 0,
        "created": 1795000000,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": "Customer of the bench " + "x" * 200,
        "discount": None,
        "email": "jenny.rosen@example.com",
        "invoice_prefix": "0759376C",
        "invoice_settings": dict.fromkeys(("custom_fields", "default_payment_method", "footer", "rendering_options")),
        "livemode": False,
        "metadata": {"order_id": "6735", "plan": "gold"},
        "name": "Jenny Rosen",
        "next_invoice_sequence": 1,
        "phone": "+15555550100",
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    return json.dumps(value, indent=2).encode()


def _letters(number: int) -> str:
    """An id of fourteen letters: digits alone could be a card's number."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:014d}")


class Provider:
    """A plain ASGI app. ``/_limit/N`` sets a limit of calls a second, ``/_keys/N`` how many keys a new bucket has, and
    any of ``/_...`` tells what there was and is."""

    def __init__(self) -> None:
        self._number = 0
        self._limit = 0
        self._recent: deque[float] = deque()
        self._fixed: Counter[int] = Counter()
        #: Under a limit: whose call it was, by the end of its path, and its status, in the order of arrival.
        self._seen: list[tuple[str, int]] = []
        self._buckets = Buckets()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        # Kept where it is read: a body of an object is only counted.
        kept = bytearray()
        more = True
        while more:
            message = await receive()
            if method == "POST":
                kept += message.get("body", b"")
            more = message.get("more_body", False)
        if path.startswith("/_"):
            await self._steer(path, send)
        elif self._limit and await self._over(path):
            extra = [*_JSON, (b"stripe-rate-limited-reason", b"global-rate")]
            await _answer(send, 429, b'{"error":{"type":"invalid_request_error","code":"rate_limit"}}', extra)
        elif path == "/v1/customers" and method == "POST":
            self._number += 1
            await _answer(send, 200, customer("cus_" + _letters(self._number)), _JSON)
        elif path.startswith("/v1/"):
            await _answer(send, 200, customer(path.rsplit("/", 1)[1]), _JSON)
        elif (answered := self._buckets.answer(method, path, scope["query_string"].decode(), bytes(kept))) is not None:
            await _answer(send, answered.status, answered.body, [(b"content-type", b"application/xml")])
        elif method == "GET" and path.rsplit("/", 1)[-1].isdigit():
            await _stream(send, int(path.rsplit("/", 1)[1]))
        else:
            await _answer(send, 200, b"", [(b"etag", b'"d41d8cd98f00b204e9800998ecf8427e"')])

    async def _over(self, path: str) -> bool:
        """Whether the call is one too many. Up to 20 ms on the way, and 20 to 120 ms until the answer: the same in
        every run."""
        number = len(self._seen)
        await asyncio.sleep(number * 7919 % 21 / 1000)
        refused = self._refuses(time.time())
        self._seen.append((path.rsplit("/", 1)[1], 429 if refused else 200))
        await asyncio.sleep((20 + number * 104729 % 101) / 1000)
        return refused

    def _refuses(self, now: float) -> bool:
        """By the second that ends now, or by the calendar's."""
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        self._recent.append(now)
        self._fixed[int(now)] += 1
        return max(len(self._recent), self._fixed[int(now)]) > self._limit

    async def _steer(self, path: str, send: Send) -> None:
        if path.startswith("/_limit/"):
            self._limit = int(path.rsplit("/", 1)[1])
            self._seen.clear()
            self._fixed.clear()
            self._recent.clear()
        elif path.startswith("/_keys/"):
            self._buckets.size = int(path.rsplit("/", 1)[1])
        seen = {"seen": self._seen, "buckets": len(self._buckets), "keys": self._buckets.keys}
        await _answer(send, 200, json.dumps(seen).encode(), _JSON)


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    fields = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def _stream(send: Send, size: int) -> None:
    fields = [(b"content-length", str(size).encode()), (b"etag", b'"x"'), (b"content-type", b"binary/octet-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    while size:
        chunk = _CHUNK[:size]
        size -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": size > 0})


def main() -> None:
    """Serve until killed."""
    uvicorn.run(
        Provider(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
    )


if __name__ == "__main__":
    main()
