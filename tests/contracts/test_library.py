"""The library: what is installed, where it came from, and that loading is lazy, shared and small."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import orjson
import pytest

from contracts import library
from contracts.contract import Contract

_FOLDER = Path(library.__file__).parent


def test_every_entry_says_where_it_came_from() -> None:
    entries = {entry.name: entry for entry in library.installed()}
    assert {"stripe", "s3", "sendgrid"} <= set(entries)
    for entry in entries.values():
        assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
        assert entry.kind in {"openapi", "stripe-sdk", "aws"}
        assert entry.licence in {"MIT", "Apache-2.0"}
        assert isinstance(entry.date, datetime.date)
        assert entry.command.startswith(f"broker contracts compile {entry.name}")
        assert entry.origin
        assert entry.version


@pytest.mark.parametrize("name", ["stripe", "s3", "sendgrid"])
def test_loads_what_its_source_says(name: str) -> None:
    contract = library.load(name)
    assert isinstance(contract, Contract)
    assert contract is library.load(name)
    assert contract.name == name
    assert contract.operations()


@pytest.mark.parametrize("name", ["nothing", "..", ""])
def test_what_is_not_installed(name: str) -> None:
    with pytest.raises(library.UnknownContract):
        library.load(name)


def test_a_kind_that_nothing_reads(tmp_path: Path) -> None:
    text = (_FOLDER / "stripe" / "source.toml").read_text()
    (tmp_path / "source.toml").write_text(text.replace('"stripe-sdk"', '"smoke-signals"'))
    with pytest.raises(library.UnknownContract, match="smoke-signals"):
        library.open_folder(tmp_path)


@pytest.mark.parametrize("name", ["stripe", "sendgrid"])
def test_compiled_files_hold_facts_and_no_prose(name: str) -> None:
    """Names of parameters may be anything; keywords of schemas that hold prose may not be there."""
    for file in ("operations.jsonl", "schemas.jsonl"):
        for line in (_FOLDER / name / file).read_bytes().splitlines():
            assert list(_prose(orjson.loads(line))) == []


def _prose(node: object, *, names: bool = False) -> list[str]:
    found: list[str] = []
    if isinstance(node, dict):
        for key, value in node.items():
            if not names and key in {"description", "title", "summary", "example", "examples", "externalDocs"}:
                found.append(key)
            if key not in {"default", "enum", "const"}:
                found += _prose(value, names=not names and key in {"properties", "responses", "mapping"})
    elif isinstance(node, list):
        for element in node:
            found += _prose(element)
    return found


@pytest.mark.parametrize("name", ["stripe", "sendgrid"])
def test_each_operation_and_schema_has_a_line_and_lines_are_sorted(name: str) -> None:
    index = orjson.loads((_FOLDER / name / "contract.json").read_bytes())
    for file, names, key in (
        ("operations.jsonl", [operation["id"] for operation in index["operations"]], "id"),
        ("schemas.jsonl", index["schemas"], "name"),
    ):
        lines = (_FOLDER / name / file).read_bytes().splitlines()
        assert [orjson.loads(line)[key] for line in lines] == names == sorted(names)
