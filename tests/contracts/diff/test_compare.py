"""Planted changes of a small document, each found with the right rule, place and severity; and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contracts import library
from contracts.diff import diff
from tests.contracts.diff.documents import body, changed, compiled, customer, document, query

Change = Callable[[dict[str, Any]], object]

PLANTED: list[tuple[Change, str, str, str]] = [
    (lambda d: d["paths"].pop("/customers/{id}"), "api-path-removed-without-deprecation", "operation", "breaking"),
    (lambda d: d["paths"]["/customers"].pop("post"), "api-removed-without-deprecation", "operation", "breaking"),
    (
        lambda d: d["paths"].update({"/people": {"get": {"operationId": "people", "responses": {"200": {}}}}}),
        "endpoint-added",
        "operation",
        "safe",
    ),
    (
        lambda d: query(d, 0).update(required=True),
        "request-parameter-became-required",
        "request.query.limit",
        "breaking",
    ),
    (
        lambda d: query(d, 0)["schema"].update(maximum=10),
        "request-parameter-max-decreased",
        "request.query.limit",
        "breaking",
    ),
    (
        lambda d: query(d, 0)["schema"].update(maximum=200),
        "request-parameter-max-increased",
        "request.query.limit",
        "safe",
    ),
    (
        lambda d: query(d, 1)["schema"].update(enum=["asc"]),
        "request-parameter-enum-value-removed",
        "request.query.order",
        "breaking",
    ),
    (
        lambda d: d["paths"]["/customers"]["get"]["parameters"].pop(1),
        "request-parameter-removed",
        "request.query.order",
        "breaking",
    ),
    (lambda d: body(d)["required"].append("age"), "request-property-became-required", "request.body.age", "breaking"),
    (lambda d: body(d)["required"].remove("email"), "request-property-became-optional", "request.body.email", "safe"),
    (lambda d: body(d)["properties"].pop("age"), "request-property-removed", "request.body.age", "breaking"),
    (
        lambda d: body(d)["properties"].update(note={"type": "string"}),
        "new-optional-request-property",
        "request.body.note",
        "safe",
    ),
    (
        lambda d: body(d)["properties"]["plan"]["enum"].append("gold"),
        "request-property-enum-value-added",
        "request.body.plan",
        "safe",
    ),
    (
        lambda d: body(d)["properties"]["plan"].update(default="paid"),
        "request-property-default-value-changed",
        "request.body.plan",
        "risky",
    ),
    (
        lambda d: body(d)["properties"]["code"].update(pattern="^[a-z]{2}$"),
        "request-property-pattern-changed",
        "request.body.code",
        "risky",
    ),
    (
        lambda d: body(d)["properties"]["age"].update(type="string", minimum=None, maximum=None),
        "request-property-type-changed",
        "request.body.age",
        "breaking",
    ),
    (
        lambda d: d["paths"]["/customers"]["post"]["responses"].update({"201": {"description": "made"}}),
        "response-media-type-removed",
        "response.201.body",
        "breaking",
    ),
    (
        lambda d: d["paths"]["/customers"]["post"]["responses"].pop("400"),
        "response-non-success-status-removed",
        "response.400",
        "risky",
    ),
    (
        lambda d: customer(d)["properties"].pop("email"),
        "response-required-property-removed",
        "response.#customer.email",
        "breaking",
    ),
    (
        lambda d: customer(d)["properties"].pop("tags"),
        "response-optional-property-removed",
        "response.#customer.tags",
        "risky",
    ),
    (
        lambda d: customer(d)["properties"]["id"].update(nullable=True),
        "response-property-became-nullable",
        "response.#customer.id",
        "breaking",
    ),
    (
        lambda d: customer(d)["properties"]["name"].pop("nullable"),
        "response-property-became-not-nullable",
        "response.#customer.name",
        "safe",
    ),
    (
        lambda d: customer(d)["properties"]["status"]["enum"].append("asleep"),
        "response-property-enum-value-added",
        "response.#customer.status",
        "risky",
    ),
    (
        lambda d: customer(d)["properties"]["tags"]["items"].update(type="integer"),
        "response-property-type-changed",
        "response.#customer.tags[]",
        "breaking",
    ),
    (
        lambda d: customer(d)["properties"]["friend"]["anyOf"].append({"type": "boolean"}),
        "response-property-any-of-added",
        "response.#customer.friend",
        "risky",
    ),
    (
        lambda d: customer(d)["required"].remove("email"),
        "response-property-became-optional",
        "response.#customer.email",
        "breaking",
    ),
]


@pytest.mark.parametrize(("change", "rule", "place", "severity"), PLANTED, ids=[each[1] for each in PLANTED])
def test_planted_changes(change: Change, rule: str, place: str, severity: str) -> None:
    found = changed(change)
    assert (rule, place, severity) in [(each.rule, each.place, each.severity) for each in found.findings]
    # A member that is gone is gone from the required ones as well; nothing else is told.
    assert len(found.findings) == 1


def test_a_contract_does_not_differ_from_itself() -> None:
    for entry in library.installed():
        contract = library.load(entry.name)
        assert diff(contract, contract).findings == []


def test_a_change_of_a_shared_object_is_one_finding_that_names_its_operations() -> None:
    found = changed(lambda d: customer(d)["properties"].pop("email"))
    (finding,) = found.findings
    assert finding.operation is None
    assert found.reach[finding.key] == {"listCustomers", "createCustomer", "getCustomer"}
    assert list(found.used_by({"getCustomer"}).findings) == [finding]
    assert list(found.used_by({"somethingElse"}).findings) == []


def test_a_renamed_component_is_the_same_component() -> None:
    after = document()
    after["components"]["schemas"]["person"] = after["components"]["schemas"].pop("customer")
    renamed = compiled(_replaced(after, "#/components/schemas/customer", "#/components/schemas/person"))
    assert list(diff(compiled(document()), renamed).findings) == []


def test_renamed_operations_are_the_same_where_they_are_reached_the_same_way() -> None:
    found = changed(lambda d: d["paths"]["/customers/{id}"]["get"].update(operationId="retrieve"))
    assert [(each.rule, each.before, each.after) for each in found.findings] == [
        ("api-operation-id-removed", "getCustomer", "retrieve")
    ]


def test_a_moved_operation_is_told_as_moved() -> None:
    def move(d: dict[str, Any]) -> None:
        d["paths"]["/people/{id}"] = d["paths"].pop("/customers/{id}")

    assert [each.rule for each in changed(move).findings] == ["api-path-changed"]


def test_counts_and_rules() -> None:
    found = changed(lambda d: (customer(d)["properties"].pop("email"), query(d, 0)["schema"].update(maximum=200)))
    assert found.counts() == {"breaking": 1, "risky": 0, "safe": 1}
    assert found.worst == "breaking"
    assert ("request-parameter-max-increased", "safe", 1) in found.rules()


def test_the_whole_of_a_large_api_changed_in_one_place() -> None:
    from contracts import openapi
    from contracts.compile.document import CompiledDocument

    large = library.load("stripe")
    assert isinstance(large, openapi.OpenApiContract)
    schemas = {name: dict(schema) for name, schema in large.schemas.items()}
    coupon = schemas["coupon"]
    schemas["coupon"] = {**coupon, "properties": {k: v for k, v in coupon["properties"].items() if k != "valid"}}
    heads = large.operations().values()
    operations = [
        {**{n: getattr(head, n) for n in ("id", "method", "path", "resource", "action", "encoding", "success_status")}}
        | dict(large.details(head))
        for head in heads
    ]
    changed_copy = openapi.from_files(
        CompiledDocument("stripe", large.version, operations, schemas, objects=True).files()
    )
    found = diff(large, changed_copy)
    assert [(each.rule, each.place) for each in found.findings] == [
        ("response-required-property-removed", "response.#coupon.valid")
    ]
    assert "coupons.create" in found.reach[found.findings[0].key]


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(held, old, new) for key, held in value.items()}
    if isinstance(value, list):
        return [_replaced(held, old, new) for held in value]
    return new if value == old else value
