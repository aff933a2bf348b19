"""What people read in a mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.inbox.words import links, readable, snippet, words
from tests.broker.inbox.samples import PAGE, found


def test_html_is_read_as_its_words() -> None:
    assert readable(PAGE) == "Pay now Or pay here"
    assert readable("a<br>b<td>c</td>d &amp; &#228;") == "a b c d & ä"
    assert readable("") == readable("<script>x</script>") == readable("<!-- no -->") == ""


def test_markup_of_any_depth_is_read() -> None:
    assert readable("<div>" * 50_000 + "deep") in ("deep", "")


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(readable(text), str)
    assert isinstance(links(text, text), list)


def test_links_are_told_once_in_their_order() -> None:
    text = "See https://docs.test/x, or https://shop.test/pay?a=1&b=2."
    assert links(text, PAGE + "<a href='#top'>up</a><a href='mailto:a@b.c'> write </a>") == [
        {"url": "https://shop.test/pay?a=1&b=2", "text": "pay here"},
        {"url": "mailto:a@b.c", "text": "write"},
        {"url": "https://docs.test/x", "text": ""},
    ]
    assert links(None, None) == []


def test_so_many_links_are_told() -> None:
    assert len(links(None, "".join(f"<a href='https://a.test/{number}'>x</a>" for number in range(2000)))) == 1000


@pytest.mark.parametrize(
    ("text", "html", "shown"),
    [("plain\n text", PAGE, "plain text"), (None, PAGE, "Pay now Or pay here"), (None, None, ""), ("", "<p>x", "x")],
)
def test_a_snippet_is_how_the_text_begins(text: str | None, html: str | None, shown: str) -> None:
    assert snippet(found(text=text, html=html)) == shown
    assert snippet(found(text="x" * 1000)) == "x" * 250
    assert words(found(text=None, html=None)) == ""
