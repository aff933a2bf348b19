"""A SendGrid account that remembers: what Prism, which does not, cannot show. A small part of the API, over HTTP on
loopback. It knows what the documentation says of names and pages, and is no judge of requests: that is Prism's part."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from contracts.exchange import Headers, Request, Response

#: Collection -> (member that holds a list's items, id member); an empty member: the answer is the array.
COLLECTIONS: Mapping[str, tuple[str, str]] = {
    "/v3/templates": ("result", "id"),
    "/v3/designs": ("result", "id"),
    "/v3/marketing/lists": ("result", "id"),
    "/v3/marketing/segments/2.0": ("results", "id"),
    "/v3/marketing/segments": ("results", "id"),
    "/v3/asm/groups": ("", "id"),
    "/v3/api_keys": ("result", "api_key_id"),
    "/v3/subusers": ("", "username"),
}
PAGED = ("/v3/templates", "/v3/designs", "/v3/marketing/lists")
#: Where two objects of one name are refused.
UNIQUE = ("/v3/marketing/lists", "/v3/asm/groups", "/v3/subusers")


def reply(status: int, value: Any = None, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """An answer of SendGrid's."""
    body = b"" if value is None else json.dumps(value).encode()
    return Response(status, [("content-type", "application/json"), ("content-length", str(len(body))), *headers], body)


class MailAccount:
    """The account itself: makes, lists by pages, changes, deletes; keeps the mails that it was sent, and every
    request."""

    def __init__(self) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {path: [] for path in COLLECTIONS}
        self.mails: list[dict[str, Any]] = []
        self.asked: list[Request] = []
        self._number = 100

    def put(self, path: str, **members: Any) -> str:
        """Make one as if by hand; answers its id."""
        self._number += 1
        key = COLLECTIONS[path][1]
        item = {key: self._number if path == "/v3/asm/groups" else f"id-{self._number}", **members}
        self.kept[path].append(item)
        return str(item[key])

    def names(self, path: str) -> list[str]:
        return [str(item.get("name", item.get("username"))) for item in self.kept[path]]

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        path = request.path
        if (request.method, path) == ("POST", "/v3/mail/send"):
            return self._mail(json.loads(request.body))
        if (request.method, path) == ("POST", "/v3/mail/batch"):
            self._number += 1
            return reply(201, {"batch_id": f"batch{self._number}"})
        if (request.method, path) == ("GET", "/v3/ips"):
            return reply(200, [{"ip": "192.0.2.1"}])
        if path in COLLECTIONS:
            return self._make(path, json.loads(request.body)) if request.method == "POST" else self._list(request)
        collection, _, name = path.rpartition("/")
        for item in self.kept.get(collection, ()):
            if str(item[COLLECTIONS[collection][1]]) == unquote(name):
                return self._one(request, collection, item)
        return reply(404, {"errors": [{"message": "not found", "field": None}]})

    def _one(self, request: Request, collection: str, item: dict[str, Any]) -> Response:
        if request.method == "DELETE":
            self.kept[collection].remove(item)
            return reply(204)
        if request.method == "PATCH":
            item.update(json.loads(request.body))
        return reply(200, item)

    def _mail(self, message: dict[str, Any]) -> Response:
        self.mails.append(message)
        if message.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return Response(200)
        return Response(202, [("x-message-id", f"message{len(self.mails)}")])

    def _make(self, path: str, value: dict[str, Any]) -> Response:
        name = value.get("name", value.get("username"))
        if path in UNIQUE and name in self.names(path):
            return reply(400, {"errors": [{"message": "name must be unique", "field": "name"}]})
        key = {"api_key": f"SG.{'i' * 22}.{self._number:043}"} if path == "/v3/api_keys" else {}
        self.put(path, **value, **key)
        return reply(200 if path in ("/v3/marketing/lists", "/v3/subusers") else 201, self.kept[path][-1])

    def _list(self, request: Request) -> Response:
        member, _ = COLLECTIONS[request.path]
        items = self.kept[request.path]
        query = dict(parse_qsl(request.query))
        if request.path not in PAGED:
            offset, limit = int(query.get("offset", 0)), int(query.get("limit", len(items) or 1))
            return reply(200, {member: items} if member else items[offset : offset + limit])
        size, begin = int(query["page_size"]), int(query.get("page_token", "t0")[1:])
        metadata: dict[str, Any] = {"self": "https://api.sendgrid.com" + request.path, "count": len(items)}
        if begin + size < len(items):
            metadata["next"] = f"https://api.sendgrid.com{request.path}?page_size={size}&page_token=t{begin + size}"
        return reply(200, {member: items[begin : begin + size], "_metadata": metadata})


class MailProvider:
    """The account behind a free port: ``with MailProvider() as provider: provider.url``, ``provider.account``."""

    def __init__(self) -> None:
        self.account = MailAccount()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> MailProvider:
        turn, account = threading.Lock(), self.account

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = Headers((name.lower(), value) for name, value in self.headers.items())
                request = Request(method=self.command, path=parts.path, query=parts.query, headers=headers, body=body)
                with turn:
                    response = account.answer(request)
                self.send_response(response.status)
                for name, value in response.headers:
                    if name != "content-length":
                        self.send_header(name, value)
                if response.status != 204:
                    self.send_header("content-length", str(len(response.body)))
                self.end_headers()
                self.wfile.write(response.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

            def log_message(self, format: str, *args: object) -> None:
                """Tests read ``account.asked`` instead."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
