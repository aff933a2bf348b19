"""The whole SDK is read: every service method, with what its parameters and answers promise."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import stripe

from contracts import library
from contracts.compile import compile_service
from contracts.compile.stripe_sdk import compile_sdk, service_methods
from contracts.compile.stripe_syntax import Package
from contracts.openapi import OpenApiContract

SDK = Path(stripe.__file__).parent


@pytest.fixture(scope="module")
def contract() -> OpenApiContract:
    loaded = library.load("stripe")
    assert isinstance(loaded, OpenApiContract)
    return loaded


def test_no_request_of_any_service_file_was_skipped(contract: OpenApiContract) -> None:
    """Counted another way than the compiler does: requests in the text of every service file."""
    written = 0
    for path in SDK.rglob("*_service.py"):
        text = path.read_text()
        if path.name != "_stripe_service.py":  # the base class, which every request goes through
            written += len(re.findall(r"(?<!await )self\.(?:_requestor\.request|_request|_request_stream)\(\n", text))
    assert len(contract.operations()) == written == 651


def test_every_public_method_of_every_service_class_is_an_operation(contract: OpenApiContract) -> None:
    """The one exception builds an address and sends nothing."""
    walked = {(scope.module.name, method.name) for _, scope, method in service_methods(Package(SDK))}
    defined = set()
    for path in SDK.rglob("*_service.py"):
        module = ".".join(["stripe", *path.relative_to(SDK).with_suffix("").parts])
        for definition in ast.parse(path.read_bytes()).body:
            if isinstance(definition, ast.ClassDef) and definition.name != "StripeService":
                defined |= {
                    (module, method.name)
                    for method in definition.body
                    if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
                }
    assert defined - walked == {("stripe._oauth_service", "authorize_url")}
    assert walked <= defined


def test_ids_are_how_the_sdk_is_called(contract: OpenApiContract) -> None:
    client: Any = stripe.StripeClient("sk_test_x")
    for name in (
        "customers.create",
        "payment_intents.confirm",
        "test_helpers.test_clocks.advance",
        "v2.core.events.list",
    ):
        assert name in contract.operations()
        target = client if name.startswith("v2.") else client.v1
        for step in name.split("."):
            target = getattr(target, step)
        assert callable(target)


def test_the_version_is_the_sdks_own(contract: OpenApiContract) -> None:
    assert contract.version == stripe.api_version


def test_only_one_operation_is_hidden_behind_another(contract: OpenApiContract) -> None:
    assert [operation.id for operation in contract._routes.hidden] == ["sources.detach"]


def test_addresses_other_than_the_apis_are_noted(contract: OpenApiContract) -> None:
    bases = {name: contract.details(one)["base"] for name, one in contract.operations().items()}
    assert {name for name, base in bases.items() if base == "files"} == {"files.create", "quotes.pdf"}
    assert {name for name, base in bases.items() if base == "connect"} == {"oauth.token", "oauth.deauthorize"}
    assert {name for name, base in bases.items() if base == "meter_events"} == {"v2.billing.meter_event_stream.create"}


def test_encodings(contract: OpenApiContract) -> None:
    encodings = {name: one.encoding for name, one in contract.operations().items()}
    assert encodings["customers.create"] == "form"
    assert encodings["customers.delete"] == encodings["customers.list"] == "none"
    assert encodings["files.create"] == "multipart"
    assert encodings["v2.core.accounts.create"] == "json"


def test_resources_and_actions(contract: OpenApiContract) -> None:
    found = {name: (one.resource, one.action) for name, one in contract.operations().items()}
    assert found["customers.list"] == ("customer", "list")
    assert found["customers.search"] == ("customer", "search")
    assert found["customers.delete"] == ("customer", "delete")
    assert found["payment_intents.confirm"] == ("payment_intent", "other")
    assert found["billing_portal.sessions.create"] == ("billing_portal.session", "create")


def _body(contract: OpenApiContract, name: str) -> Any:
    return contract.details(contract.operations()[name])["body"]["schema"]


def test_parameters(contract: OpenApiContract) -> None:
    body = _body(contract, "customers.create")
    assert body["additionalProperties"] is False
    members = body["properties"]
    assert members["balance"] == {"type": "integer"}
    assert members["business_name"] == {"type": "string"}
    assert members["email"] == {"type": "string", "maxLength": 512}
    assert members["expand"] == {"type": "array", "items": {"type": "string"}}
    assert members["tax_exempt"] == {"type": "string", "enum": ["", "exempt", "none", "reverse"]}
    assert members["metadata"] == {
        "anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "string", "enum": [""]}]
    }
    assert _body(contract, "payment_intents.create")["required"] == ["amount", "currency"]
    price = _body(contract, "prices.create")["properties"]["unit_amount_decimal"]
    assert price == {"type": "string", "format": "decimal"}
    assert _body(contract, "tax.registrations.create")["properties"]["country_options"]["properties"]["in"]


def test_expand_is_taken_by_every_operation_of_version_one_that_answers_an_object(contract: OpenApiContract) -> None:
    without = set()
    for operation in contract.operations().values():
        details = contract.details(operation)
        schema = (details["body"] or {}).get("schema", {})
        takes = {parameter["name"] for parameter in details["parameters"]} | set(schema.get("properties", ()))
        if operation.path.startswith("/v1/") and "expand" not in takes:
            without.add((operation.method, operation.action))
    assert {method for method, _ in without} <= {"DELETE", "POST", "GET"}
    assert ("POST", "create") not in without
    assert ("GET", "retrieve") not in without


def test_objects(contract: OpenApiContract) -> None:
    customer = contract.schemas["customer"]
    assert {"id", "object", "created", "livemode"} <= set(customer["required"])
    assert customer["properties"]["email"] == {"type": ["string", "null"]}
    assert customer["properties"]["object"] == {"type": "string", "enum": ["customer"]}
    intent = contract.schemas["payment_intent"]["properties"]
    assert intent["customer"] == {
        "anyOf": [
            {"type": "string"}, {"$ref": "#/$defs/customer"}, {"$ref": "#/$defs/deleted_customer"}, {"type": "null"},
        ],
        "x-expands": ["customer"],
    }  # fmt: skip
    page = contract.schemas["charge"]["properties"]["refunds"]
    assert page["properties"]["data"]["items"] == {"$ref": "#/$defs/refund"}
    assert set(contract.schemas["deleted_customer"]["required"]) == {"deleted", "id", "object"}


def test_answers(contract: OpenApiContract) -> None:
    def answer(name: str) -> Any:
        return contract.response_schema(contract.operations()[name])

    assert answer("customers.delete") == {"$ref": "#/$defs/deleted_customer"}
    assert answer("subscriptions.cancel") == {"$ref": "#/$defs/subscription"}
    assert answer("customers.search")["properties"]["next_page"] == {"type": ["string", "null"]}
    assert answer("v2.core.events.list")["required"] == ["data", "next_page_url"]
    assert answer("quotes.pdf") is None


def test_compiling_again_gives_the_files_that_are_committed() -> None:
    folder = Path(library.__file__).parent / "stripe"
    entry = next(entry for entry in library.installed() if entry.name == "stripe")
    files = compile_service("stripe", date=entry.date).files
    assert {name: content == (folder / name).read_bytes() for name, content in files.items()} == dict.fromkeys(
        files, True
    )


def test_an_sdk_that_is_written_otherwise_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_v1_services.py").write_text("_subservices = {}")
    (tmp_path / "_v2_services.py").write_text("_subservices = {}")
    with pytest.raises(FileNotFoundError):
        compile_sdk(tmp_path)
