"""The table of rules: what narrows breaks requests, what widens may break readers of answers."""

from __future__ import annotations

import pytest

from contracts.diff import rules


@pytest.mark.parametrize(
    ("kind", "request_", "response"),
    [
        ("max-set", "breaking", "safe"),
        ("max-decreased", "breaking", "safe"),
        ("max-increased", "safe", "risky"),
        ("max-unset", "safe", "risky"),
        ("min-increased", "breaking", "safe"),
        ("min-decreased", "safe", "risky"),
        ("exclusive-max-decreased", "breaking", "safe"),
        ("exclusive-min-decreased", "safe", "risky"),
        ("contains-added", "breaking", "safe"),
        ("contains-removed", "safe", "risky"),
        ("became-nullable", "safe", "breaking"),
        ("enum-value-added", "safe", "risky"),
    ],
)
def test_severities(kind: str, request_: str, response: str) -> None:
    assert (rules.severity(kind, "request"), rules.severity(kind, "response")) == (request_, response)


def test_a_kind_has_one_entry() -> None:
    assert len(rules.KINDS) == len(rules.VALUE) + 4 * len(rules.LIMITS) + 3 * len(rules.WHOLE)
