"""Unsubscribe groups: made, named apart, one the default, deleted with their suppressions."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import groups
from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import calling

GROUPS = "/v3/asm/groups"


async def made(sendgrid: Harness, name: str = "News", **more: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", GROUPS, json={"name": name, "description": "Ours", **more})
    assert response.status == 201, response.body
    found: dict[str, Any] = value(response)
    return found


async def test_a_group_is_made_and_found(sendgrid: Harness) -> None:
    group = await made(sendgrid)
    assert group == {
        "id": group["id"],
        "name": "News",
        "description": "Ours",
        "is_default": False,
        "last_email_sent_at": None,
    }
    assert value(await sendgrid.call("GET", f"{GROUPS}/{group['id']}")) == {**group, "unsubscribes": 0}
    async with calling(sendgrid) as call:
        assert await groups.group(call, group["id"]) == group
        assert await groups.group(call, None) is None


async def test_several_are_asked_for_by_id(sendgrid: Harness) -> None:
    first, second, third = [await made(sendgrid, name) for name in ("A", "B", "C")]
    found = value(await sendgrid.call("GET", GROUPS))
    assert [group["id"] for group in found] == [first["id"], second["id"], third["id"]]
    found = value(await sendgrid.call("GET", GROUPS, query=f"id={first['id']}&id={third['id']}&id=1"))
    assert [group["name"] for group in found] == ["A", "C"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"description": ""}, "description"),
        ({"name": "n" * 31}, "name"),
        ({"description": "d" * 101}, "description"),
        ({"is_default": "yes"}, "is_default"),
    ],
)
async def test_what_a_group_needs(sendgrid: Harness, change: dict[str, Any], field: str) -> None:
    sent = {"name": "News", "description": "Ours", **change}
    response = await sendgrid.call("POST", GROUPS, json={key: one for key, one in sent.items() if one is not None})
    assert response.status == 400
    assert value(response)["errors"][0]["field"] == field
    assert value(await sendgrid.call("GET", GROUPS)) == []


async def test_names_are_unique(sendgrid: Harness) -> None:
    first, second = await made(sendgrid, "News"), await made(sendgrid, "Offers")
    again = await sendgrid.call("POST", GROUPS, json={"name": "news", "description": "Ours"})
    assert again.status == 400
    assert value(again)["errors"][0]["message"].endswith("Failed to add group")
    taken = await sendgrid.call("PATCH", f"{GROUPS}/{second['id']}", json={"name": "News"})
    assert taken.status == 400
    own = await sendgrid.call("PATCH", f"{GROUPS}/{first['id']}", json={"name": "News", "description": "Theirs"})
    assert own.status == 201
    assert value(own)["description"] == "Theirs"


async def test_one_group_is_the_default(sendgrid: Harness) -> None:
    first, second = await made(sendgrid, "A", is_default=True), await made(sendgrid, "B")
    await sendgrid.call("PATCH", f"{GROUPS}/{second['id']}", json={"is_default": True})
    defaults = {group["id"]: group["is_default"] for group in value(await sendgrid.call("GET", GROUPS))}
    assert defaults == {first["id"]: False, second["id"]: True}


async def test_a_deleted_group_takes_its_suppressions_along(sendgrid: Harness) -> None:
    group = await made(sendgrid)
    path = f"{GROUPS}/{group['id']}"
    await sendgrid.call("POST", f"{path}/suppressions", json={"recipient_emails": ["ada@example.com"]})
    assert value(await sendgrid.call("GET", path))["unsubscribes"] == 1
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("PATCH", {"name": "B"}), ("DELETE", None)):
        assert (await sendgrid.call(method, path, json=body)).status == 404
    assert value(await sendgrid.call("GET", "/v3/asm/suppressions")) == []
    assert (await made(sendgrid))["id"] != group["id"]


async def test_an_account_has_200_groups(sendgrid: Harness) -> None:
    for place in range(groups.MOST):
        await made(sendgrid, f"Group {place}")
    response = await sendgrid.call("POST", GROUPS, json={"name": "One more", "description": "Ours"})
    assert response.status == 400
    assert len(value(await sendgrid.call("GET", GROUPS))) == groups.MOST
