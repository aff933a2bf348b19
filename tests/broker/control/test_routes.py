"""The table of routes."""

from __future__ import annotations

import re

import pytest

from broker.control.answering import Route
from broker.control.routes import ENVIRONMENT, ONE, ROUTES, V1
from broker.errors import NotFound


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.id)
def test_each_route_tells_all_about_itself(route: Route) -> None:
    assert re.fullmatch(r"[A-Z].*\.|[A-Z].*\w", route.about, re.DOTALL)
    assert route.replies, "an answer without a shape cannot be checked"
    assert all(query.about.endswith(".") for query in route.query)
    assert route.token == route.path.startswith(V1)
    if "{" in route.path:
        assert NotFound in route.errors or route.method == "PUT", "a name can be unknown, unless it is made"


def test_what_reads_an_open_environment_can_find_it_closed() -> None:
    for route in ROUTES:
        if route.path.startswith(ENVIRONMENT + "/") and route.id not in (
            "showReceipt",
            "explainPolicy",
            "listEnvironmentIncidents",
            "listResources",
            "planClose",
            "listLeases",
            "revokeLeases",
            "showUsage",
        ):
            assert set(ONE) <= set(route.errors), route.id


def test_a_method_stands_once_at_a_path() -> None:
    places = [(route.method, route.path) for route in ROUTES]
    assert len(set(places)) == len(places)
