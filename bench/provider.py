"""A provider that costs nearly nothing, for the bench: ``python -m bench.provider PORT``.

It makes customers, answers any customer with 1 KB of JSON, swallows uploads and streams objects of any size. It counts
calls in windows of a second, as a real account's limit does.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, deque
from typing import Any

import uvicorn

from bench.bare import Message, Receive, Send

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
    """A plain ASGI app. ``/_limit/N`` sets a limit of calls a second and ``/_seen`` tells what it saw since."""

    def __init__(self) -> None:
        self._number = 0
        self._limit = 0
        self._recent: deque[float] = deque()
        self._fixed: Counter[int] = Counter()
        self._refused = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        size = 0
        more = True
        while more:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        if path.startswith("/_"):
            await self._steer(path, send)
        elif self._over():
            self._refused += 1
            extra = [*_JSON, (b"stripe-rate-limited-reason", b"global-rate")]
            await _answer(send, 429, b'{"error":{"type":"invalid_request_error","code":"rate_limit"}}', extra)
        elif path == "/v1/customers" and method == "POST":
            self._number += 1
            await _answer(send, 200, customer("cus_" + _letters(self._number)), _JSON)
        elif path.startswith("/v1/"):
            await _answer(send, 200, customer(path.rsplit("/", 1)[1]), _JSON)
        elif method == "GET" and path.rsplit("/", 1)[-1].isdigit():
            await _stream(send, int(path.rsplit("/", 1)[1]))
        else:
            headers = [(b"etag", b'"d41d8cd98f00b204e9800998ecf8427e"')]
            if method == "PUT" and path.strip("/").count("/") == 0:
                headers.append((b"location", path.encode()))
            await _answer(send, 200, b"", headers)

    def _over(self) -> bool:
        """Whether the call is one too many, in the second that ends now or in the calendar's."""
        if not self._limit:
            return False
        now = time.time()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self._limit or self._fixed[int(now)] >= self._limit:
            return True
        self._recent.append(now)
        self._fixed[int(now)] += 1
        return False

    async def _steer(self, path: str, send: Send) -> None:
        if path.startswith("/_limit/"):
            self._limit = int(path.rsplit("/", 1)[1])
            self._refused = 0
            self._fixed.clear()
            self._recent.clear()
        seen = {"refused": self._refused, "calls": sum(self._fixed.values())}
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
