"""The neutral view: OpenAPI-like facts and a service model answer the same questions."""

from __future__ import annotations

from typing import Any, cast

import pytest

from contracts import library
from contracts.contract import Contract
from contracts.diff.view import Incomparable, view
from tests.contracts.diff.documents import compiled, document


def test_an_openapi_contract() -> None:
    found = view(compiled(document()))
    operation = found.operations["getCustomer"]
    assert operation.address == ("GET", "/customers/{}")
    # Of the path by position: what a parameter is called there is nothing to a client.
    assert set(operation.parameters) == {("path", "0")}
    made = found.operations["createCustomer"]
    assert made.body is not None
    assert (made.body.encoding, made.body.required) == ("json", True)
    assert set(made.answers) == {"201", "400"}


def test_a_service_model() -> None:
    found = view(library.load("s3"))
    put = found.operations["PutObject"]
    assert put.parameters["header", "x-amz-acl"].schema == {"$ref": "#/$defs/ObjectCannedACL"}
    assert put.parameters["path", "Bucket"].required
    assert put.body is not None
    assert "InvalidRequest" in put.errors
    listed = found.operations["ListObjectsV2"].answers["200"]
    assert listed.media == "application/xml"
    assert listed.schema is not None
    assert "Contents" in listed.schema["properties"]
    assert "etag" in found.operations["PutObject"].answers["200"].headers


def test_a_form_on_a_get_is_its_query() -> None:
    source = document()
    schema = {"type": "object", "properties": {"page": {"type": "integer"}}, "required": ["page"]}
    source["paths"]["/customers"]["get"]["requestBody"] = {
        "content": {"application/x-www-form-urlencoded": {"schema": schema}}
    }
    operation = view(compiled(source)).operations["listCustomers"]
    assert operation.body is None
    assert operation.parameters["query", "page"].required


def test_another_kind_is_refused() -> None:
    class Other:
        name = "other"

    with pytest.raises(Incomparable, match="other"):
        view(cast(Contract, cast(Any, Other())))
