"""Findings of one real answer: what each kind of violation is called, how much it matters, and what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.contract import Violation
from contracts.observed import RULES, shape, sightings


def seen(violation: Violation, status: int = 200) -> Any:
    (sighting,) = sightings("alpha", "things.get", status, [violation])
    return sighting


@pytest.mark.parametrize(
    ("violation", "status", "rule", "before", "after"),
    [
        (Violation("body", (), "status", "no", ("200",), 206), 206, "success-status-undocumented", None, 206),
        (Violation("body", (), "status", "no", ("200",), 418), 418, "error-status-undocumented", None, 418),
        (
            Violation("body", (), "content_type", "must be", "application/json", "text/html; charset=x"),
            200,
            "media-type-changed",
            "application/json",
            "text/html",
        ),
        (
            Violation("body", (), "content_type", "must be", "application/json"),
            200,
            "media-type-changed",
            "application/json",
            None,
        ),
        (Violation("body", (), "malformed", "is not JSON"), 200, "body-malformed", None, None),
        (Violation("body", ("a",), "required", "is required"), 200, "field-missing", None, None),
        (Violation("body", ("a",), "type", "must be", "string", 5), 200, "type-changed", "string", "number"),
        (
            Violation("body", ("a",), "type", "must be", ("integer", "boolean"), "x"),
            200,
            "type-changed",
            "number or boolean",
            "string",
        ),
        (Violation("body", ("a",), "type", "must be", "structure", "x"), 200, "type-changed", "object", "string"),
        (Violation("body", ("a",), "type", "must be", "string", None), 200, "null-unpromised", "string", "null"),
        (Violation("body", ("a",), "enum", "must be", ("x", "y"), "zed"), 200, "enum-value-added", None, "zed"),
        (
            Violation("body", ("Code",), "enum", "is not", ("x",), "NoSuch"),
            404,
            "error-code-undocumented",
            None,
            "NoSuch",
        ),
        (Violation("body", ("a",), "max_length", "must have", 5, "secret"), 200, "limit-broken", 5, None),
        (
            Violation("body", ("a",), "pattern", "must match", "x" * 99, "secret"),
            200,
            "limit-broken",
            "x" * 59 + "…",
            None,
        ),
        (Violation("body", ("a",), "conflict", "fits none"), 200, "variant-unknown", None, None),
        (Violation("body", ("a",), "unknown", "is not", None, [1]), 200, "field-undocumented", None, None),
    ],
)
def test_every_kind(violation: Violation, status: int, rule: str, before: Any, after: Any) -> None:
    finding = seen(violation, status).finding
    assert (finding.rule, finding.before, finding.after) == (rule, before, after)
    assert finding.severity == RULES[rule][0]
    assert (finding.service, finding.operation) == ("alpha", "things.get")


def test_no_value_is_kept_that_may_be_somebody_s() -> None:
    for value in ("ada@example.com", "cus_9s6XKzkNRiz8i3", "a sentence of words", "sk_test_4eC39HqLyjWDarjtT1zdp7dc"):
        sighting = seen(Violation("body", ("kind",), "enum", "must be one of", ("x",), value))
        assert value not in repr(sighting)
        assert sighting.example() == {"place": "response.200.body.kind", "type": "string"}
        sighting = seen(Violation("body", ("kind", value, 3), "unknown", "is not", None, value))
        assert value not in repr(sighting)
        assert sighting.finding.place == "response.200.body.kind.*[]"


def test_an_example_says_where_and_what() -> None:
    sighting = seen(Violation("body", ("parts", 4, "state"), "enum", "must be one of", ("x",), "half_done"))
    assert sighting.example() == {"place": "response.200.body.parts[].state", "type": "string", "value": "half_done"}
    assert seen(Violation("body", (), "status", "no", (), 418), 418).example() == {
        "place": "response.418",
        "type": "none",
    }


def test_a_provider_s_own_failure_is_no_drift() -> None:
    page = Violation("body", (), "content_type", "must be", "application/json", "text/html")
    unlisted = Violation("body", (), "status", "no", ("200",), 503)
    assert [each.finding.rule for each in sightings("alpha", "things.get", 503, [page, unlisted])] == [
        "error-status-undocumented"
    ]


def test_one_answer_says_each_thing_once() -> None:
    twice = [Violation("body", ("parts", place, "new"), "unknown", "is not", None, place) for place in range(2)]
    assert len(sightings("alpha", "things.get", 200, twice)) == 1
    keys = {sightings("alpha", each, 200, twice)[0].finding.key for each in ("things.get", "things.list")}
    assert len(keys) == 2


def test_what_is_the_same_finding_has_the_same_shape() -> None:
    def at(*pointer: str | int, rule: Any = "unknown", value: Any = 1) -> Violation:
        return Violation("body", pointer, rule, "is", None, value)

    same = [
        (at("a", 1, "b"), at("a", 7, "b", value=2)),
        (at("a", rule="enum", value="x y"), at("a", rule="enum", value="")),
    ]
    other = [
        (at("a"), at("b")),
        (at("a"), at("a", rule="type")),
        (at("a", rule="type"), at("a", rule="type", value="x")),
        (at("a", rule="enum", value="x"), at("a", rule="enum", value="y")),
        (at(rule="content_type", value="text/html; a"), at(rule="content_type", value="text/plain; a")),
    ]
    for one, two in same:
        assert shape(one) == shape(two)
        assert seen(one).finding == seen(two).finding
    for one, two in other:
        assert shape(one) != shape(two)
        assert seen(one).finding != seen(two).finding


def test_types_are_those_of_json() -> None:
    values = {"null": None, "boolean": True, "number": 1.5, "string": "x", "object": {}, "array": [], "bytes": b"x"}
    for name, value in values.items():
        assert seen(Violation("body", ("a",), "unknown", "is not", None, value)).type == name
