"""A webhook receiver on this machine, as an application would have one: it keeps what arrives, raw."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Arrived:
    """One request as it came: header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Listens on a free port of this machine. ``answer`` says what status a request gets; 200 when unset."""

    def __init__(self, answer: Callable[[Arrived], int] | None = None) -> None:
        self.arrived: list[Arrived] = []
        self._changed = threading.Condition()
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                one = Arrived(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                status = 200 if answer is None else answer(one)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()
                keep(one)

            def log_message(self, format: str, *arguments: object) -> None:
                """Nothing: what arrives is kept, not told."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def _keep(self, one: Arrived) -> None:
        with self._changed:
            self.arrived.append(one)
            self._changed.notify_all()

    def at(self, path: str) -> list[Arrived]:
        """What has come to a path, in its order."""
        with self._changed:
            return [one for one in self.arrived if one.path == path]

    def wait(self, enough: Callable[[list[Arrived]], bool], timeout: float = 15.0) -> bool:
        """Until what has come is enough; False when the time is over."""
        until = time.monotonic() + timeout
        with self._changed:
            while not enough(self.arrived):
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return enough(self.arrived)
        return True

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
