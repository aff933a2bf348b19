"""Findings: the same one has the same key, and the gravest comes first."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from contracts.drift import Finding, ranked, worst


def finding(**changes: Any) -> Finding:
    values: dict[str, Any] = {
        "service": "tiny",
        "operation": "things.create",
        "rule": "response-property-removed",
        "place": "response.200.body.name",
        "severity": "breaking",
        "message": "name is gone",
    }
    return Finding(**{**values, **changes})


def test_a_key_is_of_the_difference_and_not_of_its_words() -> None:
    assert finding().key == finding(message="name went away", severity="risky").key
    keys = {finding(**change).key for change in ({}, {"place": "x"}, {"after": 1}, {"operation": None}, {"rule": "y"})}
    assert len(keys) == 5


def test_a_key_outlives_its_finding_in_json() -> None:
    made = finding(before=("a", "b"), after={"y": 1, "x": None})
    assert made.key == Finding(**json.loads(json.dumps(asdict(made)))).key
    assert made.key != finding(before=("a", "b"), after={"y": 1}).key


def test_the_gravest_comes_first() -> None:
    found = [
        finding(severity=severity, place=place)
        for severity, place in (("safe", "a"), ("breaking", "b"), ("risky", "a"), ("breaking", "a"))
    ]
    assert [(each.severity, each.place) for each in ranked(found)] == [
        ("breaking", "a"),
        ("breaking", "b"),
        ("risky", "a"),
        ("safe", "a"),
    ]
    assert worst(found) == "breaking"
    assert worst(found[:1]) == "safe"
    assert worst([]) is None
