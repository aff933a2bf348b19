"""``broker policy``."""

from __future__ import annotations

import json

from tests.broker.cli.conftest import Shell


def test_check(shell: Shell) -> None:
    shell.write(".broker.yaml", "version: 1\nservices:\n  alpha:\n    rules: [{operation: thing.list, mode: refuse}]\n")
    checked = shell("policy", "check")
    assert checked.code == 0
    assert (
        "warning: services.alpha.rules[0]: no operation is called thing.list; did you mean things.list?" in checked.out
    )
    shell.write("bad.yaml", "version: 1\nx: 1\nservices: {gamma: mock}")
    refused = shell("policy", "check", "bad.yaml")
    assert refused.code == 1
    assert "bad.yaml: line 2, x: unknown key" in refused.out
    assert "bad.yaml: line 3, services.gamma: unknown service" in refused.out
    assert refused.err == "broker: bad.yaml has 2 faults.\n"
    assert len(shell("policy", "check", "bad.yaml", "--json").json["errors"]) == 2
    assert shell("policy", "check", "nowhere.yaml").code == 2


def test_explain(shell: Shell) -> None:
    policy = shell.write(
        "p.yaml", "version: 1\nservices:\n  alpha:\n    rules: [{operation: things.*, mode: refuse}]\n"
    )
    shell("env", "open", "pr-1", "--policy", str(policy))
    told = shell("policy", "explain", "pr-1", "POST  /v1/things", "--service", "alpha")
    assert "services.alpha.rules[0] (things.*) says refuse" in told.out
    assert shell("policy", "explain", "pr-1", "POST /v1/things", "--json").json["decisions"][0]["rule"] == 0
    assert shell("policy", "explain", "pr-1", "nonsense").code == 2
    assert shell("policy", "explain", "pr-1", "GET /none").code == 4


def test_schema(shell: Shell) -> None:
    assert json.loads(shell("policy", "schema").out)["title"] == "preview-broker policy"
