"""What filling in a message may cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mocks.sendgrid.bounds import MOST_OF_ONE, Bounds, TooLong
from tests.harness import Harness
from tests.mocks.sendgrid.sending import SEND, events, mails

Message = Callable[..., dict[str, Any]]


def test_what_is_replaced_is_counted() -> None:
    bounds = Bounds(100)
    assert bounds.replace("a-a", "a", "bcd") == "bcd-bcd"
    assert bounds.left == 93
    assert bounds.join("x", ["1", "2"]) == "1x2"
    with pytest.raises(TooLong):
        bounds.spend(91)


def test_a_form_of_a_mail_is_never_too_long() -> None:
    with pytest.raises(TooLong):
        Bounds().replace("a" * 1000, "a", "b" * MOST_OF_ONE)
    with pytest.raises(TooLong):
        Bounds().join("b" * MOST_OF_ONE, [""] * 100)


@pytest.mark.parametrize(
    "changes",
    [
        {"personalizations": [{"to": [{"email": "a@example.com"}], "substitutions": {"x": "y" * 1_000_000}}]},
        {
            "personalizations": [{"to": [{"email": "a@example.com"}], "substitutions": {"x": "z" * 1_000}}],
            "sections": {"z": "y" * 100_000},
        },
        {
            "tracking_settings": {
                "ganalytics": {"enable": True, "utm_source": "y" * 1_000_000},
            }
        },
    ],
)
async def test_a_message_of_gigabytes_is_dropped(sendgrid: Harness, message: Message, changes: dict[str, Any]) -> None:
    html = '<a href="http://x">x</a>' * 1_000 + "x" * 1_000
    sent = message(**{"content": [{"type": "text/html", "value": html}], **changes})
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202
    assert [event for event, _ in await events(sendgrid)] == ["dropped"]
    assert await mails(sendgrid) == []


async def test_a_pixel_stands_once_and_links_are_bounded(sendgrid: Harness, message: Message) -> None:
    html = '<a href="http://x">x</a>' * 5_000
    tracking = {"open_tracking": {"enable": True, "substitution_tag": "x"}, "click_tracking": {"enable": True}}
    await sendgrid.call(
        "POST", SEND, json=message(content=[{"type": "text/html", "value": html}], tracking_settings=tracking)
    )
    [mail] = await mails(sendgrid)
    assert mail["html"].count("/wf/open") == 1
    assert mail["html"].count("/ls/click") == 1_000
