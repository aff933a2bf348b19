"""Filters: times, sizes, colours; and that templates escape and refuse what is undefined."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jinja2 import UndefinedError

from broker.dashboard import rendering
from broker.dashboard.rendering import Templates
from tests.clocks import START


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (12000, "3 h 20 min"),
        (86400 * 7 - 1, "6 d 23 h"),
        (86400 * 399, "399 d"),
        (86400 * 800, "2 y"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert rendering.span(seconds) == text


def test_times_are_relative_with_the_exact_one_in_the_title() -> None:
    assert rendering.relative(START, START) == "just now"
    assert rendering.relative(START, START + timedelta(hours=2)) == "2 h ago"
    assert rendering.relative(START + timedelta(days=3), START) == "in 3 d"
    html = rendering.ago(START.isoformat(), START + timedelta(seconds=5))
    assert ">5 s ago</time>" in html
    assert f'title="{rendering.exact(START)}"' in html
    assert "-" in rendering.ago(None, START)


def test_sizes_and_durations() -> None:
    assert [rendering.size(n) for n in (None, 0, 1023, 1536, 25 << 20, 300 << 20, 5000 << 30)] == [
        "-",
        "0 B",
        "1023 B",
        "1.5 KiB",
        "25.0 MiB",
        "300 MiB",
        "5000 GiB",
    ]
    assert [rendering.milliseconds(n) for n in (None, 0.44, 12.3, 1234)] == ["-", "0.4 ms", "12 ms", "1.2 s"]
    assert rendering.number(1234567) == "1\u202f234\u202f567"


def test_tones() -> None:
    assert [rendering.tone(word) for word in (200, 302, 404, 500, "open", "whatever", None)] == [
        "good",
        "info",
        "warn",
        "bad",
        "good",
        "plain",
        "plain",
    ]


def test_queries_change_by_name() -> None:
    assert rendering.with_query({"a": "1", "after": "x y"}, after=None, b="ü&") == "a=1&b=%C3%BC%26"


def test_json_is_escaped_in_attributes_too() -> None:
    templates = Templates(url=lambda name, **path: "/x")
    template = templates._environment.from_string('<a title="{{ value|tojson }}">')
    assert template.render(value={"a": '"><b'}) == '<a title="{&#34;a&#34;: &#34;\\&#34;&gt;&lt;b&#34;}">'


def test_templates_escape_and_refuse_what_is_undefined() -> None:
    templates = Templates(url=lambda name, **path: "/x")
    chip = templates.macro("_macros.html", "chip")
    assert chip("<b>") == '<span class="chip plain">&lt;b&gt;</span>'
    with pytest.raises(UndefinedError):
        templates.render("login.html", {})
