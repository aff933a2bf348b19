"""The components of the API's document are schemas, closed ones, and each is used."""

from __future__ import annotations

import orjson
import pytest
from jsonschema import Draft202012Validator

from broker.control import shapes
from broker.control.app import describe


@pytest.mark.parametrize("name", shapes.COMPONENTS)
def test_each_is_a_schema_that_the_document_uses(name: str) -> None:
    Draft202012Validator.check_schema(shapes.COMPONENTS[name])
    assert f"#/components/schemas/{name}" in orjson.dumps(describe()["paths"] | {"": shapes.COMPONENTS}).decode()


def test_records_are_closed_and_complete() -> None:
    made = shapes.record({"a": shapes.TEXT, "b": shapes.COUNT}, optional=("b",), about="x")
    validator = Draft202012Validator(made)
    assert validator.is_valid({"a": "x"})
    assert not validator.is_valid({"b": 1})
    assert not validator.is_valid({"a": "x", "c": 1})


def test_what_may_be_null() -> None:
    assert shapes.maybe(shapes.TEXT) == {"type": ["string", "null"]}
    nullable = Draft202012Validator(shapes.maybe(shapes.MODE))
    assert nullable.is_valid(None)
    assert nullable.is_valid("mock")
    assert not nullable.is_valid("other")
