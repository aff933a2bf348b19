"""Copies of bounces and spam reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Harness
from tests.mocks.sendgrid.sending import SEND, mails

Message = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("setting", "word", "subject"),
    [
        ("forward_bounce", "bounce", "Bounce: Your order"),
        ("forward_spam", "spam", "Spam report: Your order"),
    ],
)
async def test_who_wants_to_hear_of_it_does(
    sendgrid: Harness, message: Message, setting: str, word: str, subject: str
) -> None:
    sent = message(personalizations=[{"to": [{"email": f"{word}@example.com"}]}])
    change = {"enabled": True, "email": "post@example.com"}
    await sendgrid.call("PATCH", f"/v3/mail_settings/{setting}", json=change)
    await sendgrid.call("POST", SEND, json=message())
    await sendgrid.call("POST", SEND, json=sent)
    told = [mail for mail in await mails(sendgrid) if mail["to"] == [{"email": "post@example.com"}]]
    assert [mail["subject"] for mail in told] == [subject]
    assert f"{word}@example.com" in told[0]["text"]


async def test_nobody_hears_of_it_otherwise(sendgrid: Harness, message: Message) -> None:
    await sendgrid.call("PATCH", "/v3/mail_settings/forward_bounce", json={"enabled": True})
    await sendgrid.call("POST", SEND, json=message(personalizations=[{"to": [{"email": "bounce@example.com"}]}]))
    assert len(await mails(sendgrid)) == 1
