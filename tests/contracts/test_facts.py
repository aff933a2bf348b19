"""Compiled files are read line by line, when a line is asked for."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import pytest

from contracts import facts
from contracts.compile.document import CompiledDocument
from contracts.facts import Lines

DOCUMENT = CompiledDocument(
    "tiny",
    "3",
    [
        {"id": name, "method": "GET", "path": f"/{name}", "resource": None, "action": "other", "encoding": "none",
         "success_status": 200, "parameters": [], "body": None, "responses": {"200": {}}}
        for name in ("b", "a", "ü")
    ],
    {"second": {"type": "string"}, "first": {"type": "integer"}},
    closed=False,
)  # fmt: skip


def test_lines_are_parsed_once_and_only_when_asked_for() -> None:
    content = b'{"n":1}\nnonsense\n{"n":3}\n'
    lines = Lines.of_bytes(["a", "b", "c"], content, "n")
    assert (lines["a"], lines["c"]) == (1, 3)
    assert lines["a"] is lines["a"]
    assert (list(lines), len(lines), "b" in lines, "d" in lines) == (["a", "b", "c"], 3, True, False)
    with pytest.raises(ValueError, match="invalid literal"):
        lines["b"]
    with pytest.raises(KeyError):
        lines["d"]


def test_files_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="2 names for 1 lines"):
        Lines(["a", "b"], lambda start, stop: b"", array("Q", [0, 5]))


def test_the_same_facts_from_a_folder_and_from_memory(tmp_path: Path) -> None:
    files = DOCUMENT.files()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for loaded in (facts.from_folder(tmp_path), facts.from_files(files)):
        found: Any = loaded
        assert (found.name, found.version, found.closed, found.objects) == ("tiny", "3", False, False)
        assert list(found.operations) == ["a", "b", "ü"]
        assert found.operations["ü"].path == "/ü"
        assert found.details["b"]["responses"] == {"200": {}}
        assert dict(found.schemas) == {"first": {"type": "integer"}, "second": {"type": "string"}}
