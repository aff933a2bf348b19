"""Operations of any document: what can be called is compiled, what cannot is told with its place."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts import documents
from contracts.compile import unseen
from contracts.compile.document import CompileError
from contracts.compile.unseen import Unseen, compile_unseen
from contracts.contract import ContractViolation
from contracts.exchange import Headers, Request
from contracts.openapi import from_files

OK = {"responses": {"200": {"description": "ok"}}}


def compiled(paths: Any, **others: Any) -> Unseen:
    document = {"openapi": "3.0.3", "info": {"title": "T", "version": "7"}, "paths": paths, **others}
    return compile_unseen("crm", documents.read(orjson.dumps(document)))


def operation(found: Unseen, name: str) -> dict[str, Any]:
    return next(one for one in found.contract.operations if one["id"] == name)


def test_the_files_are_those_of_every_contract_and_one_more() -> None:
    found = compiled(
        {"/things/{id}": {"get": {"operationId": "getThing", **OK}}},
        servers=[{"url": "https://{region}.example.com/v1/", "variables": {"region": {"default": "eu"}}}],
        security=[{"key": []}],
        components={"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    )
    files = found.files()
    contract = from_files(files)
    assert [one.path for one in contract.operations().values()] == ["/v1/things/{id}"]
    assert contract.version == "7"
    extras = orjson.loads(files["extras.json"])
    assert extras["base"] == "/v1"
    assert extras["schemes"] == {"key": {"in": "header", "name": "X-Key"}}
    assert operation(found, "getThing")["security"] == [["key"]]
    assert extras["notes"] == []


def test_ids_and_paths_are_made_callable() -> None:
    found = compiled(
        {
            "/a": {"get": {"operationId": "same", **OK}, "post": {"operationId": "same", **OK}, "put": OK},
            "/a?x=1": {"get": OK},
            "no-slash": {"get": OK},
            "/bad/{x": {"get": OK},
            "x-internal": {"get": OK},
        }
    )
    assert [one["id"] for one in found.contract.operations] == ["same", "put_a", "same_2"]
    assert found.notes == [
        "#/paths//a?x=1/get: stands at a path that another operation has already",
        "#/paths/no-slash: is no path that can be called",
        "#/paths//bad/{x: is no path that can be called",
    ]


def test_parameters_are_merged_and_completed() -> None:
    shared = [{"$ref": "#/components/parameters/page"}, {"in": "query", "name": "q", "schema": {"type": "string"}}]
    own = [
        {"in": "query", "name": "q", "required": True, "style": "spaceDelimited", "schema": {"type": "array"}},
        {"in": "path", "name": "elsewhere", "schema": {}},
        {"in": "cookie", "name": "c"},
        {"in": "matrix", "name": "m"},
        "nonsense",
    ]
    found = compiled(
        {"/a/{id}": {"parameters": shared, "get": {"operationId": "a", "parameters": own, **OK}}},
        components={
            "parameters": {"page": {"in": "query", "name": "page", "style": "odd", "schema": {"type": "file"}}}
        },
    )
    parameters = {one["name"]: one for one in operation(found, "a")["parameters"]}
    assert set(parameters) == {"id", "page", "q"}
    assert parameters["id"]["schema"] == {"type": "string"}
    assert parameters["q"]["required"] is True
    assert parameters["q"]["style"] == "spaceDelimited"
    assert parameters["page"]["style"] == "form"
    assert len(found.notes) == 2


def test_bodies_answers_and_examples() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "n": {"type": "string"}}}
    found = compiled(
        {
            "/a": {
                "post": {
                    "operationId": "a",
                    "requestBody": {"content": {"application/xml": {}, "application/json": {"schema": schema}}},
                    "responses": {
                        "201": {
                            "content": {
                                "application/vnd.api+json; v=1": {
                                    "schema": schema,
                                    "examples": {"one": {"value": {"n": "x"}}, "far": {"externalValue": "http://e.x"}},
                                },
                                "text/csv": {},
                            }
                        },
                        "4xx": {"content": {"*/*": {"schema": {"type": "string"}, "example": "no"}}},
                        "teapot": {},
                    },
                }
            }
        }
    )
    one = operation(found, "a")
    assert (one["encoding"], one["success_status"], one["body"]["read_only"]) == ("json", 201, ["id"])
    assert set(one["responses"]) == {"201", "4XX"}
    assert one["responses"]["201"]["content_type"] == "application/vnd.api+json"
    assert one["responses"]["201"]["others"] == ["text/csv"]
    assert one["responses"]["201"]["examples"] == {"one": {"n": "x"}}
    assert one["responses"]["4XX"] == {
        "content_type": "application/json",
        "schema": {"type": "string"},
        "examples": {"": "no"},
    }


def test_callbacks_and_webhooks_are_known() -> None:
    event = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}, **OK}
    found = compiled(
        {"/a": {"post": {"operationId": "a", "callbacks": {"done": {"{$request.body#/url}": {"post": event}}}, **OK}}},
        webhooks={"thing.made": {"post": event}},
    )
    assert operation(found, "a")["callbacks"] == [
        {"name": "done", "url": "{$request.body#/url}", "method": "post", "schema": {"type": "object"}}
    ]
    assert found.extras["webhooks"] == [{"name": "thing.made", "method": "post", "schema": {"type": "object"}}]


@pytest.mark.parametrize(
    ("scheme", "found"),
    [
        ({"type": "http", "scheme": "Bearer"}, {"in": "bearer", "name": "authorization"}),
        ({"type": "http", "scheme": "basic"}, {"in": "basic", "name": "authorization"}),
        ({"type": "oauth2", "flows": {}}, {"in": "bearer", "name": "authorization"}),
        ({"type": "openIdConnect"}, {"in": "bearer", "name": "authorization"}),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"in": "cookie", "name": "sid"}),
        ({"type": "mutualTLS"}, {"in": "other", "name": "mutualTLS"}),
    ],
)
def test_security_schemes(scheme: Any, found: Any) -> None:
    made = compiled({"/a": {"get": OK}}, components={"securitySchemes": {"one": scheme, "odd": {}}})
    assert made.extras["schemes"] == {"one": found}


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ({}, "no operation"),
        ({"/a": {"get": "x"}}, "no operation"),
        ({"/a": {"get": {"parameters": [{}] * 501}}}, "more than 500"),
        ({"/a": {"get": {"parameters": [{"$ref": "#/paths/~1a/get/parameters/0"}]}}}, "leads in a circle"),
    ],
)
def test_what_is_too_much_or_nothing_is_refused_with_its_place(paths: Any, words: str) -> None:
    with pytest.raises(CompileError, match=words):
        compiled(paths)


def test_operations_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unseen, "MOST_OPERATIONS", 2)
    with pytest.raises(CompileError, match="more than 2 operations"):
        compiled({f"/{n}": {"get": OK} for n in range(3)})


def test_a_body_is_taken_in_each_of_its_media_types() -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    form = "application/x-www-form-urlencoded"
    content = {media: {"schema": schema} for media in (form, "application/json", "application/xml")}
    found = compiled({"/a": {"post": {"operationId": "a", "requestBody": {"content": content}, **OK}}})
    assert [(one["content_type"], one["encoding"]) for one in operation(found, "a")["body"]["others"]] == [
        (form, "form")
    ]
    contract = from_files(found.files())

    def read(media: str, body: bytes) -> Any:
        fields = Headers([("content-type", media)])
        request = Request(method="POST", path="/a", headers=fields, body=body)
        match = contract.match(request)
        assert match is not None
        return contract.read(match, request).body

    assert read("application/json", b'{"n": 7}') == {"n": 7}
    assert read(f"{form}; charset=utf-8", b"n=7") == {"n": 7}
    with pytest.raises(ContractViolation, match="must be application/json"):
        read("application/xml", b"<n/>")
    with pytest.raises(ContractViolation, match="more than 1 MiB"):
        read(form, b"n=" + b"7" * (1 << 20))


@pytest.mark.parametrize(
    ("statuses", "success"),
    [(["301", "404"], 301), (["302", "200"], 200), (["default"], 200), (["404"], 200), (["3XX"], 200)],
)
def test_a_redirection_is_what_a_call_leads_to_where_nothing_else_is(statuses: list[str], success: int) -> None:
    found = compiled({"/a": {"get": {"operationId": "a", "responses": {status: {} for status in statuses}}}})
    assert operation(found, "a")["success_status"] == success


def test_a_range_of_json_is_json() -> None:
    content = {"application/*+json": {"schema": {"type": "object"}}}
    found = compiled({"/a": {"post": {"operationId": "a", "requestBody": {"content": content}, **OK}}})
    assert operation(found, "a")["body"]["content_type"] == "application/json"
