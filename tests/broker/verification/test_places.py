"""Places of a document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from broker.verification.places import InvalidPlace, Place
from broker.verification.values import MISSING, Fields

DOCUMENT: dict[str, Any] = {
    "a": {"b": [{"c": 1}, {"c": 2}, {"d": 3}], "x.y": 5},
    "h": Fields({"content-type": "json"}),
    "n": None,
    "dotted.name": 7,
    "0": "zero",
}


@pytest.mark.parametrize(
    ("place", "values"),
    [
        ("a.b[0].c", [1]),
        ("a.b.1.c", [2]),
        ("$.a.b[-1].d", [3]),
        ("a.b[3]", [MISSING]),
        ("a.b[-4]", [MISSING]),
        ("a.b.c", [1, 2, MISSING]),
        ("a.b[*].c", [1, 2, MISSING]),
        ("a.*", [DOCUMENT["a"]["b"], 5]),
        ("a['x.y']", [5]),
        ("['a'].b[0]['c']", [1]),
        ("h.Content-Type", ["json"]),
        ("h.X", [MISSING]),
        ("n", [None]),
        ("n.x", [MISSING]),
        ("n[*]", [MISSING]),
        ("dotted.name", [7]),
        ("0", ["zero"]),
    ],
)
def test_what_stands_there(place: str, values: list[Any]) -> None:
    assert Place(place).values(DOCUMENT) == values


@pytest.mark.parametrize(
    "place", ["", "$.", ".a", "a..b", "a[", "a]", "a[x]", "a[1", "a.", "x" * 501, ".".join("a" * 33)]
)
def test_what_names_no_place(place: str) -> None:
    with pytest.raises(InvalidPlace):
        Place(place)


@given(
    some.text(max_size=40),
    some.recursive(
        some.none() | some.integers() | some.text(),
        lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
        max_leaves=20,
    ),
)
def test_any_text_is_a_place_or_refused(text: str, document: Any) -> None:
    try:
        place = Place(text)
    except InvalidPlace:
        return
    assert place.values(document)
