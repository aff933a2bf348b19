"""Values of checks fit their schemas."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from broker.control import check_shapes
from broker.control.app import describe
from tests.broker.control.test_check_routes import run


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Check", check_shapes.check(run())),
        ("CheckSummary", check_shapes.summary(run(status="running", ended_at=None))),
    ],
)
def test_values_fit(name: str, value: Any) -> None:
    components = describe()["components"]
    jsonschema.validate(value, {"$ref": f"#/components/schemas/{name}", "components": components})
