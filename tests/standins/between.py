"""Stands between the broker and a provider's stand-in: keeps what it is asked, and answers badly on purpose.

A tactless provider quotes the credential that it was sent, in whatever it says; a hostile one sends its caller
elsewhere.
"""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal
from urllib.parse import urlsplit

#: ``refused`` and ``failed``: 401 and 500 that quote; ``long``: a 500 of two MiB that quotes; ``late``: no answer
#: within the caller's patience; ``done``: the same, and it was carried out; ``reset``; ``garbage``: a status line that
#: is none and quotes; ``page``: 200 and no JSON; ``elsewhere``: 302.
How = Literal["refused", "failed", "long", "late", "done", "reset", "garbage", "page", "elsewhere"]

_OF_A_CONNECTION = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"})


@dataclass
class Asked:
    """A request as it came in; ``target`` is what stood in its first line."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class _Spoilt:
    how: How
    method: str
    path: str
    times: int


@dataclass
class Between:
    """``with Between(url) as provider: provider.url``. Without ``behind`` everything is answered 404."""

    behind: str = ""
    #: Texts that it knows and quotes beside the request's fields, as what it keeps of an account.
    knows: str = ""
    #: Where ``elsewhere`` sends its caller.
    elsewhere: str = ""
    #: Seconds that ``late`` and ``done`` take.
    late: float = 2.0
    asked: list[Asked] = field(default_factory=list)
    spoilt: list[_Spoilt] = field(default_factory=list)
    #: A request has arrived that has to wait, and is carried out if it is.
    arrived: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def spoil(self, how: How, method: str = "", path: str = ".*", times: int = 1) -> None:
        """The next ``times`` requests of that method to a path that matches are answered so."""
        self.spoilt.append(_Spoilt(how, method, path, times))

    def plan(self, asked: Asked) -> How | None:
        """How this request is answered badly, if it is; counted."""
        with self._lock:
            self.asked.append(asked)
            for one in self.spoilt:
                path = asked.target.partition("?")[0]
                if one.times and one.method in ("", asked.method) and re.fullmatch(one.path, path):
                    one.times -= 1
                    return one.how
        return None

    def pause(self) -> None:
        """Until the caller has lost its patience, or the test is over."""
        self.arrived.set()
        self._over.wait(self.late)

    def __enter__(self) -> Between:
        owner = self

        class Handler(_Handler):
            between = owner

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    between: Between
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        how = self.between.plan(Asked(self.command, self.path, headers, body))
        if how is None:
            return self._pass_on(body)
        quoted = " ".join([self.between.knows, *headers.values()])
        if how == "done":
            self._carried_out(body)
        if how in ("late", "done"):
            self.between.pause()
        if how in ("late", "done", "reset"):
            return self._hang_up()
        if how == "garbage":
            self.wfile.write(f"{quoted}\r\n\r\n".encode("latin-1"))
            self.close_connection = True
            return None
        if how == "elsewhere":
            return self._say(302, b"", {"location": self.between.elsewhere + self.path})
        if how == "page":
            return self._say(200, b"<html>" + quoted.encode(), {"content-type": "text/html"})
        # Read by all three providers' clients: the words of an error are where each of them looks.
        words = f"Not with {quoted}"
        fill = "x" * (2 << 20) if how == "long" else ""
        told = (
            f'{{"error": {{"type": "api_error", "message": "{words}"}}, "errors": [{{"message": "{words}"}}]}}'
            if "xml" not in headers.get("accept", "") and not headers["authorization"].startswith("AWS4")
            else f"<Error><Code>AccessDenied</Code><Message>{words}</Message></Error>"
        ) + fill
        fields = {"content-type": "application/json", "request-id": quoted[:2000], "x-amz-request-id": quoted[:2000]}
        return self._say(401 if how == "refused" else 500, told.encode("latin-1"), fields)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the record is ``asked``."""

    def _body(self) -> bytes:
        if "chunked" not in (self.headers.get("transfer-encoding") or ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(pieces)

    def _pass_on(self, body: bytes) -> None:
        if not self.between.behind:
            return self._say(404, b"{}", {"content-type": "application/json"})
        return self._say(*self._carried_out(body))

    def _carried_out(self, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        """What the server behind it answers."""
        behind = http.client.HTTPConnection(urlsplit(self.between.behind).netloc, timeout=60)
        try:
            fields = {name: value for name, value in self.headers.items() if name.lower() not in _OF_A_CONNECTION}
            fields["content-length"] = str(len(body))
            behind.request(self.command, self.path, body, fields)
            answer = behind.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_A_CONNECTION}
            if self.command == "HEAD":
                kept["content-length"] = answer.headers.get("content-length") or "0"
            return answer.status, answer.read(), kept
        finally:
            behind.close()

    def _say(self, status: int, body: bytes, fields: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if status != 204 and "content-length" not in fields:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
