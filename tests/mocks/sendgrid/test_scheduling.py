"""Messages that leave at their time."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from mocks.sendgrid import scheduling
from tests.harness import Harness, value
from tests.mocks.sendgrid.sending import SEND, events, mails, records

Message = Callable[..., dict[str, Any]]
SENDS = "/v3/user/scheduled_sends"
FILE = [{"content": base64.b64encode(b"file").decode(), "filename": "a.txt"}]


def later(sendgrid: Harness, seconds: int) -> int:
    return int(sendgrid.clock.now().timestamp()) + seconds


async def batch(sendgrid: Harness) -> str:
    return str(value(await sendgrid.call("POST", "/v3/mail/batch"))["batch_id"])


async def pass_(sendgrid: Harness, seconds: int) -> None:
    """Time goes on, and what is due happens."""
    sendgrid.clock.advance(seconds)
    for _ in range(3):
        await sendgrid.wake()


async def test_a_message_waits_for_its_time(sendgrid: Harness, message: Message) -> None:
    sent = message(send_at=later(sendgrid, 3600), attachments=FILE)
    answer = await sendgrid.call("POST", SEND, json=sent)
    assert answer.status == 202
    await pass_(sendgrid, 3599)
    assert await mails(sendgrid) == []
    assert await events(sendgrid) == []
    await pass_(sendgrid, 1)
    [mail] = await mails(sendgrid)
    assert mail["id"] == f"{answer.header('x-message-id')}.0"
    assert [file["filename"] for file in mail["attachments"]] == ["a.txt"]
    assert [event for event, _ in await events(sendgrid)] == ["processed", "delivered"]
    assert await records(sendgrid, scheduling.KIND) == []
    await pass_(sendgrid, 3600)
    assert len(await mails(sendgrid)) == 1


async def test_each_personalization_has_its_own_time(sendgrid: Harness, message: Message) -> None:
    blocks = [
        {"to": [{"email": "now@example.com"}], "send_at": later(sendgrid, -5)},
        {"to": [{"email": "soon@example.com"}]},
        {"to": [{"email": "late@example.com"}], "send_at": later(sendgrid, 200)},
    ]
    await sendgrid.call("POST", SEND, json=message(personalizations=blocks, send_at=later(sendgrid, 100)))
    seen = []
    for seconds in (0, 100, 100):
        await pass_(sendgrid, seconds)
        seen.append([mail["to"][0]["email"] for mail in await mails(sendgrid)])
    assert seen == [
        ["now@example.com"],
        ["now@example.com", "soon@example.com"],
        ["now@example.com", "soon@example.com", "late@example.com"],
    ]


async def test_a_cancelled_batch_never_leaves_and_its_files_go(sendgrid: Harness, message: Message) -> None:
    batch_id = await batch(sendgrid)
    await sendgrid.call("POST", SEND, json=message(send_at=later(sendgrid, 60), batch_id=batch_id, attachments=FILE))
    await sendgrid.call("POST", SENDS, json={"batch_id": batch_id, "status": "cancel"})
    [kept] = await records(sendgrid, scheduling.KIND)
    await pass_(sendgrid, 61)
    assert await mails(sendgrid) == []
    assert await events(sendgrid) == []
    assert await records(sendgrid, "agenda") == []
    with pytest.raises(LookupError):
        (await sendgrid.store()).read_blob("sendgrid", kept["attachments"][0]["blob"]["id"])


async def test_a_paused_batch_waits_until_it_is_resumed(sendgrid: Harness, message: Message) -> None:
    batch_id = await batch(sendgrid)
    await sendgrid.call("POST", SENDS, json={"batch_id": batch_id, "status": "pause"})
    await sendgrid.call("POST", SEND, json=message(send_at=later(sendgrid, 60), batch_id=batch_id))
    await pass_(sendgrid, 7200)
    assert await mails(sendgrid) == []
    assert (await sendgrid.call("DELETE", f"{SENDS}/{batch_id}")).status == 204
    await pass_(sendgrid, 1)
    assert len(await mails(sendgrid)) == 1


async def test_a_paused_batch_can_be_cancelled(sendgrid: Harness, message: Message) -> None:
    batch_id = await batch(sendgrid)
    await sendgrid.call("POST", SENDS, json={"batch_id": batch_id, "status": "pause"})
    await sendgrid.call("POST", SEND, json=message(send_at=later(sendgrid, 60), batch_id=batch_id))
    await pass_(sendgrid, 120)
    await sendgrid.call("PATCH", f"{SENDS}/{batch_id}", json={"status": "cancel"})
    await pass_(sendgrid, 1)
    assert await mails(sendgrid) == []
    assert await records(sendgrid, "agenda") == []


async def test_a_paused_batch_expires_after_three_days(sendgrid: Harness, message: Message) -> None:
    batch_id = await batch(sendgrid)
    await sendgrid.call("POST", SENDS, json={"batch_id": batch_id, "status": "pause"})
    await sendgrid.call("POST", SEND, json=message(send_at=later(sendgrid, 60), batch_id=batch_id))
    await pass_(sendgrid, 120)
    await pass_(sendgrid, scheduling.EXPIRES)
    await sendgrid.call("DELETE", f"{SENDS}/{batch_id}")
    await pass_(sendgrid, 1)
    assert await mails(sendgrid) == []
    assert await records(sendgrid, scheduling.KIND) == []


async def test_many_leave_in_parts(sendgrid: Harness, message: Message) -> None:
    blocks = [{"to": [{"email": f"{n}@example.com"}]} for n in range(120)]
    await sendgrid.call("POST", SEND, json=message(personalizations=blocks, send_at=later(sendgrid, 10)))
    await pass_(sendgrid, 10)
    assert len(await mails(sendgrid)) == 120


async def test_suppressions_hold_at_the_time_of_leaving(sendgrid: Harness, message: Message) -> None:
    await sendgrid.call("POST", SEND, json=message(send_at=later(sendgrid, 60)))
    await sendgrid.call("POST", "/v3/asm/suppressions/global", json={"recipient_emails": ["ada@example.com"]})
    await pass_(sendgrid, 60)
    assert await events(sendgrid) == [("dropped", "ada@example.com")]


async def test_a_time_may_be_written_as_a_fraction_that_is_whole(sendgrid: Harness, message: Message) -> None:
    answer = await sendgrid.call("POST", SEND, json=message(send_at=float(later(sendgrid, 60))))
    assert answer.status == 202
    await pass_(sendgrid, 60)
    assert len(await mails(sendgrid)) == 1
