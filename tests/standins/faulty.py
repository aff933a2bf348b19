"""A small provider that records what it is asked and fails on purpose: the upstream of the fault matrix.

It keeps objects of any collection under ``/v1/`` as payment providers do (form bodies, metadata, lists newest first,
idempotency keys) and knows no rule of theirs. A planned fault hits the next request that it is for: before the request
has its effect, or after it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

FaultName = Literal[
    "timeout before",
    "timeout after",
    "reset before",
    "reset after",
    "500 before",
    "500 after",
    "429",
    "garbage after",
    "drip",
    "kill before",
    "kill after",
]

#: Prefix of ids by collection; others get the first three letters.
_PREFIXES = {"customers": "cus", "products": "prod", "coupons": "co", "payment_intents": "pi", "prices": "price"}
#: Seconds that a hanging answer lasts; the broker under test gives up sooner.
_HANG = 6.0


@dataclass
class Fault:
    """Hits ``times`` requests of that method to paths that match; ``pid`` is who is killed."""

    name: FaultName
    method: str = "POST"
    path: str = r"/v1/customers"
    times: int = 1
    pid: int = 0
    #: How often it has hit.
    hits: int = 0

    def fits(self, method: str, path: str) -> bool:
        return self.hits < self.times and method == self.method and re.fullmatch(self.path, path) is not None


@dataclass
class Asked:
    """A request as it came in, with the key that it carried."""

    method: str
    path: str
    query: str
    key: str
    form: dict[str, str]
    at: float


@dataclass
class Faulty:
    """``with Faulty() as provider: provider.url``. ``objects`` are what exists now, by id."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: Ids of all that were ever made and deleted, in order.
    made: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    #: Answers by idempotency key, as the provider keeps them.
    _answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _server: ThreadingHTTPServer | None = None
    _counter: int = 0

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Faulty:
        provider = self

        class Handler(_Handler):
            owner = provider

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def fault(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, counted."""
        with self._lock:
            for one in self.faults:
                if one.fits(method, path):
                    one.hits += 1
                    return one
        return None

    def put(self, collection: str, **members: Any) -> str:
        """Something made by hand, behind the broker's back."""
        with self._lock:
            return str(self._create(collection, {name: str(value) for name, value in members.items()})["id"])

    def answer(self, asked: Asked, idempotency: str) -> tuple[int, Any]:
        """The effect, and what is said about it."""
        with self._lock:
            if asked.method == "POST" and idempotency:
                if idempotency not in self._answers:
                    self._answers[idempotency] = self._effect(asked)
                return self._answers[idempotency]
            return self._effect(asked)

    def _effect(self, asked: Asked) -> tuple[int, Any]:
        _, _, collection, *rest = asked.path.split("/")
        if not rest:
            if asked.method == "POST":
                return 200, self._create(collection, asked.form)
            return 200, self._list(collection, dict(parse_qsl(asked.query)))
        found = self.objects.get(rest[0])
        if found is None:
            message = f"No such {collection.rstrip('s')}: '{rest[0]}'"
            return 404, {
                "error": {
                    "code": "resource_missing",
                    "message": message,
                    "param": "id",
                    "type": "invalid_request_error",
                }
            }
        if asked.method == "DELETE":
            del self.objects[rest[0]]
            self.deleted.append(rest[0])
            return 200, {"id": rest[0], "object": found["object"], "deleted": True}
        if asked.method == "POST":
            self._set(found, asked.form)
        return 200, found

    def _create(self, collection: str, form: dict[str, str]) -> dict[str, Any]:
        self._counter += 1
        prefix = _PREFIXES.get(collection, collection[:3])
        made: dict[str, Any] = {
            "id": form.get("id") or f"{prefix}_{self._counter:014d}",
            "object": collection.rstrip("s"),
            "created": int(time.time()),
            "livemode": False,
            "metadata": {},
        }
        self._set(made, form)
        self.objects[made["id"]] = made
        self.made.append(made["id"])
        return made

    @staticmethod
    def _set(found: dict[str, Any], form: dict[str, str]) -> None:
        for name, value in form.items():
            inner = re.fullmatch(r"metadata\[(.*)\]", name)
            if inner:
                found["metadata"][inner[1]] = value
            elif "[" not in name and name != "id":
                found[name] = value

    def _list(self, collection: str, query: dict[str, str]) -> dict[str, Any]:
        word = collection.rstrip("s")
        found = [one for one in reversed(self.objects.values()) if one["object"] == word]
        since = int(query.get("created[gte]", 0))
        found = [one for one in found if one["created"] >= since]
        if after := query.get("starting_after"):
            ids = [one["id"] for one in found]
            found = found[ids.index(after) + 1 :] if after in ids else []
        limit = int(query.get("limit", 10))
        return {
            "object": "list",
            "data": found[:limit],
            "has_more": len(found) > limit,
            "url": f"/v1/{collection}",
        }


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: callers that are killed hang up in the middle of everything."""


class _Handler(BaseHTTPRequestHandler):
    owner: Faulty
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the record is ``asked``."""

    def _serve(self, method: str) -> None:
        target = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        key = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        asked = Asked(method, target.path, target.query, key, dict(parse_qsl(body)), time.time())
        self.owner.asked.append(asked)
        fault = self.owner.fault(method, target.path)
        name = fault.name if fault else ""
        if fault and name == "kill before":
            os.kill(fault.pid, signal.SIGKILL)
            return self._hang_up()
        if name == "timeout before":
            time.sleep(_HANG)
            return self._hang_up()
        if name == "reset before":
            return self._hang_up()
        if name == "500 before":
            return self._say(500, {"error": {"type": "api_error", "message": "An unknown error occurred"}})
        if name == "429":
            error = {"type": "invalid_request_error", "code": "rate_limit", "message": "Request rate limit exceeded."}
            return self._say(429, {"error": error}, {"Stripe-Rate-Limited-Reason": "global-rate"})
        status, value = self.owner.answer(asked, self.headers.get("idempotency-key") or "")
        if fault and name == "kill after":
            os.kill(fault.pid, signal.SIGKILL)
            return self._hang_up()
        if name == "timeout after":
            time.sleep(_HANG)
            return self._hang_up()
        if name == "reset after":
            return self._hang_up()
        if name == "500 after":
            return self._say(500, {"error": {"type": "api_error", "message": "An unknown error occurred"}})
        if name == "garbage after":
            return self._raw(200, b"<html>not what was asked for</html>", {"Content-Type": "text/html"})
        return self._say(status, value, drip=name == "drip")

    def _say(self, status: int, value: Any, headers: dict[str, str] | None = None, *, drip: bool = False) -> None:
        with self.owner._lock:
            body = json.dumps(value).encode()
        self._raw(status, body, {"Content-Type": "application/json", "Request-Id": "req_x", **(headers or {})}, drip)

    def _raw(self, status: int, body: bytes, headers: dict[str, str], drip: bool = False) -> None:
        try:
            self.send_response(status)
            for field_name, text in headers.items():
                self.send_header(field_name, text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            step = max(1, len(body) // 20) if drip else len(body) or 1
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                self.wfile.flush()
                if drip:
                    time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def _hang_up(self) -> None:
        """A reset, as from a machine that has gone."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
