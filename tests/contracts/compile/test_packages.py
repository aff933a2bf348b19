"""Unpacked releases become contracts without being imported: those installed here stand for unpacked ones."""

from __future__ import annotations

import datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from contracts import library
from contracts.compile.document import CompileError
from contracts.compile.packages import PACKAGES, compile_release, contract_of
from contracts.diff import diff


def unpacked(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.parent


def test_the_service_model_of_a_release() -> None:
    found = contract_of("botocore", unpacked("botocore"))
    assert set(found.operations()) == set(library.load(PACKAGES["botocore"]).operations())
    assert list(diff(library.load("s3"), found).findings) == []


def test_a_release_is_compiled_as_the_installed_one_was() -> None:
    compiled = compile_release("stripe", unpacked("stripe"), "16.1.0", datetime.date(2026, 11, 27))
    assert compiled.name == "stripe"
    assert list(diff(library.load("stripe"), library.open_files(compiled.files)).findings) == []
    assert b'--from stripe==16.1.0"' in compiled.files["source.toml"]


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="no source"):
        contract_of("requests", tmp_path)
    with pytest.raises(CompileError, match="has no"):
        contract_of("botocore", tmp_path)
    with pytest.raises(CompileError, match="another way"):
        contract_of("stripe", tmp_path)
