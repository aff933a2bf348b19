"""Email Activity finds mails by what became of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, read, value
from tests.mocks.sendgrid.audience import later, mailed

MESSAGES = "/v3/messages"
DROPPED = ("dropped", {"reason": "Bounced Address"})
BLOCKED = ("bounce", {"type": "blocked", "reason": "550"})
CLICKED = ("click", {"url": "https://example.com/a"})


async def found(sendgrid: Harness, query: str | None = None, **more: Any) -> list[dict[str, Any]]:
    asked = {**({} if query is None else {"query": query}), **more}
    response = await sendgrid.call("GET", MESSAGES, query=asked)
    assert response.status == 200, response.body
    shown: list[dict[str, Any]] = value(response)["messages"]
    return shown


@pytest.fixture
async def sent(sendgrid: Harness) -> Harness:
    """Three mails, a minute apart: delivered and read, bounced, dropped."""
    await mailed(sendgrid, "processed", "delivered", "open", CLICKED, categories=["news"], custom_args={"order": "7"})
    sendgrid.clock.advance(60)
    await mailed(
        sendgrid, "processed", ("bounce", {"type": "blocked", "reason": "550"}), to="bob@example.com", subject="Hi"
    )
    sendgrid.clock.advance(60)
    await mailed(sendgrid, DROPPED, to="eve@example.com", asm={"group_id": 12}, template_id="d-1")
    return sendgrid


async def test_the_newest_come_first(sent: Harness) -> None:
    shown = await found(sent)
    assert [each["to_email"] for each in shown] == ["eve@example.com", "bob@example.com", "ada@example.com"]
    assert [each["status"] for each in shown] == ["not_delivered", "not_delivered", "delivered"]
    assert [(each["opens_count"], each["clicks_count"]) for each in shown] == [(0, 0), (0, 0), (1, 1)]
    assert shown[0]["last_event_time"] == sent.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(await found(sent, limit=2)) == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('to_email="bob@example.com"', ["bob"]),
        ('from_email="shop@example.com" AND status="not_delivered"', ["eve", "bob"]),
        ('subject="Hi"', ["bob"]),
        ('subject LIKE "%order%"', ["eve", "ada"]),
        ('Contains(events, "clicked")', ["ada"]),
        ('(Contains(categories, "news"))', ["ada"]),
        ("unique_args['order'] = '7'", ["ada"]),
        ('asm_group_id="12"', ["eve"]),
        ('template_id="d-1"', ["eve"]),
        ("clicks>0", ["ada"]),
        ('clicks="0"', ["eve", "bob"]),
        ('last_event_time BETWEEN TIMESTAMP "2000-01-01T00:00:00Z" AND TIMESTAMP "2001-01-01T00:00:00Z"', []),
        ("last_event_time > NOW() - interval 90 second", ["eve", "bob"]),
        ('outbound_ip="198.51.100.7"', ["eve", "bob", "ada"]),
        ("", ["eve", "bob", "ada"]),
    ],
)
async def test_queries(sent: Harness, query: str, expected: list[str]) -> None:
    assert [each["to_email"].partition("@")[0] for each in await found(sent, query)] == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('bad_field="1"', "invalid syntax: 'bad_field' is not a known field"),
        ('CONTAINS(subject, "Invoice")', "CONTAINS expects an array or map type as the first argument"),
        ('to_email="ada', None),
    ],
)
async def test_what_is_no_query(sendgrid: Harness, query: str, message: str | None) -> None:
    for method, path in (("GET", MESSAGES), ("POST", f"{MESSAGES}/download")):
        response = await sendgrid.call(method, path, query={"query": query})
        assert response.status == 400
        [error] = value(response)["errors"]
        assert error["field"] == "query"
        assert message is None or error["message"] == message


@pytest.mark.parametrize("limit", ["0", "1001", "many"])
async def test_a_page_has_limits(sendgrid: Harness, limit: str) -> None:
    assert (await sendgrid.call("GET", MESSAGES, query={"limit": limit})).status == 400


async def test_one_mail_has_its_events(sent: Harness) -> None:
    [ada] = await found(sent, 'to_email="ada@example.com"')
    whole = value(await sent.call("GET", f"{MESSAGES}/{ada['msg_id']}"))
    assert [each["event_name"] for each in whole["events"]] == ["processed", "delivered", "opened", "clicked"]
    assert whole["events"][3]["url"] == "https://example.com/a"
    assert (whole["categories"], whole["unique_args"]) == (["news"], '{"order":"7"}')
    [bob] = await found(sent, 'to_email="bob@example.com"')
    bounced = value(await sent.call("GET", f"{MESSAGES}/{bob['msg_id']}"))["events"][1]
    assert (bounced["bounce_type"], bounced["reason"], bounced["mx_server"]) == ("blocked", "550", "mx.example.com")
    assert (await sent.call("GET", f"{MESSAGES}/{ada['msg_id']}0")).status == 404
    assert (await sent.call("GET", f"{MESSAGES}/nothing")).status == 404


async def test_what_happens_later_comes_first(sendgrid: Harness) -> None:
    first = await mailed(sendgrid, "processed", ("deferred", {"attempt": "3"}))
    sendgrid.clock.advance(60)
    await mailed(sendgrid, "processed", to="bob@example.com")
    assert [each["status"] for each in await found(sendgrid)] == ["processed", "processed"]
    sendgrid.clock.advance(60)
    await later(sendgrid, first, "delivered")
    shown = await found(sendgrid)
    assert [each["to_email"] for each in shown] == ["ada@example.com", "bob@example.com"]
    events = value(await sendgrid.call("GET", f"{MESSAGES}/{shown[0]['msg_id']}"))["events"]
    assert events[1]["attempt_num"] == 3


async def test_a_file_of_all_events(sent: Harness) -> None:
    response = await sent.call("POST", f"{MESSAGES}/download", query={"query": 'status="not_delivered"'})
    assert (response.status, value(response)["status"]) == (202, "pending")
    [mail] = await (await sent.store()).mailbox.mails()
    download = mail["text"].split()[1].rstrip(":")
    told = value(await sent.call("GET", f"{MESSAGES}/download/{download}"))
    assert told["csv"] == told["presigned_url"]
    assert told["csv"] in mail["text"]
    fetched = await sent.visit("GET", f"/downloads/{download}")
    lines = (await read(fetched)).decode().splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("processed,message_id,event,")
    sent.clock.advance(days=3)
    assert (await sent.visit("GET", f"/downloads/{download}")).status == 404
    other = "00000000-0000-4000-8000-000000000000"
    assert (await sent.visit("GET", f"/downloads/{other}")).status == 404
    assert (await sent.call("GET", f"{MESSAGES}/download/{other}")).status == 404
