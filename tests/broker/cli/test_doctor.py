"""``broker doctor`` names what is wrong and what to do, and ends with 1 then."""

from __future__ import annotations

import pytest

from tests.broker.cli.conftest import Shell


def verdicts(shell: Shell) -> dict[str, str]:
    return {one["subject"].split()[0]: one["verdict"] for one in shell("doctor", "--json").json}


def test_a_healthy_installation(shell: Shell) -> None:
    found = verdicts(shell)
    assert {found[subject] for subject in ("address", "data", "server", "token", "services")} == {"ok"}
    assert "alpha, beta" in shell("doctor").out


def test_a_wrong_token_and_an_unready_server(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.bench.waiting.append("migrations")
    assert verdicts(shell)["server"] == "warning"
    monkeypatch.setenv("BROKER_TOKEN", "wrong")
    ran = shell("doctor")
    assert (ran.code, "checks failed" in ran.err) == (1, True)
    assert verdicts(shell)["token"] == "failed"
