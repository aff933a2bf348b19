"""The shapes of nights are schemas, and name what there is."""

from __future__ import annotations

import jsonschema

from broker.control.night_shapes import COMPONENTS
from contracts.drift import SEVERITIES


def test_each_is_a_schema_that_admits_nothing_else() -> None:
    for schema in COMPONENTS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) == set(schema["properties"])
    counts = COMPONENTS["DriftReport"]["properties"]["counts"]["properties"]["new"]
    assert set(counts["properties"]) == set(SEVERITIES)
