"""``broker doctor`` names what is wrong and what to do, and ends with 1 then."""

from __future__ import annotations

import pytest

from broker.doctor import local_findings
from broker.settings import Settings
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


def test_open_files_and_addresses(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(name: str, *further: object, **options: object) -> None:
        raise OSError("no such name")

    monkeypatch.setattr("broker.doctor.socket.getaddrinfo", lost)
    data = shell.folder / "data"
    data.mkdir()
    token = shell.write("data/token", "x")
    token.chmod(0o644)
    found = {one.subject: one for one in local_findings(Settings(data=data, host="0.0.0.0"))}  # noqa: S104 - the case
    assert found["address"].verdict == "failed"
    assert found[f"file {token}"].verdict == "failed"
    token.chmod(0o600)
    found = {one.subject: one for one in local_findings(Settings(data=token, base_domain="invalid"))}
    assert found[f"data folder {token}"].verdict == "failed"
    assert found["names below invalid"].verdict == "warning"
