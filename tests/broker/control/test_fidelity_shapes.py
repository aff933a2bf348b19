"""The values are what their schemas say."""

from __future__ import annotations

import jsonschema_rs

from broker.control import fidelity_shapes as forms
from broker.control.openapi import COMPONENTS
from broker.fidelity import Evidence, Fidelities, score
from tests.broker.control.test_fidelity_routes import seen
from tests.clocks import START


def holds(name: str, value: object) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": COMPONENTS}}
    jsonschema_rs.Draft202012Validator(schema).validate(value)


def test_an_observation() -> None:
    holds("Observed", forms.observed(seen()))


def test_scores() -> None:
    scores = {
        "measured": score(Evidence(passed=2, failed=1, probed_at=START), START),
        "unmeasured": score(Evidence(), START),
    }
    found = Fidelities(service="alpha", contract="1", operations=scores, against=["one https://alpha.example"])
    for all_, names in ((True, ["measured", "unmeasured"]), (False, ["measured"])):
        shown = forms.fidelity(found, all_=all_)
        holds("Fidelity", shown)
        assert [each["operation"] for each in shown["items"]] == names
    assert shown["items"][0]["probes"] == 33.3
    holds("Fidelity", forms.fidelity(Fidelities(service="alpha", contract="1", operations={})))
