"""The defaults of a service leave everything as it is."""

from __future__ import annotations

from contracts.contract import Operation
from contracts.exchange import Request, Response
from mocks.defaults import never, not_remade, unchanged, undecorated, verbatim


def test_nothing_happens() -> None:
    request, response = Request(method="GET", path="/"), Response(200)
    operation = Operation(id="tea.read", method="GET", path="/")
    assert unchanged(request) is request
    assert verbatim(operation, request, {}) is request
    assert not never(request)
    undecorated(request, response, lambda prefix, length: prefix)
    assert response == Response(200)


async def test_nothing_is_made_again() -> None:
    async def send(method: str, path: str, params: object) -> None:
        raise AssertionError("nothing is asked for")

    assert await not_remade("cus_1", None, (), send) is None
