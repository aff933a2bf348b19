"""API keys: shown once, renamed, replaced, deleted."""

from __future__ import annotations

from mocks.sendgrid.scopes import FULL_ACCESS
from tests.harness import Harness, value

KEYS = "/v3/api_keys"


async def test_a_key_is_shown_once(sendgrid: Harness) -> None:
    response = await sendgrid.call("POST", KEYS, json={"name": "CI", "scopes": ["mail.send"]})
    made = value(response)
    assert response.status == 201
    assert len(made["api_key"]) == 69
    assert made["api_key"].startswith(f"SG.{made['api_key_id']}.")
    found = value(await sendgrid.call("GET", f"{KEYS}/{made['api_key_id']}"))
    assert found == {"result": [{"api_key_id": made["api_key_id"], "name": "CI", "scopes": ["mail.send"]}]}
    assert value(await sendgrid.call("GET", KEYS)) == {"result": [{"api_key_id": made["api_key_id"], "name": "CI"}]}


async def test_without_scopes_a_key_may_do_everything(sendgrid: Harness) -> None:
    made = value(await sendgrid.call("POST", KEYS, json={"name": "CI"}))
    assert made["scopes"] == list(FULL_ACCESS)


async def test_patch_renames_and_put_replaces(sendgrid: Harness) -> None:
    key = value(await sendgrid.call("POST", KEYS, json={"name": "A", "scopes": ["mail.send"]}))["api_key_id"]
    assert value(await sendgrid.call("PATCH", f"{KEYS}/{key}", json={"name": "B"})) == {"api_key_id": key, "name": "B"}
    changed = value(await sendgrid.call("PUT", f"{KEYS}/{key}", json={"name": "C", "scopes": ["alerts.read"]}))
    assert changed == {"api_key_id": key, "name": "C", "scopes": ["alerts.read"]}


async def test_a_deleted_key_is_gone(sendgrid: Harness) -> None:
    key = value(await sendgrid.call("POST", KEYS, json={"name": "A"}))["api_key_id"]
    assert (await sendgrid.call("DELETE", f"{KEYS}/{key}")).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"name": "B"})):
        gone = await sendgrid.call(method, f"{KEYS}/{key}", json=body)
        assert gone.status == 404
        assert value(gone) == {"errors": [{"message": "not found", "field": None}]}


async def test_a_key_needs_a_name(sendgrid: Harness) -> None:
    response = await sendgrid.call("POST", KEYS, json={"scopes": ["mail.send"]})
    assert response.status == 400
    assert value(response)["errors"] == [{"message": "name is required", "field": "name"}]
