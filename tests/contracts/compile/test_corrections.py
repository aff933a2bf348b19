"""Corrections are put over a document, and refused when they fit nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import library
from contracts.compile import LIBRARY
from contracts.compile.corrections import FILE, LIMITS, correct
from contracts.compile.document import CompiledDocument, CompileError
from contracts.openapi import OpenApiContract

GOOD = """
[[correction]]
operation = "send"
at = ["responses", "200"]
value = '{}'
source = "a page"
reason = "left out"
"""


@pytest.fixture
def document() -> CompiledDocument:
    return CompiledDocument("mail", "1", [{"id": "send", "responses": {"202": {}}}], {})


def test_without_a_file_nothing_changes(document: CompiledDocument, tmp_path: Path) -> None:
    assert correct(document, tmp_path) == {}
    assert document.operations == [{"id": "send", "responses": {"202": {}}}]


def test_a_correction_is_applied_and_its_text_kept(document: CompiledDocument, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD)
    assert correct(document, tmp_path) == {FILE: GOOD.encode()}
    assert document.operations[0]["responses"] == {"202": {}, "200": {}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"send"', '"other"'),
        ('["responses", "200"]', '["body", "schema", "required"]'),
        ('"a page"', '""'),
        ('"left out"', '""'),
    ],
)
def test_one_that_fits_nothing_or_cites_nothing_is_refused(
    document: CompiledDocument, tmp_path: Path, old: str, new: str
) -> None:
    (tmp_path / FILE).write_text(GOOD.replace(old, new))
    with pytest.raises(CompileError, match=FILE):
        correct(document, tmp_path)


def test_a_document_of_another_day_needs_not_every_correction(document: CompiledDocument, tmp_path: Path) -> None:
    text = GOOD.replace('"send"', '"other"') + GOOD.replace('["responses", "200"]', '["body", "schema", "required"]')
    (tmp_path / FILE).write_text(text + GOOD)
    assert correct(document, tmp_path, of_today=False) == {FILE: (text + GOOD).encode()}
    assert document.operations == [{"id": "send", "responses": {"202": {}, "200": {}}}]


def test_the_installed_contract_holds_its_corrections() -> None:
    contract = library.load("sendgrid")
    assert isinstance(contract, OpenApiContract)
    assert (LIBRARY / "sendgrid" / FILE).is_file()
    facts = contract.details(contract.operations()["POST_mail-send"])
    assert facts["responses"]["200"] == {}
    assert facts["body"]["schema"]["required"] == ["personalizations", "from"]
    assert contract.operations()["POST_mail-send"].success_status == 202


def test_limits_are_put_on_the_texts_that_they_name(tmp_path: Path) -> None:
    item = {"type": "object", "properties": {"name": {"anyOf": [{"type": "string"}, {"type": "string", "enum": [""]}]}}}
    schema = {"type": "object", "properties": {"label": {"type": "string"}, "items": {"type": "array", "items": item}}}
    document = CompiledDocument("mail", "1", [{"id": "send", "body": {"schema": schema}}], {})
    text = 'source = "a page"\nlicence = "MIT"\n[limit."send"]\n"label" = 5\n"items.[].name" = 7\n'
    (tmp_path / LIMITS).write_text(text)
    assert correct(document, tmp_path) == {LIMITS: text.encode()}
    limited = document.operations[0]["body"]["schema"]["properties"]
    assert limited["label"] == {"type": "string", "maxLength": 5}
    name = {"anyOf": [{"type": "string", "maxLength": 7}, {"type": "string", "enum": [""]}]}
    assert limited["items"]["items"]["properties"]["name"] == name


@pytest.mark.parametrize(
    ("old", "new"), [('"send"', '"other"'), ('"label"', '"nothing"'), ('"a page"', '""'), ('"MIT"', '""')]
)
def test_a_limit_that_fits_nothing_or_cites_nothing_is_refused(tmp_path: Path, old: str, new: str) -> None:
    schema = {"type": "object", "properties": {"label": {"type": "string"}}}
    document = CompiledDocument("mail", "1", [{"id": "send", "body": {"schema": schema}}], {})
    text = 'source = "a page"\nlicence = "MIT"\n[limit."send"]\n"label" = 5\n'
    (tmp_path / LIMITS).write_text(text.replace(old, new))
    with pytest.raises(CompileError, match=LIMITS):
        correct(document, tmp_path)


ADDED = r"""
[[addition]]
operation = "find"
method = "get"
path = "/v3/letters/{id}"
value = '''{"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/letter"}}}}}}'''
source = "a page"
reason = "newer"
"""


def test_an_operation_is_added(document: CompiledDocument, tmp_path: Path) -> None:
    document.schemas["letter"] = {"type": "object"}
    (tmp_path / FILE).write_text(ADDED)
    correct(document, tmp_path)
    added = document.operations[1]
    assert [added[name] for name in ("id", "method", "path", "success_status")] == [
        "find",
        "GET",
        "/v3/letters/{id}",
        200,
    ]
    assert added["responses"] == {"200": {"content_type": "application/json", "schema": {"$ref": "#/$defs/letter"}}}
    assert [parameter["name"] for parameter in added["parameters"]] == ["id"]


def test_one_that_the_document_has_or_that_cites_nothing_is_refused(document: CompiledDocument, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(ADDED.replace('"a page"', '""'))
    with pytest.raises(CompileError, match="no source"):
        correct(document, tmp_path)
    document.operations[0] |= {"method": "GET", "path": "/v3/letters/{id}"}
    (tmp_path / FILE).write_text(ADDED)
    with pytest.raises(CompileError, match="itself"):
        correct(document, tmp_path)
    correct(document, tmp_path, of_today=False)
    assert len(document.operations) == 1


def test_a_parameter_is_put_in_its_place_or_taken_away(document: CompiledDocument, tmp_path: Path) -> None:
    document.operations[0]["parameters"] = [{"name": "old", "in": "query"}, {"name": "limit", "in": "query"}]
    text = GOOD.replace('["responses", "200"]', '["parameters", "limit"]')
    limit = text.replace("'{}'", """'{"schema": {"type": "integer"}}'""")
    (tmp_path / FILE).write_text(limit + text.replace("limit", "old").replace("'{}'", "'null'"))
    correct(document, tmp_path)
    [parameter] = document.operations[0]["parameters"]
    assert parameter == {
        "name": "limit", "in": "query", "required": False, "style": "form", "explode": True,
        "schema": {"type": "integer"},
    }  # fmt: skip


def test_a_schema_is_corrected_as_an_operation_is(tmp_path: Path) -> None:
    document = CompiledDocument("mail", "1", [], {"template": {"required": ["id"]}})
    text = GOOD.replace('operation = "send"', 'schema = "template"').replace('["responses", "200"]', '["required"]')
    (tmp_path / FILE).write_text(text.replace("'{}'", "'[]'"))
    correct(document, tmp_path)
    assert document.schemas == {"template": {"required": []}}
    (tmp_path / FILE).write_text(text.replace('"template"', '"nobody"'))
    with pytest.raises(CompileError, match="no schema nobody"):
        correct(document, tmp_path)
