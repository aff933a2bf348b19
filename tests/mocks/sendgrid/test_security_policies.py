"""Security policies of inbound parse."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.test_parse_settings import PATH as SETTINGS
from tests.mocks.sendgrid.test_parse_settings import made as setting

PATH = "/v3/user/webhooks/security/policies"
OAUTH = {"client_id": "me", "client_secret": "mine", "token_url": "https://id.example.com/token", "scopes": ["mail"]}


async def made(sendgrid: Harness, **body: Any) -> Any:
    response = await sendgrid.call("POST", PATH, json={"name": "Ours", **body})
    assert response.status == 201, response.value
    return value(response)["policy"]


async def test_one_is_made_read_changed_and_deleted(sendgrid: Harness) -> None:
    policy = await made(sendgrid, signature={"enabled": True}, oauth=OAUTH)
    key = policy["signature"]["public_key"]
    assert len(base64.b64decode(key)) == 91
    shown = {name: OAUTH[name] for name in ("client_id", "token_url", "scopes")}
    assert policy == {"id": policy["id"], "name": "Ours", "oauth": shown, "signature": {"public_key": key}}
    path = f"{PATH}/{policy['id']}"
    assert value(await sendgrid.call("GET", path)) == {"policy": policy}
    assert value(await sendgrid.call("GET", PATH)) == {"policies": [policy]}
    changed = value(await sendgrid.call("PATCH", path, json={"name": "New", "oauth": {"client_id": "you"}}))["policy"]
    assert (changed["name"], changed["oauth"]["client_id"], changed["signature"]) == ("New", "you", policy["signature"])
    off = value(await sendgrid.call("PATCH", path, json={"signature": {"enabled": False}}))["policy"]
    assert "signature" not in off
    again = value(await sendgrid.call("PATCH", path, json={"signature": {"enabled": True}}))["policy"]
    assert again["signature"]["public_key"] == key
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        assert (await sendgrid.call(method, path, json=body)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "x", "signature": {"enabled": False}},
        {"signature": {"enabled": True}},
        {"name": "x", "signature": {}},
        {"name": "x", "oauth": {"client_id": "me"}},
        {"name": "x", "oauth": {**OAUTH, "client_secret": ""}},
        {"name": "x", "oauth": {**OAUTH, "token_url": "nowhere"}},
    ],
)
async def test_what_is_refused(sendgrid: Harness, body: dict[str, Any]) -> None:
    assert (await sendgrid.call("POST", PATH, json=body)).status == 400
    assert value(await sendgrid.call("GET", PATH)) == {"policies": []}


async def test_a_setting_names_one_that_is_there(sendgrid: Harness) -> None:
    policy = await made(sendgrid, signature={"enabled": True})
    found = await setting(sendgrid, security_policy=policy["id"])
    assert found["security_policy"] == policy["id"]
    path = f"{SETTINGS}/{found['hostname']}"
    assert (await sendgrid.call("PATCH", path, json={"security_policy": "nobody"})).status == 400
    assert value(await sendgrid.call("PATCH", path, json={"send_raw": True}))["security_policy"] == policy["id"]
    assert "security_policy" not in value(await sendgrid.call("PATCH", path, json={"security_policy": ""}))
