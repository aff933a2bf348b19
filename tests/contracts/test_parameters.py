"""The styles of OpenAPI's query, path and header parameters."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts import small


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=3&flag=true&ratio=0.5", {"limit": 3, "flag": True, "ratio": 0.5}),
        ("tags=red&tags=green", {"tags": ["red", "green"]}),
        ("tags=red", {"tags": ["red"]}),
        ("ids=1,2,3", {"ids": [1, 2, 3]}),
        ("ids=1", {"ids": [1]}),
        ("words=a%20b+c", {"words": ["a", "b", "c"]}),
        ("pipes=1|2%7C3", {"pipes": [1, 2, 3]}),
        ("filter[since]=5&filter%5Bkind%5D=x", {"filter": {"since": 5, "kind": "x"}}),
        ("", {}),
        ("&&", {}),
    ],
)
def test_styles(query: str, expected: dict[str, Any]) -> None:
    params = small.read(small.contract(), small.request("GET", "/s1/things", query=query))
    assert params.query == expected


@pytest.mark.parametrize(
    ("query", "where", "rule"),
    [
        ("limit=0", "query.limit", "minimum"),
        ("limit=51", "query.limit", "maximum"),
        ("limit=x", "query.limit", "type"),
        ("tags=blue", "query.tags[0]", "enum"),
        ("tags=red&tags=red&tags=red&tags=red", "query.tags", "max_items"),
        ("ids=1,x", "query.ids[1]", "type"),
        ("filter[since]=x", "query.filter.since", "type"),
        ("filter=1", "query.filter", "type"),
        ("ratio=0", "query.ratio", "minimum"),
        ("flag=maybe", "query.flag", "type"),
        ("surplus=1", "query.surplus", "unknown"),
        ("limit=%zz", "query", "malformed"),
        ("filter" + "[a]" * 1_000 + "=1", "query.filter", "too_deep"),
    ],
)
def test_refusals(query: str, where: str, rule: str) -> None:
    (violation,) = small.refused(small.contract(), small.request("GET", "/s1/things", query=query))
    assert (violation.where, violation.rule) == (where, rule)


def test_a_parameter_whose_content_is_json() -> None:
    def shape(query: str) -> Any:
        return small.request("GET", "/s1/things/mine", query=query)

    circle = "shape=%7B%22kind%22%3A%22circle%22%2C%22radius%22%3A2%7D"
    assert small.read(small.contract(), shape(circle)).query == {"shape": {"kind": "circle", "radius": 2}}
    assert [v.rule for v in small.refused(small.contract(), shape("shape={"))] == ["malformed"]
    assert [v.rule for v in small.refused(small.contract(), shape(""))] == ["required"]
    square = circle.replace("circle", "square")
    assert [v.where for v in small.refused(small.contract(), shape(square))] == ["query.shape.side"]


def test_path_parameters_have_types() -> None:
    params = small.read(small.contract(), small.request("GET", "/s1/things/12"))
    assert params.path == {"id": 12}
    (violation,) = small.refused(small.contract(), small.request("GET", "/s1/things/0"))
    assert (violation.where, violation.rule) == ("path.id", "minimum")
    (violation,) = small.refused(small.contract(), small.request("GET", "/s1/things/x"))
    assert (violation.where, violation.rule, violation.expected) == ("path.id", "type", "integer")


def test_header_parameters_are_found_whatever_their_case_and_may_be_lists() -> None:
    params = small.read(small.contract(), small.request("GET", "/s1/things/1", headers=[("x-levels", "1,2")]))
    assert params.header == {"X-Levels": [1, 2]}
    assert params["X-Levels"] == [1, 2]
    (violation,) = small.refused(small.contract(), small.request("GET", "/s1/things", headers=[("x-trace", "no")]))
    assert (violation.where, violation.rule) == ("header.X-Trace", "format")
