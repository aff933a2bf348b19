"""Calls as the broker hands them to the driver, and an account that remembers what it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Account, Marker, Outgoing, Secret
from sandboxes.sendgrid.provider import PROVIDER
from tests.standins.mailprovider import COLLECTIONS, MailAccount, reply

__all__ = ["COLLECTIONS", "MailAccount", "reply"]

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


class Shared(MailAccount):
    """A SendGrid account in memory as the driver's upstream."""

    async def __call__(self, request: Request) -> Response:
        return self.answer(request)


def token_of(value: Mapping[str, Any]) -> str | None:
    """The page token in a list's link to the next page."""
    link = value["_metadata"].get("next")
    return parse_qs(link.partition("?")[2])["page_token"][0] if link else None
