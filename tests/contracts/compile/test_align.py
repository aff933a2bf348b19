"""Operations of another document take the names that are known, by method and path."""

from __future__ import annotations

from typing import Any

from contracts import openapi
from contracts.compile.align import align
from contracts.compile.document import CompiledDocument


def operation(id: str, method: str, path: str) -> dict[str, Any]:
    return {
        "id": id,
        "method": method,
        "path": path,
        "encoding": "none",
        "success_status": 200,
        "parameters": [],
        "body": None,
        "responses": {"200": {}},
    }


def test_names_follow_method_and_path() -> None:
    known = [operation("bills.list", "GET", "/bills"), operation("bills.show", "GET", "/bills/{bill}")]
    contract = openapi.from_files(CompiledDocument("billing", "1", known, {}).files())
    other = CompiledDocument(
        "billing",
        "2",
        [
            operation("GetBills", "GET", "/bills/"),
            operation("GetBill", "GET", "/bills/{id}"),
            operation("bills.show", "POST", "/bills/{id}/shown"),
            operation("PostBills", "POST", "/bills"),
        ],
        {},
    )
    align(other, contract)
    assert [one["id"] for one in other.operations] == ["bills.list", "bills.show", "post.bills.show", "PostBills"]


def test_two_of_one_shape_stay_two() -> None:
    contract = openapi.from_files(
        CompiledDocument("billing", "1", [operation("bills.show", "GET", "/bills/{bill}")], {}).files()
    )
    other = CompiledDocument(
        "billing", "2", [operation("A", "GET", "/bills/{a}"), operation("B", "GET", "/bills/{b}")], {}
    )
    align(other, contract)
    assert [one["id"] for one in other.operations] == ["bills.show", "B"]
