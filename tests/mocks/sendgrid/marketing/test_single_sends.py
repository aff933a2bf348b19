"""Single sends: drafted, edited, copied, listed, searched, scheduled, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.marketing.campaign import SENDS, complete, drafted

LATER = "2030-01-01T09:00:00Z"


async def test_a_draft_is_made_and_read(sendgrid: Harness) -> None:
    draft = await drafted(sendgrid, config={"html_content": "<p>Hi</p>"}, categories=["a"])
    assert (draft["status"], draft["categories"]) == ("draft", ["a"])
    assert draft["email_config"]["plain_content"] == "Hi"
    assert draft["email_config"]["sender_id"] is None
    assert value(await sendgrid.call("GET", f"{SENDS}/{draft['id']}")) == draft
    listed = value(await sendgrid.call("GET", SENDS))["result"][0]
    assert (listed["id"], listed["is_abtest"], listed["abtest"]) == (draft["id"], False, None)


async def test_a_design_brings_its_content(sendgrid: Harness) -> None:
    body = {"html_content": "<p>Cake</p>", "subject": "Pie", "editor": "design"}
    design = value(await sendgrid.call("POST", "/v3/designs", json=body))
    config = (await drafted(sendgrid, config={"design_id": design["id"]}))["email_config"]
    assert [config[name] for name in ("subject", "html_content", "editor")] == ["Pie", "<p>Cake</p>", "design"]
    refused = await sendgrid.call("POST", SENDS, json={"name": "x", "email_config": {"design_id": "nobody"}})
    assert refused.status == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "n" * 101},
        {"name": "n", "categories": ["a", "a"]},
        {"name": "n", "send_to": {"list_ids": ["nobody"]}},
        {"name": "n", "send_at": "2001-01-01T00:00:00Z"},
        {"name": "n", "send_at": "soon"},
        {"name": "n", "email_config": {"editor": "vi"}},
    ],
)
async def test_what_is_no_single_send_is_refused(sendgrid: Harness, body: dict[str, Any]) -> None:
    assert (await sendgrid.call("POST", SENDS, json=body)).status == 400
    assert value(await sendgrid.call("GET", SENDS))["result"] == []


async def test_an_edit_changes_what_it_names(sendgrid: Harness) -> None:
    draft = await drafted(sendgrid, config={"subject": "one", "html_content": "x"})
    path = f"{SENDS}/{draft['id']}"
    edited = await sendgrid.call("PATCH", path, json={"email_config": {"subject": "two"}, "send_to": {"all": True}})
    assert edited.status == 202
    assert value(edited)["email_config"] == {**draft["email_config"], "subject": "two"}
    assert value(edited)["send_to"] == {"list_ids": [], "segment_ids": [], "all": True}
    assert value(edited)["name"] == "News"


async def test_a_copy_is_a_draft(sendgrid: Harness) -> None:
    original = await complete(sendgrid, "Ada")
    await sendgrid.call("PUT", f"{SENDS}/{original['id']}/schedule", json={"send_at": LATER})
    copy = value(await sendgrid.call("POST", f"{SENDS}/{original['id']}", json={}))
    assert (copy["name"], copy["status"]) == ("Copy of News", "draft")
    assert copy["email_config"] == original["email_config"]
    assert "send_at" not in copy
    long = await drafted(sendgrid, name="n" * 100)
    assert len(value(await sendgrid.call("POST", f"{SENDS}/{long['id']}", json={}))["name"]) == 100


async def test_searches_take_all_that_is_named(sendgrid: Harness) -> None:
    one = await drafted(sendgrid, name="Spring news", categories=["a", "b"])
    two = await drafted(sendgrid, name="Autumn news", categories=["b"])
    for body, wanted in (
        ({"name": "NEWS"}, [two, one]),
        ({"name": "spring"}, [one]),
        ({"categories": ["a"]}, [one]),
        ({"categories": ["a", "b"]}, [two, one]),
        ({"status": ["draft"], "name": "autumn"}, [two]),
        ({"status": ["scheduled"]}, []),
        ({}, [two, one]),
    ):
        found = value(await sendgrid.call("POST", f"{SENDS}/search", json=body))["result"]
        assert [each["id"] for each in found] == [each["id"] for each in wanted]
    assert value(await sendgrid.call("GET", f"{SENDS}/categories")) == {"categories": ["b", "a"]}


async def test_searches_have_pages(sendgrid: Harness) -> None:
    made = [(await drafted(sendgrid, name=f"n{number}"))["id"] for number in range(5)][::-1]
    answer = value(await sendgrid.call("POST", f"{SENDS}/search", query="page_size=2", json={}))
    seen = [each["id"] for each in answer["result"]]
    while following := answer["_metadata"].get("next"):
        answer = value(await sendgrid.call("POST", f"{SENDS}/search", query=following.partition("?")[2], json={}))
        seen += [each["id"] for each in answer["result"]]
    assert seen == made
    back = answer["_metadata"]["prev"].partition("?")[2]
    answer = value(await sendgrid.call("POST", f"{SENDS}/search", query=back, json={}))
    assert [each["id"] for each in answer["result"]] == made[2:4]
    back = answer["_metadata"]["prev"].partition("?")[2]
    assert [
        each["id"] for each in value(await sendgrid.call("POST", f"{SENDS}/search", query=back, json={}))["result"]
    ] == made[:2]
    assert (await sendgrid.call("POST", f"{SENDS}/search", query="page_token=x", json={})).status == 400
    assert (await sendgrid.call("GET", SENDS, query="page_size=0")).status == 400


async def test_what_is_incomplete_is_not_scheduled(sendgrid: Harness) -> None:
    draft = await drafted(sendgrid)
    refused = await sendgrid.call("PUT", f"{SENDS}/{draft['id']}/schedule", json={"send_at": "now"})
    assert refused.status == 400
    assert {entry["field"] for entry in value(refused)["errors"]} == {
        *("send_to", "email_config.subject", "email_config.html_content", "email_config.sender_id"),
        "email_config.suppression_group_id",
    }
    config = {"subject": "x", "html_content": "x", "sender_id": 5, "suppression_group_id": 5}
    draft = await drafted(sendgrid, config=config, send_to={"all": True})
    refused = await sendgrid.call("PUT", f"{SENDS}/{draft['id']}/schedule", json={"send_at": "now"})
    assert len(value(refused)["errors"]) == 2
    assert value(await sendgrid.call("GET", f"{SENDS}/{draft['id']}"))["status"] == "draft"


async def test_a_schedule_is_made_and_taken_back(sendgrid: Harness) -> None:
    draft = await complete(sendgrid, "Ada")
    path = f"{SENDS}/{draft['id']}/schedule"
    assert (await sendgrid.call("DELETE", path)).status == 400
    for body in ({"send_at": "2001-01-01T00:00:00Z"}, {"send_at": "soon"}, {}):
        assert (await sendgrid.call("PUT", path, json=body)).status == 400
    scheduled = await sendgrid.call("PUT", path, json={"send_at": LATER})
    assert (scheduled.status, value(scheduled)) == (
        201,
        {"send_at": "2030-01-01T09:00:00.000Z", "status": "scheduled"},
    )
    assert value(await sendgrid.call("GET", f"{SENDS}/{draft['id']}"))["status"] == "scheduled"
    taken = await sendgrid.call("DELETE", path)
    assert (taken.status, value(taken)["status"]) == (200, "draft")


async def test_what_is_deleted_is_gone(sendgrid: Harness) -> None:
    made = [(await drafted(sendgrid))["id"] for _ in range(3)]
    assert (await sendgrid.call("DELETE", SENDS, query={"ids": f"{made[0]},nobody"})).status == 404
    assert (await sendgrid.call("GET", f"{SENDS}/{made[0]}")).status == 200
    assert (await sendgrid.call("DELETE", SENDS, query={"ids": f"{made[0]},{made[1]}"})).status == 204
    assert (await sendgrid.call("DELETE", f"{SENDS}/{made[2]}")).status == 204
    assert value(await sendgrid.call("GET", SENDS))["result"] == []
    for method, path, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("PATCH", "", {"name": "x"}),
        ("POST", "", {}),
        ("PUT", "/schedule", {"send_at": "now"}),
        ("DELETE", "/schedule", None),
    ):
        assert (await sendgrid.call(method, f"{SENDS}/{made[2]}{path}", json=body)).status == 404
    assert (await sendgrid.call("DELETE", SENDS)).status == 400
