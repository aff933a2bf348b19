"""Calls as the broker hands them to the driver, answers as Stripe gives them, and accounts that answer by script or
from memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Account, Marker, Outgoing, Secret
from sandboxes.stripe.provider import PROVIDER

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
KEY = "sk_test_51RealRealReal"
MARKER = Marker("k3x9qa", "pr-142-8f3kd02ma1")
OTHER = Marker("k3x9qa", "pr-7-zzzzzzzzz1")
ACCOUNT = Account("main", PROVIDER.endpoint, Secret(KEY))
CONNECTED = replace(ACCOUNT, subaccount="acct_1Own")

Pairs = Sequence[tuple[str, str]]


def call(
    method: str,
    path: str,
    form: Pairs | bytes = (),
    query: Pairs | str = (),
    headers: Pairs = (),
    unmapped: frozenset[str] = frozenset(),
) -> Outgoing:
    """A call that the contract has read, with a virtual key on it and the name of its exchange."""
    sent = [("authorization", "Bearer sk_test_virtual"), ("host", "gateway.example"), ("broker-exchange", "exch1")]
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    if body:
        sent.append(("content-type", "application/x-www-form-urlencoded"))
    names = {name for name, _ in headers}
    request = Request(
        method=method,
        path=path,
        query=query if isinstance(query, str) else urlencode(query),
        headers=Headers([*(pair for pair in sent if pair[0] not in names), *headers]),
        body=body,
        host="gateway.example",
        sent_path=f"/e/pr-142/stripe{path}",
    )
    contract = PROVIDER.contract()
    match = contract.match(request)
    assert match is not None, f"{method} {path} is no operation"
    rule = PROVIDER.rules[match.operation.id]
    return Outgoing(match.operation, rule, contract.read(match, request), request, unmapped)


def reply(status: int, value: Any = None, headers: Pairs = ()) -> Response:
    """An answer of Stripe's, which indents its JSON."""
    body = b"" if value is None else json.dumps(value, indent=2).encode()
    return Response(status, [("content-type", "application/json"), ("content-length", str(len(body))), *headers], body)


def refusal(status: int, code: str = "", message: str = "No.", headers: Pairs = ()) -> Response:
    """An error of Stripe's."""
    error = {"type": "invalid_request_error", "message": message, **({"code": code} if code else {})}
    return reply(status, {"error": error}, headers)


MISSING = refusal(404, "resource_missing", "No such object: 'x'")


def pairs_of(request: Request) -> dict[str, str]:
    """A form as it was sent."""
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


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


class Listed:
    """An account whose lists and searches are in memory, newest first, paged as Stripe pages them."""

    def __init__(self, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.lists = lists
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        if request.path not in self.lists:
            return refusal(404, message="Unrecognized request URL")
        query = dict(parse_qsl(request.query))
        if "query" in query:
            return self._search(self.lists[request.path], query)
        return self._list(self.lists[request.path], query)

    def _list(self, elements: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> Response:
        limit = int(query.get("limit", 10))
        if limit > 100:
            return refusal(400, "parameter_invalid_integer")
        ids = [each["id"] for each in elements]
        if "ending_before" in query:
            before = elements[: ids.index(query["ending_before"])]
            page, more = before[-limit:], len(before) > limit
        else:
            start = ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0
            page, more = elements[start : start + limit], len(elements) > start + limit
        return reply(200, {"object": "list", "data": page, "has_more": more, "url": "/v1/customers"})

    @staticmethod
    def _search(elements: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> Response:
        limit, start = int(query.get("limit", 10)), int(query.get("page", "at0")[2:])
        more = len(elements) > start + limit
        value = {"object": "search_result", "data": elements[start : start + limit], "has_more": more}
        return reply(200, {**value, "next_page": f"at{start + limit}" if more else None, "total_count": len(elements)})
