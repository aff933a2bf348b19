"""The compiled files: one fact a line, the same bytes for the same facts."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.compile.document import CompiledDocument, CompiledLibrary, CompileError, Source, digest


def _operation(identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "method": "GET", "path": "/", "resource": None, "encoding": "none", "responses": {}, **more}


def test_files_are_sorted_line_by_line_and_do_not_depend_on_the_order_of_facts() -> None:
    one = CompiledDocument("x", "1", [_operation("b"), _operation("a")], {"t": {"b": 1, "a": 2}, "s": {}})
    two = CompiledDocument("x", "1", [_operation("a"), _operation("b")], {"s": {}, "t": {"a": 2, "b": 1}})
    assert one.files() == two.files()
    assert one.files()["schemas.jsonl"] == b'{"name":"s","schema":{}}\n{"name":"t","schema":{"a":2,"b":1}}\n'
    index = orjson.loads(one.files()["contract.json"])
    assert [operation["id"] for operation in index["operations"]] == ["a", "b"]
    assert one.files()["contract.json"].count(b"\n") > 8


def test_the_index_holds_heads_and_the_lines_hold_the_rest() -> None:
    files = CompiledDocument("x", "1", [_operation("a", streams_response=True, body=None)], {}).files()
    assert orjson.loads(files["contract.json"])["operations"] == [
        {"id": "a", "method": "GET", "path": "/", "encoding": "none", "streams_response": True}
    ]
    assert orjson.loads(files["operations.jsonl"]) == {"id": "a", "responses": {}, "body": None}


def test_two_operations_of_one_name_are_refused() -> None:
    with pytest.raises(CompileError, match="two operations are called a"):
        CompiledDocument("x", "1", [_operation("a"), _operation("a")], {}).files()


def test_the_source_is_toml() -> None:
    source = Source("openapi", 'a "quoted" name', "1", "MIT", "00", datetime.date(2026, 11, 21), "broker ...")
    assert tomllib.loads(source.toml().decode()) == {
        "kind": "openapi",
        "origin": 'a "quoted" name',
        "version": "1",
        "licence": "MIT",
        "sha256": "00",
        "date": datetime.date(2026, 11, 21),
        "command": "broker ...",
    }


def test_writing_makes_the_folder(tmp_path: Path) -> None:
    CompiledLibrary("x", {"a.json": b"{}"}).write(tmp_path / "deep" / "x")
    assert (tmp_path / "deep" / "x" / "a.json").read_bytes() == b"{}"


def test_a_digest_covers_names_and_contents_in_any_order() -> None:
    assert digest([("a", b"1"), ("b", b"2")]) == digest([("b", b"2"), ("a", b"1")])
    assert len({digest([("a", b"1")]), digest([("b", b"1")]), digest([("a", b"2")]), digest([("a1", b"")])}) == 4
