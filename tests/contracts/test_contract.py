"""Parameters, violations and what they say."""

from __future__ import annotations

import pytest

from contracts.contract import ContractViolation, Operation, Params, Violation

OPERATION = Operation(id="things.create", method="POST", path="/things")


def test_a_name_is_looked_up_in_path_query_header_and_then_the_body() -> None:
    params = Params(path={"id": 1, "a": "path"}, query={"a": "query", "b": "query"}, body={"b": "body", "c": None})
    assert (params["id"], params["a"], params["b"], params["c"]) == (1, "path", "query", None)
    assert params.get("d", 7) == 7
    assert "c" in params
    assert "d" not in params
    assert 7 not in params
    with pytest.raises(KeyError):
        params["d"]
    assert list(params) == ["id", "a", "b", "c"]
    assert params.members() == {"a": "query", "b": "body", "c": None}


def test_a_body_that_is_no_object_has_no_members() -> None:
    params = Params(query={"a": 1}, body=[1, 2])
    assert params.members() == {"a": 1}
    assert list(params) == ["a"]
    assert params.get("0") is None


def test_a_place_for_people() -> None:
    assert Violation("body", ("items", 0, "price"), "required", "is required").where == "body.items[0].price"
    assert Violation("query", (), "malformed", "is broken").where == "query"


def test_a_refusal_says_what_and_where_and_shows_no_value() -> None:
    violations = [
        Violation("body", ("a",), "type", "must be of type integer", "integer", "sk_live_secret"),
        Violation("path", ("id",), "required", "is required"),
    ]
    refused = ContractViolation(OPERATION, violations)
    assert str(refused) == "things.create: body.a: must be of type integer; path.id: is required"
    assert refused.violations == tuple(violations)
    assert refused.operation is OPERATION


def test_operations_compare_by_identity() -> None:
    twin = Operation(id="things.create", method="POST", path="/things")
    assert {OPERATION: 1}.get(twin) is None
    assert twin != OPERATION
