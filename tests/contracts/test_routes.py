"""Matching paths in a trie."""

from __future__ import annotations

import pytest

from contracts.contract import Operation
from contracts.routes import Routes


def _routes(*templates: str) -> Routes:
    return Routes(
        [Operation(id=template, method=template.split()[0], path=template.split()[1]) for template in templates]
    )


ROUTES = _routes(
    "GET /v1/things",
    "POST /v1/things",
    "GET /v1/things/{id}",
    "GET /v1/things/search",
    "DELETE /v1/things/{thing}",
    "GET /v1/things/{thing}/parts/{part}",
    "POST /v1/things/search/parts",
    "GET /v1/things/{thing}/parts",
    "GET /v1/reports/{name}.csv",
    "GET /v1/reports/{name}-{day}.json",
    "GET /v1/reports/{name}",
)


@pytest.mark.parametrize(
    ("method", "path", "template", "caught"),
    [
        ("GET", "/v1/things", "GET /v1/things", {}),
        ("POST", "/v1/things", "POST /v1/things", {}),
        ("GET", "/v1/things/1", "GET /v1/things/{id}", {"id": "1"}),
        ("DELETE", "/v1/things/1", "DELETE /v1/things/{thing}", {"thing": "1"}),
        ("GET", "/v1/things/search", "GET /v1/things/search", {}),
        # A static segment wins where it can; where it leads to nothing the parameter is tried.
        ("DELETE", "/v1/things/search", "DELETE /v1/things/{thing}", {"thing": "search"}),
        ("GET", "/v1/things/search/parts", "GET /v1/things/{thing}/parts", {"thing": "search"}),
        ("POST", "/v1/things/search/parts", "POST /v1/things/search/parts", {}),
        ("GET", "/v1/things/a/parts/b", "GET /v1/things/{thing}/parts/{part}", {"thing": "a", "part": "b"}),
        ("GET", "/v1/things/a%2Fb%20c%C3%A9", "GET /v1/things/{id}", {"id": "a/b cé"}),
        ("GET", "/v1/things/a+b", "GET /v1/things/{id}", {"id": "a+b"}),
        ("GET", "/v1/reports/may.csv", "GET /v1/reports/{name}.csv", {"name": "may"}),
        ("GET", "/v1/reports/may-3.json", "GET /v1/reports/{name}-{day}.json", {"name": "may", "day": "3"}),
        ("GET", "/v1/reports/may.xml", "GET /v1/reports/{name}", {"name": "may.xml"}),
    ],
)
def test_matches(method: str, path: str, template: str, caught: dict[str, str]) -> None:
    match = ROUTES.match(method, path)
    assert match is not None
    assert (match.operation.id, dict(match.path)) == (template, caught)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/v1/things"),
        ("GET", "/v1/things/"),
        ("GET", "/v1/things/1/"),
        ("GET", "/v1//1"),
        ("GET", "/v1"),
        ("GET", "/"),
        ("GET", ""),
        ("GET", "v1/things"),
        ("GET", "/v2/things"),
        ("GET", "/v1/things/1/parts/2/3"),
        ("GET", "/v1/reports/"),
        ("OPTIONS", "*"),
    ],
)
def test_does_not_match(method: str, path: str) -> None:
    assert ROUTES.match(method, path) is None


def test_methods_of_a_path() -> None:
    assert ROUTES.methods("/v1/things") == {"GET", "POST"}
    assert ROUTES.methods("/v1/things/search") == {"GET", "DELETE"}
    assert ROUTES.methods("/v1/nothing") == frozenset()


def test_of_two_operations_at_one_place_the_first_is_matched() -> None:
    first, second = (Operation(id=name, method="GET", path="/a/{x}") for name in ("first", "second"))
    routes = Routes([first, second])
    match = routes.match("GET", "/a/1")
    assert match is not None
    assert match.operation is first
    assert routes.hidden == [second]
