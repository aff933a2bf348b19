"""Releases are fetched by our own pip and read, never installed."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from broker.cli import contract_sources
from broker.cli.client import Failure


def test_fetching_asks_pip_for_a_wheel_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        (tmp_path / "thing-1.0-py3-none-any.whl").write_bytes(b"")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(contract_sources.subprocess, "run", run)
    assert contract_sources.fetch("thing", "1.0", tmp_path).name == "thing-1.0-py3-none-any.whl"
    assert {"download", "--no-deps", "--only-binary", "thing==1.0"} <= set(asked[0])


def test_what_pip_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "noise\nERROR: No matching distribution found")

    monkeypatch.setattr(contract_sources.subprocess, "run", run)
    with pytest.raises(Failure, match="cannot be downloaded") as told:
        contract_sources.fetch("thing", "1.0", tmp_path)
    assert told.value.details == ("ERROR: No matching distribution found",)


def test_a_wheel_stays_in_its_folder(tmp_path: Path) -> None:
    wheel = tmp_path / "thing.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("../outside.txt", "x")
    contract_sources.unpack(wheel, tmp_path / "in")
    assert not (tmp_path / "outside.txt").exists()
    wheel.write_bytes(b"no zip")
    with pytest.raises(Failure, match="no wheel"):
        contract_sources.unpack(wheel, tmp_path / "in")
