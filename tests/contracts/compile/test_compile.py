"""Compiling a service by name."""

from __future__ import annotations

import datetime
import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from contracts import library
from contracts.compile import CompileError, compile_service

DOCUMENT = Path(__file__).parent.parent / "small.openapi.yaml"
DATE = datetime.date(2026, 11, 21)


def test_a_document_under_a_name_of_ones_own(tmp_path: Path) -> None:
    compiled = compile_service("small", DOCUMENT, date=DATE)
    assert compiled.files == compile_service("small", DOCUMENT, date=DATE).files
    source = tomllib.loads(compiled.files["source.toml"].decode())
    assert source == {
        "kind": "openapi",
        "origin": "small.openapi.yaml",
        "version": "7",
        "licence": "unknown",
        "sha256": hashlib.sha256(DOCUMENT.read_bytes()).hexdigest(),
        "date": DATE,
        "command": "broker contracts compile small --document small.openapi.yaml",
    }
    compiled.write(tmp_path / "small")
    assert library.open_folder(tmp_path / "small").operations().keys() == {
        "listThings", "makeThing", "myThing", "getThing", "signThing",
    }  # fmt: skip
    assert [entry.name for entry in library.installed(tmp_path)] == ["small"]


@pytest.mark.parametrize("document", [None, Path("/nonexistent.yaml"), Path(__file__)])
def test_a_source_that_is_not_there(document: Path | None) -> None:
    with pytest.raises(CompileError):
        compile_service("small", document)


def test_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contracts.compile", "small", "--document", str(DOCUMENT), "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(library.__file__).parents[2])
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "small" / "contract.json").is_file()
    command[3] = "nothing"
    del command[4:6]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(library.__file__).parents[2])
    assert done.returncode == 1
    assert "--document" in done.stderr
