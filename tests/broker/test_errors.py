"""The tree of control errors, and the problem document that each becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from broker import errors
from broker.errors import BrokerError, InvalidInput, MethodNotAllowed, Unauthorised


def tree(kind: type[BrokerError]) -> Iterator[type[BrokerError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from tree(child)


def test_the_drawn_tree_is_the_one_in_the_code() -> None:
    drawn = re.findall(r"[├└]── (\w+)\s+(\d{3})", errors.__doc__ or "")
    assert [(kind.__name__, str(kind.status)) for kind in tree(BrokerError)] == drawn
    assert [status for _, status in drawn] == sorted(status for _, status in drawn)


def test_every_error_has_its_own_slug_and_title() -> None:
    kinds = list(tree(BrokerError))
    assert len({kind.slug for kind in kinds}) == len(kinds)
    assert len({kind.title for kind in kinds}) == len(kinds)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug) for kind in kinds)


@pytest.mark.parametrize("kind", [kind for kind in tree(BrokerError) if kind is not MethodNotAllowed])
def test_problem_details(kind: type[BrokerError]) -> None:
    found = kind("what was wrong, and what to do").problem()
    assert found == {
        "type": f"/_broker/docs/errors#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": "what was wrong, and what to do",
    }


def test_faults_and_members_are_told() -> None:
    fault = {"line": 3, "key": "services.x", "message": "unknown"}
    found = InvalidInput("the policy has a fault", errors=[fault], hint="see the schema").problem()
    assert (found["errors"], found["hint"]) == ([fault], "see the schema")
    assert str(InvalidInput("plain")) == "plain"


def test_headers_that_go_with_a_refusal() -> None:
    refused = MethodNotAllowed("no PUT here", allow=["GET", "POST"])
    assert refused.headers == {"allow": "GET, POST"}
    assert refused.detail == "no PUT here; possible: GET, POST"
    assert "www-authenticate" in Unauthorised("no token").headers
    assert InvalidInput("x").headers == {}
