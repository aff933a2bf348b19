"""Signing, on and off, for each webhook."""

from __future__ import annotations

import base64

from tests.harness import Harness, value
from tests.mocks.sendgrid.test_event_webhooks import PATH, made


async def test_each_has_a_key_of_its_own_which_stays(sendgrid: Harness) -> None:
    first, second = await made(sendgrid, "https://a.example.com"), await made(sendgrid, "https://b.example.com")
    keys = []
    for found in (first, second):
        path = f"{PATH}/signed/{found['id']}"
        assert value(await sendgrid.call("GET", path)) == {"id": found["id"], "public_key": ""}
        on = await sendgrid.call("PATCH", path, json={"enabled": True})
        assert on.status == 200
        keys.append(value(on)["public_key"])
        assert len(base64.b64decode(keys[-1])) == 91
        assert value(await sendgrid.call("GET", path)) == {"id": found["id"], "public_key": keys[-1]}
    assert len(set(keys)) == 2
    listed = value(await sendgrid.call("GET", f"{PATH}/all"))["webhooks"]
    assert [each["public_key"] for each in listed] == keys
    path = f"{PATH}/signed/{first['id']}"
    assert value(await sendgrid.call("PATCH", path, json={"enabled": False}))["public_key"] == ""
    assert "public_key" not in value(await sendgrid.call("GET", f"{PATH}/{first['id']}"))
    assert value(await sendgrid.call("PATCH", path, json={"enabled": True}))["public_key"] == keys[0]


async def test_without_an_id_it_is_the_oldest(sendgrid: Harness) -> None:
    path = f"{PATH}/signed"
    assert value(await sendgrid.call("GET", path)) == {"id": "", "public_key": ""}
    on = value(await sendgrid.call("PATCH", path, json={"enabled": True}))
    assert on["public_key"]
    assert value(await sendgrid.call("GET", path)) == on
    assert value(await sendgrid.call("GET", PATH))["enabled"] is False


async def test_nobodys_id(sendgrid: Harness) -> None:
    for method, body in (("GET", None), ("PATCH", {"enabled": True})):
        gone = await sendgrid.call(method, f"{PATH}/signed/nobody", json=body)
        assert (gone.status, value(gone)["errors"][0]["message"]) == (404, "Invalid id provided.")
    assert (await sendgrid.call("PATCH", f"{PATH}/signed", json={})).status == 400
