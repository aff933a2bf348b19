"""Form bodies with nested brackets, and what is no form."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.form import MAX_DEPTH, MAX_PAIRS, FormError, decode, path_of, text_of


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a=", {"a": ""}),
        ("a", {"a": ""}),
        ("&a=1&&b=2&", {"a": "1", "b": "2"}),
        ("a=1=2", {"a": "1=2"}),
        ("a[b]=1&a[c][d]=2", {"a": {"b": "1", "c": {"d": "2"}}}),
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("a[]=1&a[]=2", {"a": {"": ["1", "2"]}}),
        ("a[7][b]=1&a[2][b]=2", {"a": {"7": {"b": "1"}, "2": {"b": "2"}}}),
        ("a[][b]=1&a[][c]=2&a[][b]=3", {"a": {"": [{"b": "1", "c": "2"}, {"b": "3"}]}}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("name=J%C3%A9r%C3%B4me+%26+co", {"name": "Jérôme & co"}),
        ("a+b=c", {"a b": "c"}),
        ("a[b=1", {"a[b": "1"}),
        ("[]=1", {"[]": "1"}),
        ("=1", {"": "1"}),
        ("a[b]c=1", {"a[b]c": "1"}),
    ],
)
def test_decodes(text: str, tree: dict[str, Any]) -> None:
    assert decode(text) == tree


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a=%", "malformed"),
        ("a=%zz", "malformed"),
        ("%4=1", "malformed"),
        ("a=%ff", "malformed"),
        ("a=b%00c", "malformed"),
        ("a=b\0c", "malformed"),
        ("a%00=b", "malformed"),
        ("a=1&a[b]=2", "malformed"),
        ("a[b]=2&a=1", "malformed"),
        ("a[]=2&a[b]=1&a[b][c]=1", "malformed"),
        ("a" + "[b]" * 1_000 + "=1", "too_deep"),
        ("a" + "[b]" * 1_000_000 + "=1", "too_deep"),
        ("&".join(["a=1"] * (MAX_PAIRS + 1)), "malformed"),
    ],
)
def test_refuses(text: str, rule: str) -> None:
    with pytest.raises(FormError) as caught:
        decode(text)
    assert caught.value.rule == rule


def test_the_deepest_key_that_is_accepted() -> None:
    node: Any = decode("a" + "[b]" * MAX_DEPTH + "=1")
    for _ in range(MAX_DEPTH + 1):
        (node,) = node.values()
    assert node == "1"


def test_a_disagreement_says_where() -> None:
    with pytest.raises(FormError) as caught:
        decode("a[b]=1&a[b][c]=2")
    assert caught.value.pointer == ("a", "b")


def test_bytes_that_are_not_utf_8() -> None:
    with pytest.raises(FormError):
        text_of(b"a=\xff")


def test_many_different_keys_are_decoded_though_not_all_are_kept() -> None:
    for round_ in range(6):
        keys = [f"k{round_}_{number}[x]" for number in range(1_000)]
        assert len(decode("&".join(f"{key}=1" for key in keys))) == 1_000
    assert path_of("a" * 300 + "[b]") == ("a" * 300, "b")


_NAMES = st.text(st.characters(exclude_characters="[]\0", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: not re.fullmatch(r"\d+", name)
)
_VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
_TREES = st.recursive(_VALUES, lambda inner: st.dictionaries(_NAMES, inner, min_size=1, max_size=3), max_leaves=8)


def _encoded(tree: Any, prefix: str = "") -> list[str]:
    if isinstance(tree, str):
        return [f"{quote_plus(prefix)}={quote_plus(tree)}"]
    return [pair for name, inner in tree.items() for pair in _encoded(inner, f"{prefix}[{name}]" if prefix else name)]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.dictionaries(_NAMES, _TREES, max_size=4))
def test_what_was_encoded_is_decoded(tree: dict[str, Any]) -> None:
    assert decode("&".join(_encoded(tree))) == tree
