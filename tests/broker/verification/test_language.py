"""The language of matches: what each operator says, what is refused, and that what is said holds together."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as some

from broker.verification.language import OPERATORS, InvalidMatch, Match
from broker.verification.schema import SCHEMA
from broker.verification.values import Wire

VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

DOCUMENT: dict[str, Any] = {
    "text": "Hello World",
    "number": 42,
    "float": 1.5,
    "yes": True,
    "null": None,
    "tags": ["a", "b", "c"],
    "items": [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}],
    "empty": [],
    "object": {"a": {"b": 1}, "c": 2},
    "json": '{"order": {"id": 7}}',
    "at": "2026-11-27T18:00:00Z",
    "amount": Wire("2000"),
}

TRUE: list[dict[str, Any]] = [
    {},
    {"text": "Hello World", "number": 42, "yes": True, "null": None},
    {"tags": "b"},
    {"tags": ["a", "b", "c"]},
    {"object": {"a": {"b": 1}}},
    {"object.a.b": 1},
    {"items": {"id": 2, "name": "two"}},
    {"items": [{"id": 1}, {"name": "two"}]},
    {"items[*].id": 2},
    {"items[1].name": "two"},
    {"object": {"$eq": {"a": {"b": 1}, "c": 2}}},
    {"number": {"$ne": 41}},
    {"tags": {"$ne": "d"}},
    {"number": {"$in": [1, 42]}},
    {"tags": {"$in": ["x", "b"]}},
    {"text": {"$exists": True}, "nothing": {"$exists": False}},
    {"null": {"$exists": True}},
    {"text": {"$type": "string"}, "number": {"$type": "integer"}, "float": {"$type": "number"}},
    {"nothing": {"$type": "missing"}, "null": {"$type": "null"}, "tags": {"$type": "array"}},
    {"text": {"$regex": "^Hello"}},
    {"text": {"$regex": "(?i)WORLD$"}},
    {"tags": {"$regex": "^b$"}},
    {"number": {"$regex": "^4"}},
    {"text": {"$contains": "lo Wo"}},
    {"tags": {"$contains": "c"}},
    {"items": {"$contains": {"name": "one"}}},
    {"object": {"$contains": {"c": 2}}},
    {"text": {"$icontains": "HELLO"}},
    {"text": {"$startsWith": "Hell", "$endsWith": "ld"}},
    {"number": {"$gt": 41, "$lt": 43, "$gte": 42, "$lte": 42}},
    {"amount": {"$gt": 1999.5}},
    {"amount": 2000},
    {"at": {"$gt": "2026-11-27T17:59:59Z"}},
    {"tags": {"$size": 3}, "text": {"$size": {"$gt": 5}}, "empty": {"$size": 0}},
    {"items": {"$each": {"id": {"$type": "integer"}}}},
    {"tags": {"$unordered": ["c", "a", "b"]}},
    {"items": {"$unordered": [{"id": {"$gt": 0}}, {"id": 1}]}},
    {"json": {"$json": {"order.id": 7}}},
    {"text": {"$not": {"$contains": "Bye"}}},
    {"tags": {"$not": "z"}},
    {"number": {"$or": [1, {"$gt": 40}]}},
    {"number": {"$and": [42, {"$not": 41}]}},
    {"$or": [{"number": 1}, {"text": {"$startsWith": "H"}}]},
    {"$not": {"number": 1}},
    {"empty": []},
]

FALSE: list[dict[str, Any]] = [
    {"text": "hello world"},
    {"number": "42"},
    {"number": True},
    {"yes": 1},
    {"nothing": None},
    {"tags": ["a", "b"]},
    {"tags": ["c", "b", "a"]},
    {"tags": "d"},
    {"object": {"a": {"b": 2}}},
    {"items": {"id": 1, "name": "two"}},
    {"items": [{"id": 1}]},
    {"object": {"$eq": {"c": 2}}},
    {"tags": {"$eq": "a"}},
    {"tags": {"$ne": "a"}},
    {"number": {"$in": []}},
    {"text": {"$exists": False}},
    {"nothing": {"$exists": True}},
    {"float": {"$type": "integer"}},
    {"yes": {"$type": "number"}},
    {"text": {"$regex": "^World"}},
    {"null": {"$regex": ""}},
    {"text": {"$contains": "hello"}},
    {"object": {"$contains": {"c": 3}}},
    {"text": {"$gt": 1}},
    {"number": {"$gt": "1"}},
    {"yes": {"$gte": 0}},
    {"tags": {"$size": 2}},
    {"number": {"$size": 2}},
    {"items": {"$each": {"id": 1}}},
    {"empty": {"$each": {}}},
    {"tags": {"$unordered": ["a", "b"]}},
    {"items": {"$unordered": [{"id": 1}, {"id": 1}]}},
    {"text": {"$json": {}}},
    {"json": {"$json": {"order": 7}}},
    {"number": {"$or": [1, 2]}},
    {"number": {"$and": [42, 41]}},
    {"empty": "x"},
    {"empty": {"a": 1}},
    {"$not": {"number": 42}},
]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"a": {"$near": 1}}, "match.a.$near"),
    ({"a": {"$gt": 1, "b": 2}}, "match.a"),
    ({"a": {"$gt": True}}, "match.a.$gt"),
    ({"a": {"$gt": None}}, "match.a.$gt"),
    ({"a": {"$regex": "("}}, "match.a.$regex"),
    ({"a": {"$regex": 1}}, "match.a.$regex"),
    ({"a": {"$in": "x"}}, "match.a.$in"),
    ({"a": {"$exists": 1}}, "match.a.$exists"),
    ({"a": {"$type": "text"}}, "match.a.$type"),
    ({"a": {"$or": []}}, "match.a.$or"),
    ({"a": {"$and": {"b": 1}}}, "match.a.$and"),
    ({"a": {"$unordered": 1}}, "match.a.$unordered"),
    ({"a": {"$startsWith": 1}}, "match.a.$startsWith"),
    ({"a..b": 1}, "match.a..b"),
    ({"a": {"b": {"": 1}}}, "match.a.b."),
    ({"$nope": 1}, "match.$nope"),
]


@pytest.mark.parametrize("match", TRUE, ids=str)
def test_what_holds(match: dict[str, Any]) -> None:
    assert Match(match).differences(DOCUMENT) == []
    VALIDATOR.validate(match)


@pytest.mark.parametrize("match", FALSE, ids=str)
def test_what_does_not_hold_is_explained(match: dict[str, Any]) -> None:
    read = Match(match)
    found = read.differences(DOCUMENT)
    assert found
    assert all(one.message for one in found)
    assert 0 <= read.score(found) < 1
    VALIDATOR.validate(match)


@pytest.mark.parametrize(("match", "place"), REFUSED, ids=str)
def test_what_says_nothing_is_refused_with_its_place(match: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidMatch) as refused:
        Match(match)
    assert refused.value.place == place
    assert refused.value.message


def test_every_operator_is_tried() -> None:
    said = str(TRUE) + str(FALSE)
    assert [name for name in OPERATORS if f"'{name}'" not in said] == []
    assert set(SCHEMA["$defs"]["operators"]["properties"]) == set(OPERATORS)


def test_no_match_asks_for_too_much() -> None:
    deep: Any = 1
    for _ in range(30):
        deep = {"a": deep}
    wide = {f"a{number}": number for number in range(600)}
    for match in (deep, wide, {"a": {"$in": list(range(600))}}, {"a": {"$eq": deep}}):
        with pytest.raises(InvalidMatch):
            Match(match)
    with pytest.raises(InvalidMatch):
        Match({f"a{number}": {"$regex": f"a{number}"} for number in range(60)})


def test_the_differences_name_their_places_and_the_score_what_is_so() -> None:
    match = Match({"text": "Hello World", "object": {"a": {"b": 2}, "c": 2}, "items[*].id": 9})
    found = match.differences(DOCUMENT)
    assert [(one.place, one.expected, one.actual) for one in found] == [("object.a.b", 2, 1), ("items[*].id", 9, 1)]
    assert found[0].message == "object.a.b: expected 2, found 1"
    assert 0.3 < match.score(found) < 0.9
    assert Match({"nothing": 1}).differences(DOCUMENT)[0].message == "nothing: expected 1, found nothing"


def test_of_many_entries_the_nearest_is_told() -> None:
    (found,) = Match({"items": {"id": 2, "name": "zwei"}}).differences(DOCUMENT)
    assert (found.place, found.actual) == ("items[1].name", "two")


JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-5, 5) | some.text("ab$.", max_size=3),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text("ab", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(some.dictionaries(some.text("ab", min_size=1, max_size=2), JSON, max_size=4))
def test_a_document_matches_itself_and_not_its_negation(document: dict[str, Any]) -> None:
    assert Match(document).differences(document) == []
    assert Match({"$not": document}).differences(document)
    assert Match({name: {"$eq": value} for name, value in document.items()}).differences(document) == []


@given(
    some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(max_size=5),
        lambda inner: (
            some.lists(inner, max_size=3)
            | some.dictionaries(some.sampled_from([*OPERATORS, "a", "b[*]", "$x", "a.b"]), inner, max_size=3)
        ),
        max_leaves=15,
    ),
    JSON,
)
def test_any_match_is_read_or_refused_and_never_fails(said: Any, value: Any) -> None:
    match = {"a": said}
    try:
        read = Match(match)
    except InvalidMatch:
        return
    found = read.differences({"a": value})
    assert (read.score(found) == 1) == (not found)
    # What is read is what the schema describes; patterns and places it cannot check.
    VALIDATOR.validate(match)
