"""What Mail Send accepts, answers, and puts into the mailbox."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from mocks.sendgrid import mail
from tests.harness import Harness, read, value
from tests.mocks.sendgrid.sending import SEND, mails

Message = Callable[..., dict[str, Any]]


async def test_a_message_is_accepted_with_an_empty_body_and_its_id(sendgrid: Harness, message: Message) -> None:
    response = await sendgrid.call("POST", SEND, json=message())
    assert (response.status, await read(response)) == (202, b"")
    message_id = response.header("x-message-id")
    assert message_id is not None
    assert len(message_id) == 22
    assert response.header("server") == "nginx"
    [stored] = await mails(sendgrid)
    assert stored["id"].startswith(message_id)
    assert stored["sender"] == {"email": "shop@example.com", "name": "Shop"}
    assert stored["to"] == [{"email": "ada@example.com", "name": "Ada"}]
    assert (stored["subject"], stored["text"], stored["html"]) == ("Your order", "Thank you.", None)
    assert stored["custom"] == {"message_id": message_id}


async def test_every_personalization_is_a_mail_of_its_own(sendgrid: Harness, message: Message) -> None:
    blocks = [
        {"to": [{"email": "a@example.com"}], "cc": [{"email": "b@example.com"}], "bcc": [{"email": "c@example.com"}]},
        {
            "to": [{"email": "d@example.com"}],
            "subject": "For D",
            "from": {"email": "other@example.com"},
            "headers": {"X-Own": "1"},
            "custom_args": {"order": "2"},
        },
    ]
    sent = message(personalizations=blocks, headers={"X-All": "0"}, custom_args={"shop": "1", "order": "0"})
    response = await sendgrid.call("POST", SEND, json=sent)
    assert response.status == 202
    first, second = await mails(sendgrid)
    assert [person["email"] for person in (*first["to"], *first["cc"], *first["bcc"])] == [
        "a@example.com",
        "b@example.com",
        "c@example.com",
    ]
    assert first["custom"]["custom_args"] == {"shop": "1", "order": "0"}
    assert (second["subject"], second["sender"]) == ("For D", {"email": "other@example.com"})
    assert second["headers"] == {"X-All": "0", "X-Own": "1"}
    assert second["custom"]["custom_args"] == {"shop": "1", "order": "2"}
    assert first["id"] != second["id"]


async def test_substitutions_reach_subject_and_content(sendgrid: Harness, message: Message) -> None:
    block = {
        "to": [{"email": "a@example.com"}],
        "substitutions": {"-name-": "Ada", "-name-full-": "Ada L.", "-all-": ":part"},
    }
    sent = message(
        personalizations=[block],
        subject="Hello -name-",
        sections={":part": "the part"},
        content=[
            {"type": "text/plain", "value": "-name-full-, here is -all-"},
            {"type": "text/html", "value": "<p>-name-</p>"},
        ],
    )
    await sendgrid.call("POST", SEND, json=sent)
    [stored] = await mails(sendgrid)
    assert stored["subject"] == "Hello Ada"
    assert stored["text"] == "Ada L., here is the part"
    assert stored["html"] == "<p>Ada</p>"


async def test_a_dynamic_template_needs_neither_subject_nor_content(sendgrid: Harness, message: Message) -> None:
    template = f"d-{'0' * 32}"
    block = {"to": [{"email": "a@example.com"}], "dynamic_template_data": {"guest": "Ada", "seats": 2}}
    sent = message(subject=None, content=None, template_id=template, personalizations=[block])
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202
    [stored] = await mails(sendgrid)
    assert stored["custom"]["template_id"] == template
    assert stored["custom"]["dynamic_template_data"] == {"guest": "Ada", "seats": 2}
    assert stored["text"] is None


async def test_attachments_are_stored_once_beside_the_mails(sendgrid: Harness, message: Message) -> None:
    content = bytes(range(256)) * 1_000
    attachment = {"content": base64.b64encode(content).decode(), "filename": "a.bin", "type": "application/x-a"}
    inline = {
        "content": base64.b64encode(b"png").decode(),
        "filename": "b.png",
        "disposition": "inline",
        "content_id": "logo",
    }
    blocks = [{"to": [{"email": f"{name}@example.com"}]} for name in "ab"]
    sent = message(attachments=[attachment, inline], personalizations=blocks)
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202
    first, second = await mails(sendgrid)
    assert [(file["filename"], file["disposition"], file["content_id"]) for file in first["attachments"]] == [
        ("a.bin", "attachment", None),
        ("b.png", "inline", "logo"),
    ]
    assert first["attachments"][0]["blob"] == second["attachments"][0]["blob"]
    store = await sendgrid.store()
    assert (
        b"".join([chunk async for chunk in store.read_blob("sendgrid", first["attachments"][0]["blob"]["id"])])
        == content
    )


async def test_sandbox_mode_checks_and_sends_nothing(sendgrid: Harness, message: Message) -> None:
    settings = {"sandbox_mode": {"enable": True}}
    response = await sendgrid.call("POST", SEND, json=message(mail_settings=settings))
    assert (response.status, await read(response)) == (200, b"")
    assert response.header("x-message-id") is None
    assert await mails(sendgrid) == []
    broken = await sendgrid.call("POST", SEND, json=message(mail_settings=settings, subject=None))
    assert broken.status == 400


async def test_a_footer_stands_below_both_forms(sendgrid: Harness, message: Message) -> None:
    settings = {"footer": {"enable": True, "text": "\n--\nShop", "html": "<hr>Shop"}}
    parts = [{"type": "text/plain", "value": "A"}, {"type": "text/html", "value": "<p>A</p>"}]
    await sendgrid.call("POST", SEND, json=message(mail_settings=settings, content=parts))
    [stored] = await mails(sendgrid)
    assert (stored["text"], stored["html"]) == ("A\n--\nShop", "<p>A</p><hr>Shop")


async def test_replies_come_from_either_member(sendgrid: Harness, message: Message) -> None:
    await sendgrid.call("POST", SEND, json=message(reply_to={"email": "r@example.com"}))
    await sendgrid.call(
        "POST", SEND, json=message(reply_to_list=[{"email": "r@example.com"}, {"email": "s@example.com"}])
    )
    one, many = await mails(sendgrid)
    assert [person["email"] for person in one["reply_to"]] == ["r@example.com"]
    assert [person["email"] for person in many["reply_to"]] == ["r@example.com", "s@example.com"]


async def test_other_content_types_are_kept(sendgrid: Harness, message: Message) -> None:
    parts = [{"type": "text/plain", "value": "A"}, {"type": "text/calendar", "value": "BEGIN:VCALENDAR"}]
    await sendgrid.call("POST", SEND, json=message(content=parts))
    [stored] = await mails(sendgrid)
    assert stored["custom"]["content"] == [parts[1]]


async def test_a_refused_message_leaves_nothing(sendgrid: Harness, message: Message) -> None:
    attachment = {"content": base64.b64encode(b"x").decode(), "filename": "a\r\nb"}
    response = await sendgrid.call("POST", SEND, json=message(attachments=[attachment]))
    assert response.status == 400
    assert await mails(sendgrid) == []


async def test_more_than_thirty_megabytes_are_too_large(sendgrid: Harness, message: Message) -> None:
    sent = message(content=[{"type": "text/plain", "value": "x" * mail.MOST_BYTES}])
    response = await sendgrid.call("POST", SEND, json=sent)
    assert response.status == 413
    assert value(response)["errors"][0]["message"].startswith("The JSON payload")


async def test_no_body_at_all_is_refused(sendgrid: Harness) -> None:
    response = await sendgrid.call("POST", SEND, headers={"content-type": "application/json"})
    assert response.status == 400
    assert value(response)["errors"][0]["message"] == "Bad Request"
    assert await mails(sendgrid) == []


async def test_a_message_that_would_fill_the_mailbox_is_too_large(sendgrid: Harness, message: Message) -> None:
    blocks = [{"to": [{"email": f"{n}@example.com"}]} for n in range(1_000)]
    sent = message(personalizations=blocks, content=[{"type": "text/plain", "value": "x" * 300_000}])
    response = await sendgrid.call("POST", SEND, json=sent)
    assert response.status == 413
    assert value(response)["errors"][0]["field"] == "personalizations"
    assert await mails(sendgrid) == []


async def test_a_thousand_personalizations_are_a_thousand_mails(sendgrid: Harness, message: Message) -> None:
    blocks = [{"to": [{"email": f"{n}@example.com"}], "substitutions": {"-n-": str(n)}} for n in range(1_000)]
    sent = message(personalizations=blocks, subject="Number -n-")
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202
    store = await sendgrid.store()
    stored = await store.mailbox.mails(limit=2_000)
    assert {mail["subject"] for mail in stored} == {f"Number {n}" for n in range(1_000)}
