"""The language in which mails are looked for."""

from __future__ import annotations

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import InvalidInput
from broker.inbox import search
from tests.broker.inbox.samples import PAGE, file, found

MAIL = found(
    html=PAGE,
    reply_to=[{"email": "help@example.com"}],
    attachments=[file("Invoice 7.pdf"), file("logo.png", disposition="inline", content_id="logo")],
    scope="test-1",
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "receipt",
        "RECEIPT ada",
        '"your receipt"',
        "thank",
        "here",
        "invoice",
        "from:shop",
        'from:"the shop"',
        "to:ada@example.com",
        "cc:bob",
        "reply-to:help",
        "addressed:help addressed:bob addressed:shop",
        "recipient:bob",
        "subject:receipt",
        'subject:"your receipt"',
        "message-id:m1@example",
        "id:m1",
        "tag:receipt",
        "category:Receipt",
        "arg:order",
        "arg:order=7",
        "is:unread",
        "is:tagged",
        "has:attachment",
        "has:attachments has:inline",
        "before:2026-11-28",
        "after:2026-11-27",
        'after:"2026-11-27 09:59"',
        "after:2026/11/26",
        "larger:1k smaller:3k",
        "service:alpha scope:test-1",
        "text:thank",
        "-from:nobody",
        "!subject:no",
        '-"your invoice"',
    ],
)
def test_what_matches(text: str) -> None:
    assert search.parse(text).matches(MAIL), text


@pytest.mark.parametrize(
    "text",
    [
        "alert",
        "nobody",
        "to:bob@example.com",
        "from:ada",
        "-receipt",
        '"receipt your"',
        "tag:rec",
        "arg:order=8",
        "arg:colour",
        "is:read",
        "before:2026-11-27",
        "after:2026-11-28",
        "larger:1m",
        "receipt nobody",
        "https://nobody",
        '"unclosed',
        "unknown:receipt",
        "bcc:bob",
        "-",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not search.parse(text).matches(MAIL), text


@pytest.mark.parametrize("text", ["before:soon", "after:", "is:gone", "has:legs", "larger:big", "x" * 2001, "a " * 51])
def test_what_nobody_can_look_for(text: str) -> None:
    if text == "after:":
        # Without a value it is a word.
        assert not search.parse(text).matches(MAIL)
        return
    with pytest.raises(InvalidInput, match="search"):
        search.parse(text)


def test_a_date_is_one_of_a_place() -> None:
    # In Auckland it was 23:00 already.
    assert search.parse("after:2026-11-27", ZoneInfo("Pacific/Auckland")).matches(MAIL)
    assert search.parse('after:"2026-11-27 22:30" before:"2026-11-27 23:30"', ZoneInfo("Pacific/Auckland")).matches(
        MAIL
    )
    assert not search.parse("after:2026-11-28", ZoneInfo("Pacific/Auckland")).matches(MAIL)


def test_whether_texts_are_read() -> None:
    assert search.parse("x").reads_text
    assert not search.parse("from:x").reads_text


@given(st.text(max_size=200))
def test_any_text_is_looked_for_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert search.parse(text).matches(MAIL) in (True, False)
