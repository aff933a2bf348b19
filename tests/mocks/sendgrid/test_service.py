"""The table of contents is true, and what it does not list answers from the contract."""

from __future__ import annotations

import re

from contracts import library
from contracts.openapi import OpenApiContract
from mocks.sendgrid.service import SERVICE
from tests.harness import Harness, value
from tests.mocks.requests import request_of


def test_every_handler_is_an_operation() -> None:
    assert SERVICE.operations.keys() <= SERVICE.contract().operations().keys()


async def test_every_operation_is_answered_truly(sendgrid: Harness) -> None:
    """Success or a documented refusal for what was never made; a reply that breaks the contract would raise."""
    contract = library.load("sendgrid")
    assert isinstance(contract, OpenApiContract)
    wrong = []
    for operation in contract.operations().values():
        response = await sendgrid.call(**request_of(contract, operation))
        known = response.status in (operation.success_status, 404)
        # A handler may ask for more than the document marks as required.
        if not known and not (response.status == 400 and operation.id in SERVICE.operations):
            wrong.append((operation.id, response.status, response.body[:200]))
    assert wrong == []


async def test_a_call_that_sends_nothing_is_answered(sendgrid: Harness) -> None:
    """No handler reads what is not there: each answers, or is never reached."""
    for operation in library.load("sendgrid").operations().values():
        path = re.sub(r"{[^}]+}", "1", operation.path)
        response = await sendgrid.call(operation.method, path)
        assert response.status < 500, operation.id


async def test_a_list_without_a_handler_lives(sendgrid: Harness) -> None:
    made = await sendgrid.call("POST", "/v3/campaigns", json={"title": "Spring"})
    assert made.status == 201
    listed = value(await sendgrid.call("GET", "/v3/campaigns"))
    assert [entry["title"] for entry in listed["result"]] == ["Spring"]
    gone = await sendgrid.call("DELETE", f"/v3/campaigns/{value(made)['id']}")
    assert gone.status == 204
    assert value(await sendgrid.call("GET", "/v3/campaigns"))["result"] == []


async def test_settings_stay_as_they_were_set(sendgrid: Harness) -> None:
    path = "/v3/tracking_settings/open"
    assert value(await sendgrid.call("PATCH", path, json={"enabled": False})) == {"enabled": False}
    assert value(await sendgrid.call("GET", path)) == {"enabled": False}
