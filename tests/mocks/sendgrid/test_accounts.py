"""A subuser's records are its own."""

from __future__ import annotations

import pytest

from broker.storage.base import Transaction
from mocks.sendgrid import accounts
from tests.harness import Harness, value

KEYS = "/v3/api_keys"


@pytest.fixture
async def subusers(sendgrid: Harness) -> Harness:
    """The mock with two subusers, of whom one is disabled."""
    state = await _state(sendgrid)
    await state.put(accounts.KIND, "ada", {"username": "ada", "account": "ada", "disabled": False})
    await state.put(accounts.KIND, "bob", {"username": "bob", "account": "bob", "disabled": True})
    await state.commit()
    return sendgrid


async def _state(sendgrid: Harness) -> Transaction:
    return (await sendgrid.store()).begin("sendgrid")


async def test_what_is_made_for_a_subuser_is_there_for_it_alone(subusers: Harness) -> None:
    for headers, key in (({"on-behalf-of": "ada"}, "theirs"), ({}, "ours")):
        await subusers.call("POST", KEYS, json={"name": key}, headers=headers)
    for headers, key in (({"On-Behalf-Of": "ada"}, "theirs"), ({}, "ours")):
        found = value(await subusers.call("GET", KEYS, headers=headers))["result"]
        assert [each["name"] for each in found] == [key]


async def test_the_generic_engines_objects_are_as_separate(subusers: Harness) -> None:
    sent = {"type": "usage_limit", "percentage": 90, "email_to": "a@example.com"}
    made = await subusers.call("POST", "/v3/alerts", json=sent, headers={"on-behalf-of": "ada"})
    assert made.status == 201
    path = f"/v3/alerts/{value(made)['id']}"
    assert (await subusers.call("GET", path, headers={"on-behalf-of": "ada"})).status == 200
    assert (await subusers.call("GET", path)).status == 404


@pytest.mark.parametrize("behalf", ["bob", "nobody", "account-id 123"])
async def test_nobody_acts_for_a_disabled_or_unknown_subuser(subusers: Harness, behalf: str) -> None:
    response = await subusers.call("GET", KEYS, headers={"on-behalf-of": behalf})
    assert response.status == 403
    assert value(response) == {"errors": [{"message": "access forbidden", "field": None}]}


async def test_records_are_reached_across_accounts(sendgrid: Harness) -> None:
    state = await _state(sendgrid)
    ada = accounts.of(state, "ada")
    await ada.put("message", "1", {"of": "ada"})
    assert await accounts.of(accounts.of(state, "bob"), "ada").get("message", "1") == {"of": "ada"}
    assert await accounts.of(ada, "").get("message", "1") is None
    assert accounts.parent(ada) is state
    await ada.put("agenda", "1", {"account": "ada"})
    assert await accounts.parent(ada).get("agenda", "1") == {"account": "ada"}
    await state.rollback()
