"""The schema of matches is a schema, and every operator is described; that they agree is tried with the language."""

from __future__ import annotations

import jsonschema
import pytest

from broker.verification.schema import SCHEMA


def test_it_is_a_schema_whose_operators_are_described() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    operators = SCHEMA["$defs"]["operators"]["properties"]
    assert all(one.get("description") for one in operators.values())


@pytest.mark.parametrize("match", [{"a": {"$near": 1}}, {"a": {"$gt": True}}, {"$x": 1}, [], "x", {"a": {"$or": []}}])
def test_what_is_no_match(match: object) -> None:
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(match)
