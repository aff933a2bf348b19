"""Plain text of HTML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.sendgrid.plain_text import plain


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>Hi {{name}}</p>", "Hi {{name}}"),
        ("<h1>A</h1><p>b<br>c</p>", "A\n\nb\nc"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("<head><title>t</title><style>p{}</style></head><body>b<script>x()</script></body>", "b"),
        ('<a href="https://e.com/x">here</a>', "here ( https://e.com/x )"),
        ('<a href="https://e.com">https://e.com</a>', "https://e.com"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("several   blanks\nand lines", "several blanks and lines"),
    ],
)
def test_the_text_is_kept(html: str, text: str) -> None:
    assert plain(html) == text


def test_hostile_html_costs_no_more_than_its_length() -> None:
    started = time.process_time()
    for html in ("<a href=x>" * 60_000 + "</a>" * 60_000, "<" * 1_000_000, "<!--" * 250_000, "<p href" + " " * 900_000):
        plain(html)
    assert time.process_time() - started < 30


@given(st.text(alphabet="<>/ap{}#&;\n brli=\"'", max_size=200))
def test_anything_has_a_text(html: str) -> None:
    assert isinstance(plain(html), str)
