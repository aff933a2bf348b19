"""The generic engine answers every operation of real contracts truly, and keeps what can be made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts import library
from contracts.contract import ResourceShape
from contracts.openapi import OpenApiContract
from mocks import generic
from mocks.generic.roles import item_path, roles
from tests.harness import Harness, value
from tests.mocks.requests import request_of

CONTRACTS = ("stripe", "sendgrid")

#: A teammate's user name is any text in the answer and an email address in the path: only SendGrid knows which.
UNREACHABLE = {"sso.teammate"}


def load(name: str) -> OpenApiContract:
    contract = library.load(name)
    assert isinstance(contract, OpenApiContract)
    return contract


@pytest.fixture(params=CONTRACTS)
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Harness]:
    """A mock of the whole contract with an empty table of handlers; a reply that breaks the contract raises."""
    contract = load(request.param)
    made = Harness(
        generic.service(request.param, lambda: contract), tmp_path, strict_errors=request.param != "sendgrid"
    )
    yield made
    await made.close()


async def test_every_operation_is_answered_truly(harness: Harness) -> None:
    """Success, or the 404 of an object that is kept and was not made: nothing else, and never a broken reply."""
    contract = load(harness.service.name)
    kept = roles(contract)
    wrong = []
    for operation in contract.operations().values():
        if operation.encoding == "multipart":
            continue  # a file upload, whose body the sweep cannot make
        response = await harness.call(**request_of(contract, operation))
        expected = {operation.success_status} | ({404} if operation in kept and "{" in operation.path else set())
        if response.status not in expected:
            wrong.append((operation.id, response.status, response.body[:200]))
    assert wrong == []


async def test_every_kept_resource_lives(harness: Harness) -> None:
    """Made, found, listed, changed, deleted, gone: for every resource that the contract lets be made."""
    contract = load(harness.service.name)
    wrong, lived = [], 0
    for shape in contract.resources().values():
        if shape.id_parameter is None or "create" not in shape.operations or shape.name in UNREACHABLE:
            continue
        if shape.operations["create"].encoding == "multipart":
            continue
        try:
            await _live(harness, contract, shape)
            lived += 1
        except AssertionError as error:
            wrong.append(f"{shape.name}: {str(error).splitlines()[0]}")
    assert wrong == []
    assert lived > 20


async def _live(harness: Harness, contract: OpenApiContract, shape: ResourceShape) -> None:
    parents = await _parents(harness, contract, shape)
    made = value(await _call(harness, contract, shape, "create", parents))
    ids = (*parents, str(made[shape.id_field]))
    if "retrieve" in shape.operations:
        found = value(await _call(harness, contract, shape, "retrieve", ids))
        found = found[0] if isinstance(found, list) else found
        # A create may show null where the retrieve's schema has none.
        shared = {name for name in found.keys() & made.keys() if made[name] is not None}
        assert {name: found[name] for name in shared} == {name: made[name] for name in shared}, (
            f"found {found}, made {made}"
        )
    if "list" in shape.operations:
        listed = value(await _call(harness, contract, shape, "list", parents))
        for step in shape.items:
            listed = listed[step]
        shown = [str(item.get(shape.id_field)) for item in listed if shape.id_field in item]
        assert ids[-1] in shown or not shown, "made, and not listed"
    if "update" in shape.operations:
        await _call(harness, contract, shape, "update", ids)
    if "delete" in shape.operations:
        await _call(harness, contract, shape, "delete", ids)
        if "retrieve" in shape.operations:
            gone = await harness.call(**request_of(contract, shape.operations["retrieve"], ids))
            assert gone.status == 404, "deleted, and still there"


async def _parents(harness: Harness, contract: OpenApiContract, shape: ResourceShape) -> tuple[str, ...]:
    """An object of every kept resource above ``shape``, made for it."""
    parent = roles(contract)[shape.operations["create"]].parent
    if parent is None:
        return ("any",) * len(shape.parents)
    above = await _parents(harness, contract, parent)
    made = value(await _call(harness, contract, parent, "create", above))
    return (*above, str(made[parent.id_field]))


async def _call(
    harness: Harness, contract: OpenApiContract, shape: ResourceShape, action: Any, ids: tuple[str, ...]
) -> Any:
    operation = shape.operations[action]
    response = await harness.call(**request_of(contract, operation, ids))
    assert response.status == operation.success_status, f"{operation.id} answered {response.status} {response.body!r}"
    return response


def test_nothing_kept_is_out_of_reach() -> None:
    """Each kept object has a place, or its collection lists it, or it is always there."""
    for name in CONTRACTS:
        for role in roles(load(name)).values():
            assert item_path(role.shape) or role.shape.id_parameter is None
