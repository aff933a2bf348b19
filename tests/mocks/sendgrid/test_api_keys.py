"""API keys: shown once, renamed, replaced, deleted; they give no more than their maker has."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import api_keys
from mocks.sendgrid.scopes import FULL_ACCESS
from tests.harness import Harness, value

KEYS = "/v3/api_keys"
MISSING = {"errors": [{"message": "unable to find API Key", "field": None}]}
UNASSIGNABLE = {"errors": [{"message": "invalid or unassignable scopes were given", "field": "scopes"}]}


async def make(sendgrid: Harness, key: str | None = None, **sent: Any) -> Any:
    response = await sendgrid.call("POST", KEYS, json={"name": "CI", **sent}, key=key)
    assert response.status == 201, response.body
    return value(response)


async def test_a_key_is_shown_once(sendgrid: Harness) -> None:
    response = await sendgrid.call("POST", KEYS, json={"name": "CI", "scopes": ["mail.send", "mail.send"]})
    made = value(response)
    assert response.status == 201
    assert len(made["api_key"]) == 69
    assert made["api_key"].startswith(f"SG.{made['api_key_id']}.")
    found = value(await sendgrid.call("GET", f"{KEYS}/{made['api_key_id']}"))
    assert found == {"result": [{"api_key_id": made["api_key_id"], "name": "CI", "scopes": ["mail.send"]}]}
    assert value(await sendgrid.call("GET", KEYS)) == {"result": [{"api_key_id": made["api_key_id"], "name": "CI"}]}


async def test_nothing_that_is_kept_holds_the_key(sendgrid: Harness) -> None:
    made = await make(sendgrid)
    state = (await sendgrid.store()).begin("sendgrid")
    [kept] = await state.page(api_keys.KIND)
    await state.rollback()
    assert made["api_key"].rpartition(".")[2] not in str(kept)


async def test_without_scopes_a_key_may_do_everything(sendgrid: Harness) -> None:
    for scopes in ({}, {"scopes": []}):
        assert (await make(sendgrid, **scopes))["scopes"] == list(FULL_ACCESS)


async def test_patch_renames_and_put_replaces(sendgrid: Harness) -> None:
    key = (await make(sendgrid, scopes=["mail.send"]))["api_key_id"]
    assert value(await sendgrid.call("PATCH", f"{KEYS}/{key}", json={"name": "B"})) == {"api_key_id": key, "name": "B"}
    changed = value(await sendgrid.call("PUT", f"{KEYS}/{key}", json={"name": "C", "scopes": ["alerts.read"]}))
    assert changed == {"api_key_id": key, "name": "C", "scopes": ["alerts.read"]}
    named = value(await sendgrid.call("PUT", f"{KEYS}/{key}", json={"name": "D"}))
    assert named == {"api_key_id": key, "name": "D", "scopes": ["alerts.read"]}
    empty = await sendgrid.call("PUT", f"{KEYS}/{key}", json={"name": "E", "scopes": []})
    assert (empty.status, value(empty)["errors"][0]["field"]) == (400, "scopes")
    assert value(await sendgrid.call("GET", KEYS))["result"] == [{"api_key_id": key, "name": "D"}]


async def test_a_deleted_key_is_gone(sendgrid: Harness) -> None:
    key = (await make(sendgrid))["api_key_id"]
    assert (await sendgrid.call("DELETE", f"{KEYS}/{key}")).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"name": "B"}), ("PUT", {"name": "B"})):
        gone = await sendgrid.call(method, f"{KEYS}/{key}", json=body)
        assert gone.status == 404
        assert value(gone) == MISSING


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_a_key_needs_a_name(sendgrid: Harness, method: str) -> None:
    path = KEYS if method == "POST" else f"{KEYS}/{(await make(sendgrid))['api_key_id']}"
    response = await sendgrid.call(method, path, json={"scopes": ["mail.send"]})
    assert response.status == 400
    assert value(response)["errors"] == [{"message": "name is required", "field": "name"}]
    for body in ({"name": " "}, None):
        response = await sendgrid.call(method, path, json=body)
        assert (response.status, value(response)["errors"][0]["field"]) == (400, "name")


@pytest.mark.parametrize("scopes", [["mail.sent"], ["mail.send", ""], ["billing.read", "mail.send"]])
async def test_scopes_must_be_known_and_billing_stands_alone(sendgrid: Harness, scopes: list[str]) -> None:
    response = await sendgrid.call("POST", KEYS, json={"name": "CI", "scopes": scopes})
    assert (response.status, value(response)) == (400, UNASSIGNABLE)
    assert value(await sendgrid.call("GET", KEYS)) == {"result": []}
    await make(sendgrid, scopes=["billing.read", "billing.update"])


async def test_a_key_gives_no_more_than_it_has(sendgrid: Harness) -> None:
    mine = ["api_keys.create", "api_keys.update", "api_keys.read", "mail.send"]
    key = (await make(sendgrid, scopes=mine))["api_key"]
    more = await sendgrid.call("POST", KEYS, json={"name": "more", "scopes": ["alerts.read"]}, key=key)
    assert (more.status, value(more)) == (400, UNASSIGNABLE)
    less = await make(sendgrid, key, scopes=["mail.send", "sender_verification_eligible"])
    more = await sendgrid.call(
        "PUT", f"{KEYS}/{less['api_key_id']}", json={"name": "more", "scopes": ["alerts.read"]}, key=key
    )
    assert (more.status, value(more)) == (400, UNASSIGNABLE)
    assert set((await make(sendgrid, key))["scopes"]) == set(mine)


async def test_an_account_has_a_hundred_keys(sendgrid: Harness) -> None:
    for _ in range(api_keys.MOST):
        last = await make(sendgrid, scopes=["mail.send"])
    response = await sendgrid.call("POST", KEYS, json={"name": "one more"})
    assert response.status == 403
    assert value(response) == {"errors": [{"message": "Cannot create more than 100 API Keys", "field": None}]}
    assert len(value(await sendgrid.call("GET", KEYS))["result"]) == 100
    assert len(value(await sendgrid.call("GET", KEYS, query={"limit": 3}))["result"]) == 3
    assert (await sendgrid.call("GET", KEYS, query={"limit": 0})).status == 400
    assert (await sendgrid.call("DELETE", f"{KEYS}/{last['api_key_id']}")).status == 204
    await make(sendgrid)


async def test_the_state_finds_the_whole_key_alone(sendgrid: Harness) -> None:
    made = await make(sendgrid, scopes=["mail.send"])
    state = (await sendgrid.store()).begin("sendgrid")
    found = await api_keys.find(state, made["api_key"])
    assert found is not None
    assert found.name == f"api_key:{made['api_key_id']}"
    assert found.terms == {"scopes": ["mail.send"], "account": "", "whole": False}
    for wrong in (made["api_key"][:-1] + "?", made["api_key"][:-1] + "_", "SG.x.y", f"SG.{'a' * 22}.{'b' * 43}"):
        assert await api_keys.find(state, wrong) is None
    await state.rollback()


async def test_the_keys_of_an_account_are_forgotten_together(sendgrid: Harness) -> None:
    state = (await sendgrid.store()).begin("sendgrid")
    for key, account in (("1", "ada"), ("2", "ada"), ("3", "bob")):
        await state.put(api_keys.KIND, key, {"api_key_id": key, "account": account}, {"account": account})
    await api_keys.forget(state, "ada")
    assert [record["api_key_id"] for record in await state.page(api_keys.KIND)] == ["3"]
    await state.rollback()
