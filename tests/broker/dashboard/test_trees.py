"""JSON as lines: escaped, marked at what broke its contract."""

from __future__ import annotations

import re

from broker.dashboard import trees
from tests.broker.dashboard.site import shown

BAD = "</span><script>x</script>"


def lines(value: object, marks: trees.Marks | None = None) -> list[str]:
    html = str(trees.tree(value, marks))
    return [shown(line) for line in html.split("\n")]


def test_nothing_that_is_shown_is_markup() -> None:
    html = str(trees.tree({BAD: [BAD, {"a": BAD}]}, {"body." + BAD: [BAD]}))
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 4


def test_every_member_has_a_line() -> None:
    value = {"a": 1, "b": [True, None, {}], "c": {"d": "x"}, "e": [], "f": 1.5}
    text = re.sub(r"<[^>]+>", "", str(trees.tree(value))).replace("&#34;", '"')
    assert text == (
        '{\n  "a": 1,\n  "b": [\n    true,\n    null,\n    {}\n  ],\n  "c": {\n    "d": "x"\n  },\n  "e": [],\n'
        '  "f": 1.5\n}'
    )
    assert lines("text") == ["&#34;text&#34;"]


def test_a_mark_stands_at_its_place_or_around_it() -> None:
    value = {"items": [{"price": 1}], "x": 2}
    marks = {"body.items[0].price": ["is no price"], "body.items[0].gone": ["is missing"], "query.z": ["elsewhere"]}
    marked = [line for line in str(trees.tree(value, marks)).split("\n") if "marked" in line]
    assert [shown(line) for line in marked] == [
        "{ elsewhere",
        "{ is missing",
        "&#34;price&#34; : 1 is no price",
    ]


def test_what_is_too_long_is_cut_and_what_is_too_deep_stays_in_a_line() -> None:
    assert lines(list(range(trees.MOST * 2)))[-1] == "… the rest is left out here"
    deep: object = "x"
    for _ in range(200):
        deep = [deep]
    assert len(lines(deep)) < 200
    assert lines(1 << 70) == [str(1 << 70)]
