"""Email Logs find mails by a narrower language, and tell their events as the event webhook does."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import accounts
from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import calling, mailed

LOGS = "/v3/logs"


async def found(sendgrid: Harness, query: str = "", **more: Any) -> list[str]:
    response = await sendgrid.call("POST", LOGS, json={"query": query, **more})
    assert response.status == 200, response.body
    return [each["to_email"].partition("@")[0] for each in value(response)["messages"]]


@pytest.fixture
async def sent(sendgrid: Harness) -> Harness:
    """Mails of every status, a minute apart."""
    blocked = ("bounce", {"type": "blocked", "reason": "550 no"})
    for name, events in (
        ("ada", ["processed", "delivered", "open", ("click", {"url": "https://example.com/"})]),
        ("bob", ["processed", "bounce"]),
        ("cyd", ["processed", blocked]),
        ("dan", [("dropped", {"reason": "Bounced Address"})]),
        ("eve", ["processed", "deferred"]),
        ("fay", ["processed"]),
    ):
        more = {"categories": ["news", name], "custom_args": {"order": "7"}} if name == "ada" else {}
        await mailed(sendgrid, *events, to=f"{name}@example.com", **more)
        sendgrid.clock.advance(60)
    return sendgrid


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["fay", "eve", "dan", "cyd", "bob", "ada"]),
        ("status IN ('delivered', 'processed')", ["fay", "ada"]),
        ("status IN ('bounced', 'blocked', 'dropped', 'deferred')", ["eve", "dan", "cyd", "bob"]),
        ("to_email = 'bob@example.com' AND subject = 'Your order'", ["bob"]),
        ("reason = '550 no'", ["cyd"]),
        ("categories IN ('news', 'marketing')", ["ada"]),
        ("sg_message_id_created_at > TIMESTAMP \"2001-01-01T00:00:00Z\" AND status IN ('blocked')", ["cyd"]),
        ('sg_message_id_created_at < TIMESTAMP "2001-01-01T00:00:00Z"', []),
    ],
)
async def test_queries(sent: Harness, query: str, expected: list[str]) -> None:
    assert await found(sent, query) == expected


@pytest.mark.parametrize(
    "sent_body",
    [
        {"query": "bad_field = 'x'"},
        {"query": "status = 'delivered'"},
        {"query": "to_email LIKE '%ada%'"},
        {"query": "to_email IN ('a')"},
        {"query": "to_email = 'a' OR to_email = 'b'"},
        {"query": "NOT to_email = 'a'"},
        {"query": "true"},
        {"query": "to_email ="},
        {"limit": 0},
        {"limit": 1001},
        {"subusers": ["1", "2"]},
    ],
)
async def test_what_cannot_be_asked(sendgrid: Harness, sent_body: dict[str, Any]) -> None:
    assert (await sendgrid.call("POST", LOGS, json=sent_body)).status == 400


async def test_one_mail_has_its_events(sent: Harness) -> None:
    assert len(await found(sent, limit=2)) == 2
    asked = await sent.call("POST", LOGS, json={"query": "to_email = 'ada@example.com'"})
    [summary] = value(asked)["messages"]
    whole = value(await sent.call("GET", f"{LOGS}/{summary['sg_message_id']}"))
    assert (whole["status"], whole["category"], whole["custom_args"]) == ("delivered", ["news", "ada"], {"order": "7"})
    assert [each["event"] for each in whole["events"]] == ["processed", "delivered", "open", "click"]
    assert len({each["sg_event_id"] for each in whole["events"]}) == 4
    assert whole["events"][3]["url"] == "https://example.com/"
    asked = await sent.call("POST", LOGS, json={"query": "to_email = 'eve@example.com'"})
    deferred = value(await sent.call("GET", f"{LOGS}/{value(asked)['messages'][0]['sg_message_id']}"))["events"][1]
    assert (deferred["response"], deferred["attempt"]) == ("400 try again later", "1")
    assert (await sent.call("GET", f"{LOGS}/nothing")).status == 404


async def test_a_parent_asks_for_a_subuser_by_its_id(sendgrid: Harness) -> None:
    async with calling(sendgrid) as call:
        await call.state.put(accounts.KIND, "ada", {"username": "ada", "account": "ada", "id": 4711})
    await mailed(sendgrid, "processed", account="ada", to="sub@example.com")
    assert await found(sendgrid) == []
    assert await found(sendgrid, subusers=["4711"]) == ["sub"]
    asked = await sendgrid.call("POST", LOGS, json={"subusers": ["4711"]})
    path = f"{LOGS}/{value(asked)['messages'][0]['sg_message_id']}"
    assert (await sendgrid.call("GET", path)).status == 404
    assert (await sendgrid.call("GET", path, query={"subuser": "4711"})).status == 200
    assert (await sendgrid.call("GET", path, query={"subuser": "1"})).status == 403
