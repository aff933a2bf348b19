"""What a line of a policy matches; the decisions made of it are in test_decisions.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker.policy.rules import Rule, pause


@pytest.mark.parametrize(
    ("line", "operation", "method", "path", "matches"),
    [
        ({"operation": "things.*"}, "things.create", "POST", "/v1/things", True),
        ({"operation": "things.*"}, None, "POST", "/v1/things", False),
        ({"request": "POST /v1/things"}, "things.create", "POST", "/v1/things", True),
        ({"request": "* /v1/**"}, None, "GET", "/v1/a/b", True),
        ({"request": "GET /v1/*"}, None, "GET", "/v1/a/b", False),
        ({"request": "GET /v1/{id}"}, None, "HEAD", "/v1/a", False),
    ],
)
def test_a_line_matches(line: dict[str, str], operation: str | None, method: str, path: str, matches: bool) -> None:
    assert Rule.of({"mode": "mock", **line}).matches(operation, method, path) is matches


def test_a_refusal_holds_in_every_reading() -> None:
    refusing = Rule.of({"mode": "refuse", "request": "GET /v1/a/b"})
    assert refusing.matches(None, "HEAD", "/v1/a/b")
    assert refusing.matches(None, "GET", "/v1/a%2Fb")
    assert not Rule.of({"mode": "mock", "request": "GET /v1/a/b"}).matches(None, "GET", "/v1/a%2Fb")


def test_a_pause_is_a_duration_or_milliseconds() -> None:
    assert pause("250ms") == timedelta(milliseconds=250)
    assert pause("2m") == timedelta(minutes=2)
