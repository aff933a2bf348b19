"""The committed S3 contract is what the installed botocore compiles to, without a word of its prose."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.aws import load
from contracts.compile.aws import ROOTS, compile_model, document
from contracts.compile.document import CompileError

LIBRARY = Path(__file__).parents[3] / "contracts" / "library" / "s3"


def model(**shapes: Any) -> dict[str, Any]:
    operations = {name: {"name": name, "http": {"method": "GET", "requestUri": "/"}} for name in ROOTS}
    return {"metadata": {"apiVersion": "1"}, "operations": operations, "shapes": shapes}


def test_the_library_is_up_to_date(tmp_path: Path) -> None:
    compiled = compile_model(datetime.date(2026, 11, 21), "a command")
    assert compiled.files["model.json"] == (LIBRARY / "model.json").read_bytes()
    committed = tomllib.loads((LIBRARY / "source.toml").read_text())
    source = tomllib.loads(compiled.files["source.toml"].decode())
    assert {**source, "date": None, "command": None} == {**committed, "date": None, "command": None}
    assert source["kind"] == "aws"
    compiled.write(tmp_path)
    assert len(load(tmp_path).operations()) == 119


def test_prose_and_client_facts_are_left_out() -> None:
    shape = {
        "type": "structure",
        "documentation": "<p>prose</p>",
        "members": {"b": {"shape": "X", "documentation": "d", "contextParam": {"name": "B"}}, "a": {"shape": "X"}},
    }
    found = orjson.loads(document(model(S=shape)))["shapes"]["S"]
    assert found == {"type": "structure", "members": {"b": {"shape": "X"}, "a": {"shape": "X"}}}
    assert list(found["members"]) == ["b", "a"]  # the order of elements in a body


def test_a_line_for_each_shape() -> None:
    lines = document(model(B={"type": "string"}, A={"type": "blob"})).decode().splitlines()
    assert lines[lines.index('"shapes": {') + 1 :] == ['"A": {"type":"blob"},', '"B": {"type":"string"}', "}", "}"]


def test_versions_are_of_every_class() -> None:
    shapes = {"ObjectVersionStorageClass": {"enum": ["STANDARD"]}, "ObjectStorageClass": {"enum": ["STANDARD", "SNOW"]}}
    assert b'"ObjectVersionStorageClass": {"enum":["STANDARD","SNOW"]}' in document(model(**shapes))


def test_a_model_that_lacks_an_operation() -> None:
    broken = model()
    del broken["operations"]["ListBuckets"]
    with pytest.raises(CompileError, match="ListBuckets"):
        document(broken)
