"""What can be seen of an installation without asking its server."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from broker.doctor import Finding, local_findings
from broker.settings import Settings


class Disk(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name but localhost leads anywhere."""

    def resolve(name: str, *further: object, **options: object) -> list[tuple[object, ...]]:
        if not name.endswith(".localhost"):
            raise OSError("no such name")
        return [(0, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr("broker.doctor.socket.getaddrinfo", resolve)


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.subject: finding for finding in local_findings(settings)}


def test_a_fresh_installation_is_fine(tmp_path: Path) -> None:
    findings = found(Settings(data=tmp_path / "data"))
    assert {finding.verdict for finding in findings.values()} == {"ok"}
    assert "makes it" in findings[f"data folder {tmp_path / 'data'}"].message
    assert findings["names below localhost"].message == "lead to 127.0.0.1"


def test_an_open_address_needs_a_token(tmp_path: Path) -> None:
    open_to_all = Settings(data=tmp_path, host="0.0.0.0")  # noqa: S104 - the case
    finding = found(open_to_all)["address"]
    assert (finding.verdict, "BROKER_TOKEN" in finding.next) == ("failed", True)
    assert found(open_to_all.with_(token="x" * 40))["address"].verdict == "ok"


@pytest.mark.parametrize("name", ["token", "key"])
def test_secrets_that_others_may_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("x")
    path.chmod(0o640)
    finding = found(Settings(data=tmp_path))[f"file {path}"]
    assert (finding.verdict, finding.message) == ("failed", "others may read it (mode 0640)")
    path.chmod(0o600)
    assert found(Settings(data=tmp_path))[f"file {path}"].verdict == "ok"


def test_a_data_folder_that_is_none_or_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert found(Settings(data=file))[f"data folder {file}"].verdict == "failed"
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Disk(1 << 40, 0, 5 << 20))
    finding = found(Settings(data=tmp_path))[f"data folder {tmp_path}"]
    assert (finding.verdict, finding.message) == ("warning", "5 MiB are free")


def test_names_that_lead_nowhere(tmp_path: Path) -> None:
    finding = found(Settings(data=tmp_path, base_domain="preview.example"))["names below preview.example"]
    assert (finding.verdict, "*.preview.example" in finding.next) == ("warning", True)


def test_a_variable_that_is_no_setting_is_pointed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_TOKN", "x" * 40)
    monkeypatch.setenv("BROKER_ENVIRONMENT", "pr-1")
    findings = found(Settings(data=tmp_path / "data"))
    assert findings["variable BROKER_TOKN"].verdict == "warning"
    assert "variable BROKER_ENVIRONMENT" not in findings
