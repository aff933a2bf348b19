"""The settings of inbound parse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value

PATH = "/v3/user/webhooks/parse/settings"


async def made(sendgrid: Harness, hostname: str = "parse.example.com", **more: Any) -> Any:
    body = {"hostname": hostname, "url": "https://app.example.com/inbound", **more}
    response = await sendgrid.call("POST", PATH, json=body)
    assert response.status == 201, response.value
    return value(response)


async def test_one_is_made_read_changed_and_deleted(sendgrid: Harness) -> None:
    found = await made(sendgrid, spam_check=True)
    assert found == {
        "hostname": "parse.example.com",
        "url": "https://app.example.com/inbound",
        "spam_check": True,
        "send_raw": False,
    }
    assert value(await sendgrid.call("GET", PATH)) == {"result": [found]}
    path = f"{PATH}/parse.example.com"
    assert value(await sendgrid.call("GET", f"{PATH}/PARSE.example.com")) == found
    changed = await sendgrid.call("PATCH", path, json={"url": "https://app.example.com/new", "send_raw": True})
    assert value(changed) == {**found, "url": "https://app.example.com/new", "send_raw": True}
    moved = await sendgrid.call("PATCH", path, json={"hostname": "in.example.com"})
    assert value(moved)["hostname"] == "in.example.com"
    assert (await sendgrid.call("GET", path)).status == 404
    assert (await sendgrid.call("DELETE", f"{PATH}/in.example.com")).status == 204
    for method, body in (("GET", None), ("PATCH", {"send_raw": True}), ("DELETE", None)):
        gone = await sendgrid.call(method, f"{PATH}/in.example.com", json=body)
        assert (gone.status, value(gone)["errors"][0]["message"]) == (404, "resource not found")
    assert value(await sendgrid.call("GET", PATH)) == {"result": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "hostname"),
        ({"hostname": "parse.example.com"}, "url"),
        ({"url": "https://app.example.com"}, "hostname"),
        ({"hostname": "nohost", "url": "https://app.example.com"}, "hostname"),
        ({"hostname": "a b.example.com", "url": "https://app.example.com"}, "hostname"),
        ({"hostname": "parse.example.com", "url": "app"}, None),
        ({"hostname": "parse.example.com", "url": "https://app.example.com", "send_raw": "yes"}, "send_raw"),
    ],
)
async def test_what_is_refused(sendgrid: Harness, body: dict[str, Any], field: str | None) -> None:
    refused = await sendgrid.call("POST", PATH, json=body)
    assert refused.status == 400
    assert value(refused)["errors"][0].get("field") == field
    assert value(await sendgrid.call("GET", PATH)) == {"result": []}


async def test_a_hostname_is_taken_once(sendgrid: Harness) -> None:
    await made(sendgrid)
    await made(sendgrid, "other.example.com")
    again = {"hostname": "Parse.Example.com", "url": "https://b.example.com"}
    assert (await sendgrid.call("POST", PATH, json=again)).status == 400
    taken = await sendgrid.call("PATCH", f"{PATH}/other.example.com", json={"hostname": "parse.example.com"})
    assert taken.status == 400
    assert (
        await sendgrid.call("PATCH", f"{PATH}/other.example.com", json={"hostname": "other.example.com"})
    ).status == 200
