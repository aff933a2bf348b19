"""No class of change that oasdiff knows is forgotten: a rule of ours tells it, or a reason stands beside it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from contracts.diff import coverage


def theirs() -> list[str]:
    """oasdiff's rule ids, written out."""
    lines = (Path(__file__).parent / "oasdiff_rules.txt").read_text().splitlines()
    found: list[str] = []
    for line in lines:
        if line and not line.startswith("#"):
            parts = [part.split(",") for part in re.split(r"[{}]", line)]
            found += ["".join(words) for words in itertools.product(*parts)]
    return found


def test_the_list_is_whole() -> None:
    assert len(theirs()) > 400
    assert len(set(theirs())) == len(theirs())


def test_every_class_is_told_or_has_its_reason() -> None:
    forgotten = [rule for rule in theirs() if coverage.covered_by(rule) is None and coverage.reason(rule) is None]
    assert not forgotten


def test_what_is_said_to_tell_it_is_a_rule_of_ours() -> None:
    named = {rule: coverage.covered_by(rule) for rule in theirs()}
    wrong = {rule: ours for rule, ours in named.items() if ours is not None and ours not in coverage.names()}
    assert not wrong


def test_no_line_of_the_table_is_idle() -> None:
    for pattern in (*coverage.ELSEWHERE, *coverage.NOT_TOLD):
        assert any(re.fullmatch(pattern, rule) for rule in theirs()), pattern


def test_an_unknown_class_is_noticed() -> None:
    assert coverage.covered_by("response-colour-changed") is None
    assert coverage.reason("response-colour-changed") is None
