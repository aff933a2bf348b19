"""Calls as the broker hands them to the driver, and an account that remembers what it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Account, Marker, Outgoing, Secret
from sandboxes.sendgrid.provider import PROVIDER

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
KEY = f"SG.{'r' * 22}.{'k' * 43}"
MARKER = Marker("k3x9qa", "pr-142-8f3kd02ma1")
OTHER = Marker("k3x9qa", "pr-7-zzzzzzzzz1")
ACCOUNT = Account("main", PROVIDER.endpoint, Secret(KEY))
OWN = Account("main", PROVIDER.endpoint, Secret(KEY), subaccount="pb-k3x9qa-8f3kd02ma1")


def call(
    method: str,
    path: str,
    value: Any = None,
    query: Sequence[tuple[str, str]] = (),
    headers: Sequence[tuple[str, str]] = (),
) -> Outgoing:
    """A call that the contract has read, with a virtual key on it."""
    sent = [("authorization", "Bearer SG.virtual"), ("host", "gateway.example"), *headers]
    body = b""
    if value is not None:
        sent.append(("content-type", "application/json"))
        body = json.dumps(value).encode()
    request = Request(
        method=method,
        path=path,
        query=urlencode(query),
        headers=Headers(sent),
        body=body,
        host="gateway.example",
        sent_path=f"/e/pr-142/sendgrid{path}",
    )
    contract = PROVIDER.contract()
    match = contract.match(request)
    assert match is not None, f"{method} {path} is no operation"
    return Outgoing(match.operation, PROVIDER.rules[match.operation.id], contract.read(match, request), request)


def reply(status: int, value: Any = None, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """An answer of SendGrid's."""
    body = b"" if value is None else json.dumps(value).encode()
    return Response(status, [("content-type", "application/json"), ("content-length", str(len(body))), *headers], body)


class Scripted:
    """An upstream that gives these answers in turn, and keeps what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answers.pop(0)

    @property
    def lines(self) -> list[str]:
        """``METHOD path?query`` of each request, in order."""
        return [f"{each.method} {each.path}" + (f"?{each.query}" if each.query else "") for each in self.asked]

    def body(self, index: int = -1) -> Any:
        return json.loads(self.asked[index].body)


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


class Shared:
    """A SendGrid account in memory: makes, lists by pages, deletes; names must differ among lists and groups."""

    def __init__(self) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {path: [] for path in COLLECTIONS}
        self.asked: list[Request] = []
        self._number = 100

    def put(self, path: str, **members: Any) -> str:
        """Make one as if by hand."""
        self._number += 1
        key = COLLECTIONS[path][1]
        item = {key: self._number if path == "/v3/asm/groups" else f"id-{self._number}", **members}
        self.kept[path].append(item)
        return str(item[key])

    def names(self, path: str) -> list[str]:
        return [str(item.get("name", item.get("username"))) for item in self.kept[path]]

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        path = request.path
        if path in COLLECTIONS:
            return self._make(path, json.loads(request.body)) if request.method == "POST" else self._list(request)
        collection, _, name = path.rpartition("/")
        key = COLLECTIONS[collection][1]
        for item in self.kept[collection]:
            if str(item[key]) == unquote(name):
                if request.method == "DELETE":
                    self.kept[collection].remove(item)
                    return reply(204)
                return reply(200, item)
        return reply(404, {"errors": [{"message": "not found", "field": None}]})

    def _make(self, path: str, value: dict[str, Any]) -> Response:
        if path in ("/v3/marketing/lists", "/v3/asm/groups") and value["name"] in self.names(path):
            return reply(400, {"errors": [{"message": "name must be unique", "field": "name"}]})
        self.put(path, **value)
        return reply(201, self.kept[path][-1])

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


def token_of(value: Mapping[str, Any]) -> str | None:
    """The page token in a list's link to the next page."""
    link = value["_metadata"].get("next")
    return parse_qs(link.partition("?")[2])["page_token"][0] if link else None
