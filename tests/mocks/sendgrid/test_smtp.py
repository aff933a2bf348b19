"""Mail that comes by SMTP is sent as Mail Send sends it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

import pytest

from broker.directory import Entry
from broker.policy import Policy
from broker.visit import Visit
from contracts.contract import Operation
from contracts.exchange import Request
from mocks.base import Call, ServiceError
from mocks.sendgrid import smtp
from mocks.submitting import Submitted
from tests.harness import Harness


def letter(**changes: Any) -> EmailMessage:
    made = EmailMessage()
    fields = {"From": "Shop <shop@example.com>", "To": "Ada <ada@example.com>", "Subject": "Grüße", **changes}
    for name, value in fields.items():
        if value is not None:
            made[name.replace("_", "-")] = value
    made.set_content("Thank you.\n")
    return made


def submitted(message: EmailMessage, *recipients: str) -> Submitted:
    raw = message.as_bytes()
    return Submitted(raw, message_from_bytes(raw), "bounces@example.com", recipients or ("ada@example.com",))


async def send(sendgrid: Harness, given: Submitted) -> str:
    """As broker.inbox.submission does."""
    entry = Entry(sendgrid.environment, Policy.from_normalised(sendgrid.environment.policy), {})
    now, started = sendgrid.clock.now(), sendgrid.clock.monotonic()
    visit = Visit("x", entry, sendgrid.service, "api_key", Request(method="POST", path="/"), now, started)
    queued: list[str] = []

    async def act(call: Call) -> None:
        queued.append(await smtp.SUBMISSION.act(call, given))

    await sendgrid.backend.carry(visit, sendgrid.service, Operation(id="s", method="POST", path="/"), act)
    return queued[0]


async def mails(sendgrid: Harness) -> Sequence[Any]:
    return await (await sendgrid.store()).mailbox.mails()


async def test_the_message_is_kept_as_it_came(sendgrid: Harness) -> None:
    message = letter(Cc="Bob <bob@example.com>", Reply_To="help@example.com", X_Order="7", Message_ID="<1@shop.test>")
    message.add_alternative("<p>Thank <b>you", subtype="html")
    message.add_attachment(b"%PDF\x00", maintype="application", subtype="pdf", filename="Rechnung ü.pdf")
    given = submitted(message, "ada@example.com", "BOB@example.com", "hidden@example.com")
    queued = await send(sendgrid, given)
    [mail] = await mails(sendgrid)
    assert mail["id"] == f"{queued}.0"
    assert (mail["sender"], mail["to"]) == (
        {"email": "shop@example.com", "name": "Shop"},
        [{"email": "ada@example.com", "name": "Ada"}],
    )
    assert (mail["cc"], mail["bcc"]) == (
        [{"email": "bob@example.com", "name": "Bob"}],
        [{"email": "hidden@example.com"}],
    )
    assert (mail["subject"], mail["reply_to"]) == ("Grüße", [{"email": "help@example.com"}])
    assert (mail["text"], mail["html"].strip()) == ("Thank you.\n", "<p>Thank <b>you")
    assert (mail["headers"], mail["message_id"]) == ({"X-Order": "7"}, "<1@shop.test>")
    [file] = mail["attachments"]
    assert (file["filename"], file["content_type"], file["blob"]["size"]) == ("Rechnung ü.pdf", "application/pdf", 5)
    store = await sendgrid.store()
    assert b"".join([chunk async for chunk in store.mailbox.read(mail, mail["raw"]["id"])]) == given.raw
    events = await store.outbox.events(type="processed")
    assert {event.payload["smtp-id"] for event in events} == {"<1@shop.test>"}


async def test_what_the_header_asks_for_is_done(sendgrid: Harness) -> None:
    header = (
        '{"to": ["x@example.com", "y@example.com"], "sub": {"-n-": ["X", "Y"]}, "category": "c", '
        '"unique_args": {"a": "1"}}'
    )
    message = letter(X_SMTPAPI=header, Subject="For -n-")
    await send(sendgrid, submitted(message))
    second, first = await mails(sendgrid)
    assert [(mail["to"][0]["email"], mail["subject"]) for mail in (first, second)] == [
        ("x@example.com", "For X"),
        ("y@example.com", "For Y"),
    ]
    assert (first["categories"], first["custom"]["custom_args"], first["raw"]) == (["c"], {"a": "1"}, None)
    assert (await (await sendgrid.store()).inventory())["blobs"]["count"] == 0


async def test_a_mail_that_reaches_nobody_leaves_nothing(sendgrid: Harness) -> None:
    await send(sendgrid, submitted(letter(To="drop@example.com"), "drop@example.com"))
    assert await mails(sendgrid) == []
    assert (await (await sendgrid.store()).inventory())["blobs"] == {"count": 0, "bytes": 0}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"X_SMTPAPI": "{"}, "X-SMTPAPI is no JSON object"),
        ({"X_SMTPAPI": '{"send_at": 4000000000}'}, "72 hours"),
        ({"X_SMTPAPI": '{"asm_group_id": 7}'}, "group"),
        ({"To": "nobody"}, "does not contain a valid address"),
    ],
)
async def test_what_mail_send_refuses_is_refused(sendgrid: Harness, changes: dict[str, str], told: str) -> None:
    recipient = changes.get("To", "ada@example.com")
    with pytest.raises(ServiceError) as refused:
        await send(sendgrid, submitted(letter(**changes), recipient))
    assert told.lower() in str(refused.value).lower()
    assert await mails(sendgrid) == []
    assert (await (await sendgrid.store()).inventory())["blobs"] == {"count": 0, "bytes": 0}


async def test_an_empty_message_is_a_message(sendgrid: Harness) -> None:
    message = EmailMessage()
    await send(sendgrid, submitted(message, "ada@example.com", "bob@example.com"))
    [mail] = await mails(sendgrid)
    assert (mail["sender"]["email"], mail["subject"]) == ("bounces@example.com", "")
    assert [person["email"] for person in mail["to"]] == ["ada@example.com", "bob@example.com"]


def test_parts_of_any_kind_are_read() -> None:
    raw = (
        b'MIME-Version: 1.0\r\nTo: a@b.org\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=no-such\r\n\r\nh\xc3\xbc\r\n"
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline\r\n\r\nPNG\r\n"
        b"--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=a.html\r\n\r\n<p>\r\n--b--\r\n"
    )
    body = smtp.written(Submitted(raw, message_from_bytes(raw), "s@example.com", ["a@b.org"]), {})
    assert body["content"] == [{"type": "text/plain", "value": "hü"}]
    picture, page = body["attachments"]
    assert picture == {
        "content": base64.b64encode(b"PNG").decode(),
        "type": "image/png",
        "filename": "part-1",
        "disposition": "inline",
        "content_id": "logo",
    }
    assert (page["filename"], page["disposition"], page["type"]) == ("a.html", "attachment", "text/html")
