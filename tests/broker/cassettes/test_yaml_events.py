from __future__ import annotations

from typing import Any

import pytest

from broker.cassettes import yaml_events
from broker.cassettes.yaml_events import load
from broker.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: -2\nc: 1.5\nd: 1.0e+20", {"a": 1, "b": -2, "c": 1.5, "d": 1e20}),
        ("a: yes\nb: true\nc: ~\nd:", {"a": "yes", "b": True, "c": None, "d": None}),
        ("a: 2026-11-27\nb: 0x1f\nc: 010", {"a": "2026-11-27", "b": "0x1f", "c": "010"}),
        ("1: a\ntrue: b", {"1": "a", "true": "b"}),
        ("a: !!str 1\nb: '2'\nc: !!binary aGVsbG8=", {"a": "1", "b": "2", "c": b"hello"}),
        ("a: &x [1, 2]\nb: *x", {"a": [1, 2], "b": [1, 2]}),
        ("- 1\n--- \n- 2", [1]),
        ("", None),
    ],
)
def test_plain_values(text: str, value: Any) -> None:
    assert load(text.encode(), "x") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: !!python/object/apply:os.system [ls]", "line 1: the tag .*python.* is not supported"),
        ("--- !ruby/object:Gem::Installer\ni: x", "tag !ruby/object:Gem::Installer"),
        ("a: !thing x", "tag !thing"),
        ("\na: &x [*x]", "line 2: .x stands before its end"),
        ("a: 1\na: 2", "line 2: the key a stands twice"),
        ("? [a]\n: 1", "a key must be text"),
        ("[" * 200 + "]" * 200, "nested too deeply"),
        ("a: [", "not valid YAML"),
        ("a: \x00", "not valid YAML"),
        ("a: !!binary aGVsb", "not base64"),
    ],
)
def test_hostile_text_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=f"x.*{words}"):
        load(text.encode(), "x")


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load(b"a: \xff", "x")


def test_a_few_lines_cannot_become_billions_of_values() -> None:
    lines = ["a0: &a0 [" + ",".join(["x"] * 10) + "]"]
    lines += [f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 10)]
    with pytest.raises(InvalidInput, match="too many values"):
        load("\n".join(lines).encode(), "x")


def test_a_document_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_events, "MAX_BYTES", 1 << 20)
    with pytest.raises(InvalidInput, match="at most 1 MiB"):
        load(b"#" * ((1 << 20) + 1), "x")


def test_classes_of_other_languages_are_passed_over_where_that_is_wanted() -> None:
    text = b"a: !ruby/object:Set {b: !ruby/symbol c, d: !!python/unicode '1'}\n"
    with pytest.raises(InvalidInput, match="ruby/object:Set is not supported"):
        load(text, "x")
    assert load(text, "x", foreign=True) == {"a": {"b": "c", "d": "1"}}
    with pytest.raises(InvalidInput, match="the tag !mine is not supported"):
        load(b"!mine 1", "x", foreign=True)
