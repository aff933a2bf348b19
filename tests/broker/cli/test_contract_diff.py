"""``broker contracts diff``: sources, formats, filters and exit codes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from broker.cli import contract_diff
from contracts import library
from tests.broker.cli.conftest import Shell
from tests.contracts.diff.documents import body, document


@pytest.fixture
def changed(shell: Shell) -> Shell:
    after = copy.deepcopy(document())
    body(after)["properties"].pop("age")
    after["paths"].pop("/customers/{id}")
    shell.write("old.json", json.dumps(document()))
    shell.write("new.json", json.dumps(after))
    return shell


def rules(found: dict[str, Any]) -> set[str]:
    return {each["rule"] for each in found["findings"]}


def test_formats(changed: Shell) -> None:
    found = changed("contracts", "diff", "old.json", "new.json", "--format", "json")
    assert found.code == 0
    assert rules(found.json) == {"api-path-removed-without-deprecation", "request-property-removed"}
    assert found.json["counts"] == {"breaking": 2, "risky": 0, "safe": 0}
    assert "2 breaking, 0 risky, 0 safe." in changed("contracts", "diff", "old.json", "new.json").out
    assert "### " in changed("contracts", "diff", "old.json", "new.json", "--format", "markdown").out
    assert "<testsuites" in changed("contracts", "diff", "old.json", "new.json", "--format", "junit").out
    assert changed("contracts", "diff", "old.json", "new.json", "--format", "sarif").json["version"] == "2.1.0"


def test_exit_codes(changed: Shell) -> None:
    assert changed("contracts", "diff", "old.json", "new.json", "--fail-on", "breaking").code == 1
    assert changed("contracts", "diff", "old.json", "old.json", "--fail-on", "any").code == 0
    assert changed("contracts", "diff", "old.json", "nowhere.json").code == 2
    assert changed("contracts", "diff", "old.json", "nowhere").code == 4
    assert changed("contracts", "diff", "old.json", "unheard-of==1.0").code == 2


def test_filters(changed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    filtered = changed("contracts", "diff", "old.json", "new.json", "--operation", "create*", "--format", "json")
    assert rules(filtered.json) == {"request-property-removed"}
    monkeypatch.setattr(contract_diff, "called", lambda service, name: frozenset({"getCustomer"}))
    used = changed("contracts", "diff", "old.json", "new.json", "--used-by", "pr-1", "--format", "json")
    assert rules(used.json) == {"api-path-removed-without-deprecation"}


def test_an_installed_contract_is_itself(shell: Shell) -> None:
    name = library.installed()[0].name
    assert "nothing differs" in shell("contracts", "diff", name, name).out


def test_what_an_environment_called(shell: Shell) -> None:
    assert shell("env", "open", "pr-1").code == 0
    shown = shell("contracts", "diff", "s3", "s3", "--used-by", "all", "--format", "json")
    assert shown.code == 0, shown.err
    assert shell("contracts", "diff", "s3", "s3", "--used-by", "pr-2").code == 4
