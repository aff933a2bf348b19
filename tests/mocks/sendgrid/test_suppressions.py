"""The lists of suppressed addresses: read, filtered, paged, emptied."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import suppressing
from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import suppressed

LISTS = ["bounces", "blocks", "invalid_emails", "spam_reports"]


@pytest.mark.parametrize("name", LISTS)
async def test_an_address_is_shown_with_its_details(sendgrid: Harness, name: str) -> None:
    await suppressed(sendgrid, name, "Ada@example.com")
    [entry] = value(await sendgrid.call("GET", f"/v3/suppression/{name}"))
    now = int(sendgrid.clock.now().timestamp())
    assert entry == {"created": now, "email": "Ada@example.com", **suppressing.DETAILS[name]}
    assert value(await sendgrid.call("GET", f"/v3/suppression/{name}/ada@EXAMPLE.com")) == [entry]
    assert value(await sendgrid.call("GET", f"/v3/suppression/{name}/bob@example.com")) == []


@pytest.mark.parametrize("name", LISTS)
async def test_an_address_is_deleted_once(sendgrid: Harness, name: str) -> None:
    await suppressed(sendgrid, name, "ada@example.com")
    path = f"/v3/suppression/{name}/ada@example.com"
    assert (await sendgrid.call("DELETE", path)).status == 204
    gone = await sendgrid.call("DELETE", path)
    assert gone.status == 404
    assert value(gone) == {"errors": [{"message": "not found", "field": None}]}


@pytest.mark.parametrize("name", LISTS)
async def test_many_are_deleted_or_all(sendgrid: Harness, name: str) -> None:
    path = f"/v3/suppression/{name}"
    await suppressed(sendgrid, name, "a@example.com", "b@example.com", "c@example.com")
    sent = {"delete_all": False, "emails": ["A@example.com", "nobody@example.com"]}
    assert (await sendgrid.call("DELETE", path, json=sent)).status == 204
    assert await addresses(sendgrid, path) == ["c@example.com", "b@example.com"]
    assert (await sendgrid.call("DELETE", path, json={"delete_all": True})).status == 204
    assert await addresses(sendgrid, path) == []


@pytest.mark.parametrize("sent", [{"delete_all": True, "emails": ["a@example.com"]}, {}, {"emails": []}])
async def test_what_to_delete_is_told_in_one_way(sendgrid: Harness, sent: dict[str, Any]) -> None:
    await suppressed(sendgrid, "bounces", "a@example.com")
    assert (await sendgrid.call("DELETE", "/v3/suppression/bounces", json=sent)).status == 400
    assert await addresses(sendgrid, "/v3/suppression/bounces") == ["a@example.com"]


@pytest.mark.parametrize("name", [*LISTS, "unsubscribes"])
async def test_lists_are_paged_and_filtered(sendgrid: Harness, name: str) -> None:
    path = f"/v3/suppression/{name}"
    start = int(sendgrid.clock.now().timestamp())
    for address in ("ada@example.com", "sales@example.com", "salt@market.example.com"):
        await suppressed(sendgrid, name, address)
        sendgrid.clock.advance(60)
    assert await addresses(sendgrid, path, limit=2) == ["salt@market.example.com", "sales@example.com"]
    assert await addresses(sendgrid, path, limit=2, offset=2) == ["ada@example.com"]
    assert await addresses(sendgrid, path, offset=3) == []
    assert await addresses(sendgrid, path, start_time=start + 60) == ["salt@market.example.com", "sales@example.com"]
    assert await addresses(sendgrid, path, start_time=start, end_time=start) == ["ada@example.com"]
    assert await addresses(sendgrid, path, email="sal") == ["salt@market.example.com", "sales@example.com"]
    assert await addresses(sendgrid, path, email="%market%com") == ["salt@market.example.com"]
    assert await addresses(sendgrid, path, email="a.a") == []


async def test_pages_lead_to_each_other(sendgrid: Harness) -> None:
    await suppressed(sendgrid, "bounces", *(f"u{place}@example.com" for place in range(3)))
    answer = await sendgrid.call("GET", "/v3/suppression/bounces", query={"limit": 2})
    link = answer.header("link") or ""
    assert '/v3/suppression/bounces?limit=2&offset=2>; rel="next"; title="2"' in link


@pytest.mark.parametrize("query", [{"limit": 501}, {"limit": 0}, {"offset": -1}, {"start_time": 2, "end_time": 1}])
async def test_a_page_has_limits(sendgrid: Harness, query: dict[str, int]) -> None:
    assert (await sendgrid.call("GET", "/v3/suppression/blocks", query=query)).status == 400


async def addresses(sendgrid: Harness, path: str, **query: Any) -> list[str]:
    """The addresses that a list shows, in its order."""
    return [entry["email"] for entry in value(await sendgrid.call("GET", path, query=query))]
