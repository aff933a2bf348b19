"""``broker drift check`` and ``runs``: what is printed, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from broker.cli import codes, drift_check
from broker.storage.drift import Run
from tests.broker.cli.conftest import Shell
from tests.broker.control.test_check_routes import account, found, run


@pytest.fixture
def ends(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the next check comes to."""
    monkeypatch.setattr(drift_check, "_LOOK", 0.0)
    asyncio.run(account(shell.bench))

    def at(**changes: Any) -> None:
        async def begin(*asked: str) -> Run:
            await shell.bench.drift.store.put_run(run(**changes))
            return run(status="running", ended_at=None, finished=0)

        monkeypatch.setattr(shell.bench.drift.checks, "begin", begin)

    return at


def test_the_exit_code_is_by_severity(shell: Shell, ends: Any) -> None:
    ends()
    said = shell("drift", "check", "--account", "one")
    assert said.code == codes.FAILED
    assert said.out.splitlines()[1].split()[:3] == ["breaking", "things.retrieve", "response.200.body.name"]
    assert "2 alike, 1 not, 1 not compared" in said.out
    assert "not compared (1): it has no rule" in said.out
    assert shell("drift", "check", "alpha", "--account", "one", "--fail-on", "never").code == codes.OK
    ends(findings=[found("risky")])
    assert shell("drift", "check", "--account", "one").code == codes.OK
    assert shell("drift", "check", "--account", "one", "--fail-on", "risky").code == codes.FAILED
    ends(findings=[found("safe")])
    assert shell("drift", "check", "--account", "one", "--fail-on", "any").code == codes.FAILED
    ends(findings=())
    said = shell("drift", "check", "--account", "one", "--fail-on", "any")
    assert (said.code, said.out.splitlines()[0]) == (codes.OK, "Nothing differs.")


@pytest.mark.parametrize("shape", ["table", "json", "markdown", "junit", "sarif"])
def test_a_check_that_was_not_run_is_never_green(shell: Shell, ends: Any, shape: str) -> None:
    ends(status="failed", findings=(), errors=["no answer"])
    said = shell("drift", "check", "--account", "one", "--format", shape, "--fail-on", "never")
    assert said.code == codes.UNFINISHED
    assert "no answer" in said.out + said.err
    if shape == "junit":
        assert 'failures="1"' in said.out


def test_formats_for_machines(shell: Shell, ends: Any) -> None:
    ends()
    assert shell("drift", "check", "--account", "one", "--format", "json").json["counts"]["breaking"] == 1
    sarif = shell("drift", "check", "--account", "one", "--format", "sarif").json
    assert [each["level"] for each in sarif["runs"][0]["results"]] == ["error"]
    assert "| things.retrieve |" in shell("drift", "check", "--account", "one", "--format", "markdown").out


def test_what_cannot_be_asked_for(shell: Shell) -> None:
    assert shell("drift", "check").code == codes.USAGE
    assert shell("drift", "check", "--account", "nobody").code == codes.MISSING


def test_long_lists_are_cut_and_counted(shell: Shell, ends: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift_check, "_ROWS", 1)
    ends(findings=[found(), found(place="response.200.body.other")])
    assert "... and 1 more" in shell("drift", "check", "--account", "one").out


def test_runs_are_listed_and_shown_again(shell: Shell) -> None:
    assert "No check of drift was made yet" in shell("drift", "runs").out
    asyncio.run(shell.bench.drift.store.put_run(run()))
    lines = shell("drift", "runs", "alpha").out.splitlines()
    assert lines[1].split()[:7] == ["run_1", "alpha", "one", "done", "1", "0", "0"]
    assert shell("drift", "runs", "--json").json["items"][0]["id"] == "run_1"
    assert "response.200.body.name" in shell("drift", "runs", "--run", "run_1").out
    assert shell("drift", "runs", "--run", "run_1", "--json").json["findings"][0]["rule"] == "field-removed"
    assert shell("drift", "runs", "--run", "run_9").code == codes.MISSING
