"""Documents from anybody: read whole, or refused with the place, and never at any price."""

from __future__ import annotations

import orjson
import pytest

from contracts import documents
from contracts.compile.document import CompileError

HEAD = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


def read(text: str, **files: str) -> dict[str, object]:
    names = {name: content.encode() for name, content in files.items()}
    return documents.read(text.encode(), beside=names.get, name="api.yaml")


def test_yaml_is_read_as_json_has_it() -> None:
    text = HEAD + (
        "paths:\n  /a:\n    get:\n      responses:\n        200: {description: ok}\n"
        "x-a: {date: 2026-11-27, version: 1.10, no: off, n: ~, big: 0x10, t: '1', f: 1e3,\n"
        "  list: &l [1, true], again: *l}\n"
        "x-b: {<<: {left: 1, right: 2}, right: 3}\n"
    )
    found = read(text)
    assert found["paths"] == {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}
    assert found["x-a"] == {
        "date": "2026-11-27",
        "version": 1.1,
        "no": False,
        "n": None,
        "big": "0x10",
        "t": "1",
        "f": "1e3",
        "list": [1, True],
        "again": [1, True],
    }
    assert found["x-b"] == {"left": 1, "right": 3}
    assert orjson.loads(orjson.dumps(found)) == documents.read(orjson.dumps(found))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2]", "it is no mapping"),
        ("", "it is no mapping"),
        ('{"openapi": "3.0.0", }', "not JSON: .* line 1"),
        ("openapi: [3\n", "neither JSON nor YAML: .* at line"),
        ("swagger: '2.0'", "Swagger 2.0"),
        ("title: x", "no `openapi: 3.x`"),
        (HEAD + "paths: []", "paths: must be a mapping"),
        (HEAD + "x: *nobody", "stands for nothing"),
        (HEAD + "? [a]\n: b", "must be text"),
        (HEAD + "x: " + "[" * 300 + "]" * 300, "deeper than 200 levels"),
        ('{"openapi": "3.0.0", "x": ' + "[" * 300 + "]" * 300 + "}", "deeper than 200 levels"),
        ('{"openapi": "3.0.0", "x": ' + "[" * 3000 + "]" * 3000 + "}", "deeper than 200 levels"),
        (HEAD + BOMB, "more than 3,000,000 values at line"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, words: str) -> None:
    with pytest.raises(CompileError, match=words):
        read(text)


def test_a_document_has_a_size() -> None:
    with pytest.raises(CompileError, match="at most 20 MiB"):
        documents.read(b" " * (documents.MAX_BYTES + 1))
    with pytest.raises(CompileError, match="not UTF-8"):
        documents.read(b"a: \xff\xfe")


def test_other_files_become_one_document() -> None:
    found = read(
        HEAD + "paths:\n  /pets: {$ref: 'paths/pets.yaml#/item'}\n",
        **{
            "paths/pets.yaml": "item: {get: {responses: {200: {$ref: '../parts.yaml#/ok'}}}}\n"
            "other: {$ref: '#/item'}\n",
            "parts.yaml": "ok: {description: fine, x: {$ref: 'api.yaml#/info'}}\n",
        },
    )
    assert found["paths"] == {"/pets": {"$ref": "#/x-files/paths~1pets.yaml/item"}}
    item = documents.at(found, "#/x-files/paths~1pets.yaml/item")
    assert item["get"]["responses"]["200"] == {"$ref": "#/x-files/parts.yaml/ok"}
    assert documents.at(found, "#/x-files/paths~1pets.yaml/other") == {"$ref": "#/x-files/paths~1pets.yaml/item"}
    assert documents.at(found, "#/x-files/parts.yaml/ok")["x"] == {"$ref": "#/info"}


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("../../etc/passwd#/a", "out of the folder"),
        ("/etc/passwd", "out of the folder"),
        ("%2e%2e/secret.yaml", "out of the folder"),
        ("file:///etc/passwd", "another address"),
        ("//example.com/a.yaml", "another address"),
        ("http://169.254.169.254/a.yaml#/x", "another address"),
        ("missing.yaml", "a file that is not there"),
    ],
)
def test_references_stay_below_their_folder(reference: str, words: str) -> None:
    with pytest.raises(CompileError, match=words):
        read(HEAD + f"paths:\n  /pets: {{$ref: '{reference}'}}\n")


def test_files_that_refer_to_each_other_for_ever_are_counted() -> None:
    asked = []

    def beside(name: str) -> bytes:
        asked.append(name)
        return f"next: {{$ref: 'n{len(asked)}.yaml'}}".encode()

    with pytest.raises(CompileError, match="more than 200 files"):
        documents.read((HEAD + "paths: {/a: {$ref: 'n0.yaml'}}").encode(), beside=beside)
    assert len(asked) == documents.MAX_FILES


def test_a_pointer_leads_to_its_place_or_nowhere() -> None:
    document = {"a/b": [{"c~d": 1}], "e f": 2}
    assert documents.at(document, "#/a~1b/0/c~0d") == 1
    assert documents.at(document, "#/e%20f") == 2
    assert documents.at(document, "#") is document
    for wrong in ("#/a~1b/7", "#/x", "#/a~1b/-", "#/e f/x"):
        with pytest.raises(CompileError, match="leads nowhere"):
            documents.at(document, wrong)
