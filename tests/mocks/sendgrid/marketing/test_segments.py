"""Segments hold the contacts that their query is true of, in both versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness
from tests.mocks.sendgrid.marketing.crowd import asked, at, listed, put
from tests.mocks.sendgrid.marketing.test_contacts import NOBODY

QUERIES = {
    "segments": "email LIKE '%gmail.com'",
    "segments/2.0": "SELECT contact_id, updated_at FROM contact_data WHERE email LIKE '%gmail.com'",
}


@pytest.fixture(params=list(QUERIES))
def path(request: pytest.FixtureRequest) -> str:
    """Where segments of one version are."""
    return str(request.param)


async def made(sendgrid: Harness, path: str, name: str = "Gmail", **more: Any) -> dict[str, Any]:
    sent = {"name": name, "query_dsl": QUERIES[path], **more}
    segment: dict[str, Any] = await asked(sendgrid, "POST", path, 201, json=sent)
    return segment


async def test_a_segment_holds_who_fits(sendgrid: Harness, path: str) -> None:
    await put(sendgrid, {"email": "ada@gmail.com"}, {"email": "bob@example.com"})
    segment = await made(sendgrid, path)
    assert segment["contacts_count"] == 1
    assert [each["email"] for each in segment["contacts_sample"]] == ["ada@gmail.com"]
    assert segment["query_dsl"] == QUERIES[path]
    await put(sendgrid, {"email": "eve@gmail.com"})
    found = await asked(sendgrid, "GET", f"{path}/{segment['id']}")
    assert found["contacts_count"] == 2
    [listed_one] = (await asked(sendgrid, "GET", path))["results"]
    assert (listed_one["name"], listed_one["contacts_count"]) == ("Gmail", 2)
    assert (await at(sendgrid, "ada@gmail.com"))["segment_ids"] == [segment["id"]]
    assert (await at(sendgrid, "bob@example.com"))["segment_ids"] == []


async def test_a_segment_within_a_list(sendgrid: Harness, path: str) -> None:
    news = await listed(sendgrid, "News")
    await put(sendgrid, {"email": "ada@gmail.com"}, list_ids=[news])
    await put(sendgrid, {"email": "eve@gmail.com"})
    within, free = await made(sendgrid, path, "A", parent_list_ids=[news]), await made(sendgrid, path, "B")
    assert (within["contacts_count"], free["contacts_count"]) == (1, 2)
    for query, expected in (
        ("", ["A", "B"]),
        (f"parent_list_ids={news}", ["A"]),
        (f"parent_list_ids={NOBODY}", []),
        (f"parent_list_ids={news}&no_parent_list_id=true", ["A", "B"]),
        ("no_parent_list_id=true", ["B"]),
    ):
        found = (await asked(sendgrid, "GET", path, query=query))["results"]
        assert [each["name"] for each in found] == expected
    await asked(sendgrid, "GET", path, 400, query="parent_list_ids=" + ",".join(map(str, range(51))))
    sent = {"name": "C", "query_dsl": QUERIES[path], "parent_list_ids": [NOBODY]}
    await asked(sendgrid, "POST", path, 404, json=sent)
    await asked(sendgrid, "POST", path, 400, json={**sent, "parent_list_ids": [NOBODY, news]})


async def test_a_segment_is_changed_and_deleted(sendgrid: Harness, path: str) -> None:
    await put(sendgrid, {"email": "ada@gmail.com"}, {"email": "bob@example.com"})
    segment = await made(sendgrid, path)
    await made(sendgrid, path, "Other")
    own = f"{path}/{segment['id']}"
    query = QUERIES[path].replace("gmail", "example")
    changed = await asked(sendgrid, "PATCH", own, json={"name": "GMAIL", "query_dsl": query})
    assert (changed["name"], changed["contacts_count"]) == ("GMAIL", 1)
    await asked(sendgrid, "PATCH", own, 400, json={"name": "other", "query_dsl": query})
    await asked(sendgrid, "PATCH", own, 400, json={"name": "x", "query_dsl": "shoe = 1"})
    await asked(sendgrid, "DELETE", own, 202)
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"name": "x", "query_dsl": query})):
        await asked(sendgrid, method, own, 404, json=body)
    assert (await asked(sendgrid, "GET", "contacts/count"))["contact_count"] == 2


@pytest.mark.parametrize("change", [{"name": ""}, {"name": "x" * 101}, {"name": "gmail"}, {"query_dsl": "shoe = 1"}])
async def test_what_no_segment_is(sendgrid: Harness, path: str, change: dict[str, str]) -> None:
    await made(sendgrid, path)
    await asked(sendgrid, "POST", path, 400, json={"name": "B", "query_dsl": QUERIES[path], **change})


async def test_the_versions_do_not_show_each_others(sendgrid: Harness) -> None:
    first, second = await made(sendgrid, "segments", "A"), await made(sendgrid, "segments/2.0", "B")
    await asked(sendgrid, "GET", f"segments/2.0/{first['id']}", 404)
    await asked(sendgrid, "GET", f"segments/{second['id']}", 404)
    shown = await asked(sendgrid, "GET", f"segments/{first['id']}", query="query_json=true")
    assert shown["query_json"]["contacts"]["op"] == "like"
    plain = await asked(sendgrid, "GET", f"segments/2.0/{second['id']}", query="contacts_sample=false")
    assert plain["contacts_sample"] == []
    assert (plain["query_version"], plain["status"]) == ("2", {"query_validation": "VALID"})


async def test_many_are_deleted_at_once(sendgrid: Harness) -> None:
    keys = [(await made(sendgrid, "segments", name))["id"] for name in ("A", "B")]
    told = await asked(sendgrid, "POST", "segments/delete", 200, json={"ids": [keys[0], NOBODY]})
    assert told == {"errors": [{"id": NOBODY, "error": "segment not found"}]}
    await asked(sendgrid, "POST", "segments/delete", 202, json={"ids": [keys[1]]})
    assert (await asked(sendgrid, "GET", "segments"))["results"] == []
    for sent in ({}, {"ids": []}, {"ids": ["no uuid"]}):
        await asked(sendgrid, "POST", "segments/delete", 400, json=sent)


async def test_a_segment_is_refreshed_twice_a_day(sendgrid: Harness) -> None:
    segment = await made(sendgrid, "segments/2.0")
    own, zone = f"segments/2.0/refresh/{segment['id']}", {"user_time_zone": "America/Chicago"}
    await asked(sendgrid, "POST", own, 400, json={"user_time_zone": "my own"})
    for _ in range(2):
        await asked(sendgrid, "POST", own, 202, json=zone)
    await asked(sendgrid, "POST", own, 429, json=zone)
    found = await asked(sendgrid, "GET", f"segments/2.0/{segment['id']}")
    assert (found["refreshes_used"], found["max_refreshes"]) == (2, 2)
    sendgrid.clock.advance(days=1)
    await asked(sendgrid, "POST", own, 202, json=zone)
    await asked(sendgrid, "POST", f"segments/2.0/refresh/{NOBODY}", 404, json=zone)


async def test_a_query_whose_field_is_gone_holds_nobody(sendgrid: Harness) -> None:
    field = await asked(sendgrid, "POST", "field_definitions", json={"name": "shoe", "field_type": "Text"})
    await put(sendgrid, {"email": "ada@example.com", "custom_fields": {field["id"]: "boot"}})
    segment = await made(sendgrid, "segments", query_dsl="shoe = 'boot'")
    assert segment["contacts_count"] == 1
    await asked(sendgrid, "DELETE", f"field_definitions/{field['id']}", 204)
    assert (await asked(sendgrid, "GET", f"segments/{segment['id']}"))["contacts_count"] == 0
