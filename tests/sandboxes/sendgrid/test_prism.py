"""What the driver sends, judged by Prism with SendGrid's official document.

Prism remembers nothing and answers with made-up values: whether requests are right is seen here, what becomes of
objects with the account in memory (``calls.Shared``). The document knows none of the event webhooks' newer endpoints.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from contracts.exchange import Headers, Request, Response
from contracts.openapi import OpenApiContract
from sandboxes.base import Account, Outgoing, Refused, Resource, Wish
from sandboxes.sendgrid.issuing import issue
from sandboxes.sendgrid.kinds import KINDS
from sandboxes.sendgrid.provider import PROVIDER
from tests.mocks.requests import request_of
from tests.sandboxes.sendgrid.calls import ACCOUNT, MARKER, NOW, OWN, call
from tests.standins import prism

pytestmark = pytest.mark.slow

CONTRACT = PROVIDER.contract()
assert isinstance(CONTRACT, OpenApiContract)


@pytest.fixture(scope="module")
def server() -> Iterator[prism.Prism]:
    if not prism.available():
        pytest.skip("Node.js 20 or newer with npm is not installed, so Prism cannot be started on this machine")
    with prism.Prism("sendgrid") as started:
        yield started


class Judge:
    """An upstream that ends at Prism, and fails for every request that the document does not allow."""

    def __init__(self, server: prism.Prism, account: Account) -> None:
        self.server = server
        self.account = account
        self.statuses: list[int] = []

    async def __call__(self, request: Request) -> Response:
        """A request of the driver's own."""
        return await self.send(PROVIDER.sign(request, self.account, NOW))

    async def send(self, request: Request) -> Response:
        response, violations = await asyncio.to_thread(self._exchange, request)
        self.statuses.append(response.status)
        wrong = [each for each in violations if each["location"][0] == "request"]
        assert wrong == [], f"{request.method} {request.path}: {wrong}"
        assert response.status < 400, f"{request.method} {request.path}: {response.body[:300]!r}"
        return response

    def _exchange(self, request: Request) -> tuple[Response, Sequence[Mapping[str, Any]]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            target = request.path + (f"?{request.query}" if request.query else "")
            connection.request(request.method, target, request.body or None, dict(request.headers.pairs))
            answer = connection.getresponse()
            headers = [(name.lower(), value) for name, value in answer.getheaders()]
            violations = json.loads(answer.getheader("sl-violations") or "[]")
            return Response(answer.status, headers, answer.read()), violations
        finally:
            connection.close()


async def passed(judge: Judge, asked: Outgoing) -> Response:
    """The application's call there and back."""
    response = await judge.send(PROVIDER.outbound(asked, judge.account, MARKER, NOW))
    PROVIDER.made(asked, response)
    return PROVIDER.inbound(asked, response, MARKER)


def smallest(name: str) -> Outgoing:
    """The smallest call of an operation that its contract accepts."""
    assert isinstance(CONTRACT, OpenApiContract)
    wanted = request_of(CONTRACT, CONTRACT.operations()[name])
    asked = call(wanted["method"], wanted["path"], wanted.get("json"), list(wanted["query"].items()))
    asked.request.headers = Headers([*asked.request.headers, *wanted["headers"].items()])
    return asked


async def test_prism_refuses_what_the_document_forbids(server: prism.Prism) -> None:
    judge = Judge(server, ACCOUNT)
    with pytest.raises(AssertionError, match="start_date"):
        await judge.send(Request(method="GET", path="/v3/stats"))
    with pytest.raises(AssertionError, match="name"):
        await judge(
            Request(
                method="POST",
                path="/v3/marketing/lists",
                headers=Headers([("content-type", "application/json")]),
                body=b'{"name": ""}',
            )
        )


@pytest.mark.parametrize("account", [ACCOUNT, OWN], ids=["shared", "subuser"])
async def test_every_call_that_may_pass_is_still_a_right_one(server: prism.Prism, account: Account) -> None:
    judge = Judge(server, account)
    tried = 0
    for name, rule in PROVIDER.rules.items():
        if rule.scope == "account" and rule.effect not in ("read", "list") and account.subaccount is None:
            with pytest.raises(Refused):
                await passed(judge, smallest(name))
            continue
        await passed(judge, smallest(name))
        tried += 1
    assert tried > 70


async def test_every_list_can_be_narrowed(server: prism.Prism) -> None:
    judge = Judge(server, ACCOUNT)

    async def nothing(ids: Sequence[str]) -> Mapping[str, str]:
        return {}

    for name, rule in PROVIDER.rules.items():
        if rule.effect == "list" and rule.scope == "own":
            asked = smallest(name)

            async def send(request: Request, asked: Outgoing = asked) -> Response:
                again = Outgoing(asked.operation, asked.rule, asked.params, request)
                return await judge.send(PROVIDER.outbound(again, ACCOUNT, MARKER, NOW))

            response = await PROVIDER.narrow(asked, send, nothing)
            assert response.status == 200, name


@pytest.mark.parametrize("kind", [*KINDS, "scheduled_send"])
async def test_everything_is_taken_back_by_right_calls(server: prism.Prism, kind: str) -> None:
    judge = Judge(server, OWN)
    name = "scheduled:abc" if kind == "scheduled_send" else "4c1b9a0e-6d6b-4f0a-9a53-0a7c3d1f2e11"
    outcome = await PROVIDER.revoke(Resource(kind, name), judge, lambda done: None)
    assert outcome == ("canceled" if kind == "scheduled_send" else "deleted")


async def test_everything_is_looked_for_by_right_calls(server: prism.Prism) -> None:
    judge = Judge(server, ACCOUNT)
    assert [each async for each in PROVIDER.find(MARKER, NOW, judge)] == []
    assert len(judge.statuses) == len(KINDS)


async def test_a_key_and_a_subuser_are_asked_for_by_right_calls(server: prism.Prism) -> None:
    judge = Judge(server, ACCOUNT)
    key = await issue(Wish(MARKER, "ledger", ["mail.send"]), ACCOUNT, judge)
    assert key is not None
    assert key.secret is not None
    subuser = await issue(Wish(MARKER, "account"), Account("a", "", ACCOUNT.secret, {"ips": "192.0.2.1"}), judge)
    assert subuser is not None
    assert subuser.subaccount == "pb-k3x9qa-8f3kd02ma1"
