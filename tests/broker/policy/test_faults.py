"""Faults: their place, their order, their words."""

from __future__ import annotations

import pytest
import yaml

from broker.errors import InvalidInput
from broker.policy.faults import Faults, dotted, worded


def mark(line: int, column: int = 0) -> yaml.Mark:
    return yaml.Mark("policy", 0, line, column, None, None)


def test_places() -> None:
    assert dotted(()) == ""
    assert dotted(("services", "alpha", "rules", 0, "mode")) == "services.alpha.rules[0].mode"


def test_words() -> None:
    assert worded({"line": 3, "key": "a.b", "message": "is wrong"}) == "line 3, a.b: is wrong"
    assert worded({"key": "", "message": "is empty"}) == "is empty"


def test_a_fault_stands_at_its_key_or_at_the_nearest_one_above() -> None:
    faults = Faults()
    faults.marks = {(): mark(0), ("a",): mark(4, 2)}
    faults.add(("a", "b", 0), "is missing")
    faults.add(("z",), "is unknown")
    faults.add(("a", "b", 0), "is missing")
    with pytest.raises(InvalidInput) as refused:
        faults.stop()
    assert refused.value.errors == [
        {"line": 1, "column": 1, "key": "z", "message": "is unknown"},
        {"line": 5, "column": 3, "key": "a.b[0]", "message": "is missing"},
    ]
    assert refused.value.detail.startswith("The policy has 2 faults: line 1, z: is unknown; line 5,")


def test_without_faults_nothing_stops() -> None:
    Faults().stop()


def test_very_many_faults_are_counted_and_cut() -> None:
    faults = Faults()
    for number in range(300):
        faults.add((f"k{number}",), "is unknown")
    with pytest.raises(InvalidInput, match="has 300 faults") as refused:
        faults.stop()
    assert len(refused.value.errors) == 100
    assert len(refused.value.detail) < 2000
