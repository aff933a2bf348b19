"""``broker fidelity``: scores for people, machines and builds, and the file of a repository."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from broker.cli import codes
from broker.storage.drift import Tally
from tests.broker.cli.conftest import Shell
from tests.broker.control.test_fidelity_routes import run


@pytest.fixture
def measured(shell: Shell) -> Shell:
    found = run(shell.bench, things_create=Tally(passed=3, failed=1), things_list=Tally(passed=1))
    asyncio.run(shell.bench.drift.store.put_run(found))
    return shell


def rows(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


def test_nothing_measured_is_said_and_is_no_number(shell: Shell) -> None:
    assert rows(shell("fidelity").out)[1] == ["alpha", "unmeasured", "0", "of", "4", "-", "-"]
    assert "nothing was measured" in shell("fidelity", "alpha").out
    assert "Nothing was measured." in shell("fidelity", "alpha", "--markdown").out
    ended = shell("fidelity", "--fail-under", "0")
    assert ended.code == codes.FAILED
    assert "nothing was measured" in ended.err
    assert shell("fidelity", "nobody").code == codes.MISSING


def test_an_overview_and_a_service_in_full(measured: Shell) -> None:
    overview = rows(measured("fidelity").out)
    assert overview[1][:5] == ["alpha", "44", "2", "of", "4"]
    assert overview[2][:2] == ["beta", "unmeasured"]
    shown = measured("fidelity", "alpha").out
    assert rows(shown)[1][:5] == ["things.create", "38", "-", "37.5", "-"]
    assert rows(shown)[2][:2] == ["things.list", "50"]
    assert "2 unmeasured. Probed against one https://alpha.example." in shown
    assert measured("fidelity", "alpha", "--json").json["mean"] == 44
    assert [each["service"] for each in measured("fidelity", "--json").json["items"]] == ["alpha", "beta"]


def test_operations_are_chosen_by_a_pattern(measured: Shell) -> None:
    assert measured("fidelity", "alpha", "--operation", "*.list", "--json").json["mean"] == 50
    everywhere = measured("fidelity", "--operation", "*.list").out
    assert rows(everywhere)[1][:2] == ["things.list", "50"]
    assert "beta" not in everywhere  # it has no such operation
    assert measured("fidelity", "--operation", "nothing.*").code == codes.MISSING


def test_a_build_can_fail_by_the_mean(measured: Shell) -> None:
    assert measured("fidelity", "alpha", "--fail-under", "44").code == codes.OK
    ended = measured("fidelity", "--fail-under", "45")
    assert ended.code == codes.FAILED
    assert "alpha has 44, which is less than 45" in ended.err


def test_markdown_is_a_table(measured: Shell) -> None:
    lines = measured("fidelity", "alpha", "--markdown").out.splitlines()
    assert lines[0] == "### alpha `2026-01-01`"
    assert "| `things.create` | 38 | - | 37.5 | - |" in lines


def test_the_file_of_a_repository_holds_facts(measured: Shell) -> None:
    (measured.folder / "library" / "alpha").mkdir(parents=True)
    ended = measured("fidelity", "--save", "--into", "library", "--against", "a stand-in, 1.2")
    assert ended.code == codes.OK
    assert "nothing of beta was measured" in ended.err
    saved: Any = json.loads((measured.folder / "library" / "alpha" / "fidelity.json").read_text())
    assert saved == {
        "against": ["a stand-in, 1.2"],
        "contract": "2026-01-01",
        "date": "2026-03-01",
        "operations": {"things.create": 38, "things.list": 50},
    }
    assert measured("fidelity", "alpha", "--save", "--into", "library").code == codes.OK
    saved = json.loads((measured.folder / "library" / "alpha" / "fidelity.json").read_text())
    assert saved["against"] == ["one https://alpha.example"]
    assert measured("fidelity", "alpha", "--save").code == codes.USAGE  # it has no compiled contract
    assert measured("fidelity", "--save", "--operation", "*.list").code == codes.USAGE
