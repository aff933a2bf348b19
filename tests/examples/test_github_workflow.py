"""The workflow uses the action as the action declares itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tests.house.tree import ROOT

WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / "examples" / "github-workflow.yaml").read_text())
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "integrations" / "github-action" / "action.yml").read_text())


def uses() -> Iterator[dict[str, Any]]:
    for job in WORKFLOW["jobs"].values():
        for step in job["steps"]:
            if "integrations/github-action" in step.get("uses", ""):
                yield step


def test_inputs_and_outputs_are_the_actions() -> None:
    steps = list(uses())
    assert [step["with"]["command"] for step in steps] == ["open", "heartbeat", "close"]
    required = {name for name, declared in ACTION["inputs"].items() if declared.get("required")}
    for step in steps:
        assert required <= set(step["with"]) <= set(ACTION["inputs"])
        assert step["with"]["token"] == "${{ secrets.BROKER_TOKEN }}"
    text = str(WORKFLOW)
    read = {part.split("'")[0].split(" ")[0].rstrip("}") for part in text.split("steps.broker.outputs.")[1:]}
    assert read <= set(ACTION["outputs"])
    assert {"outcome", "receipt"} <= read


def test_every_end_of_a_pull_request_is_heard() -> None:
    # YAML 1.1 reads the key `on` as true.
    types = WORKFLOW[True]["pull_request"]["types"]
    assert set(types) == {"opened", "synchronize", "reopened", "closed"}
    assert WORKFLOW["jobs"]["close"]["if"] == "github.event.action == 'closed'"
    assert WORKFLOW["jobs"]["open"]["if"] == "github.event.action != 'closed'"
    assert WORKFLOW["permissions"]["pull-requests"] == "write"
