"""What a test sends through Mailpit's API is a message."""

from __future__ import annotations

import base64
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import orjson
import pytest

from broker.errors import InvalidInput
from broker.inbox import mailpit_send

PERSON = {"Email": "a@example.com", "Name": "Ä"}


def test_everything_it_can_say() -> None:
    wanted = mailpit_send.read(
        orjson.dumps(
            {
                "From": PERSON,
                "To": [PERSON, {"Email": "b@example.com"}],
                "Cc": [{"Email": "b@example.com"}],
                "Bcc": ["c@example.com"],
                "ReplyTo": [PERSON],
                "Subject": "Grüße",
                "Text": "hi",
                "HTML": "<p>hi",
                "Tags": ["one"],
                "Headers": {"X-One": "1", "Subject": "another"},
                "Attachments": [
                    {
                        "Content": base64.b64encode(b"%PDF").decode(),
                        "Filename": "ä.pdf",
                        "ContentType": "application/pdf",
                    },
                    {"Content": "aGk=", "Filename": "l.png", "ContentType": "image/png", "ContentID": "logo"},
                ],
            }
        )
    )
    assert mailpit_send.recipients(wanted) == ["a@example.com", "b@example.com", "c@example.com"]
    message = message_from_bytes(mailpit_send.written(wanted), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert (message["subject"], message["x-one"], message["x-smtpapi"]) == ("Grüße", "1", '{"category":["one"]}')
    assert "c@example.com" not in message.as_string()
    assert [part.get_filename() for part in message.walk() if part.get_filename()] == ["ä.pdf", "l.png"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"From": {"Email": "a@example.com"}}',
        b'{"From": {"Name": "a"}, "Bcc": ["b@example.com"]}',
        b'{"From": {"Email": 7}, "Bcc": ["b@example.com"]}',
    ],
)
def test_what_is_no_mail(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        mailpit_send.read(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"Subject": "a\r\nBcc: all@example.com"},
        {"Headers": {"X\r\nY": "1"}},
        {"Headers": {"X": "1\r\nY: 2"}},
        {"Attachments": [{"Content": "%%%", "Filename": "x"}]},
    ],
)
def test_what_makes_none(changes: dict[str, Any]) -> None:
    wanted = mailpit_send.read(orjson.dumps({"From": PERSON, "Bcc": ["b@example.com"], **changes}))
    with pytest.raises(InvalidInput):
        mailpit_send.written(wanted)
