"""Webhooks' components of the API's document are schemas, and each is used."""

from __future__ import annotations

import orjson
import pytest
from jsonschema import Draft202012Validator

from broker.control import hook_shapes
from broker.control.app import describe


@pytest.mark.parametrize("name", hook_shapes.COMPONENTS)
def test_each_is_a_schema_that_the_document_uses(name: str) -> None:
    Draft202012Validator.check_schema(hook_shapes.COMPONENTS[name])
    assert describe()["components"]["schemas"][name] == hook_shapes.COMPONENTS[name]
    assert f"#/components/schemas/{name}" in orjson.dumps(describe()["paths"] | {"": hook_shapes.COMPONENTS}).decode()


def test_a_secret_has_some_length() -> None:
    validator = Draft202012Validator(hook_shapes.SECRET)
    assert validator.is_valid({"secret": "whsec_12"})
    assert not validator.is_valid({"secret": "short"})
    assert not validator.is_valid({"secret": "whsec_12", "more": 1})
