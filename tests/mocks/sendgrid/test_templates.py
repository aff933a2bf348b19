"""Templates: made, listed in pages, renamed, copied, deleted, and which version a mail is made with."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mocks.sendgrid import templates
from tests.harness import Harness, value

TEMPLATES = "/v3/templates"
NOT_FOUND = {"errors": [{"message": "resource not found", "field": None}]}


async def made(sendgrid: Harness, name: str = "Welcome", generation: str | None = "dynamic") -> dict[str, Any]:
    body = {"name": name} | ({"generation": generation} if generation else {})
    response = await sendgrid.call("POST", TEMPLATES, json=body)
    assert response.status == 201
    return dict(value(response))


async def version(sendgrid: Harness, template: str, **members: Any) -> dict[str, Any]:
    body = {"name": "one", "subject": "Hi {{name}}", "html_content": "<p>Hi {{name}}</p>", **members}
    response = await sendgrid.call("POST", f"{TEMPLATES}/{template}/versions", json=body)
    assert response.status == 201, response.body
    return dict(value(response))


async def test_a_dynamic_template_and_a_legacy_one(sendgrid: Harness) -> None:
    dynamic, legacy = await made(sendgrid), await made(sendgrid, generation=None)
    assert re.fullmatch(r"d-[0-9a-f]{32}", dynamic["id"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", legacy["id"])
    assert (dynamic["generation"], legacy["generation"]) == ("dynamic", "legacy")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", dynamic["updated_at"])
    assert dynamic["versions"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"generation": "dynamic"}, {"name": ""}, {"name": "n" * 101}, {"name": "n", "generation": "newest"}],
    ids=["nothing", "no name", "empty", "long", "generation"],
)
async def test_what_is_no_template_is_refused(sendgrid: Harness, body: dict[str, Any]) -> None:
    assert (await sendgrid.call("POST", TEMPLATES, json=body)).status == 400
    assert value(await sendgrid.call("GET", TEMPLATES)) == {"templates": []}


async def test_a_name_is_asked_for_in_these_words(sendgrid: Harness) -> None:
    refused = await sendgrid.call("POST", TEMPLATES, json={"generation": "dynamic"})
    assert value(refused) == {"errors": [{"message": "name is required", "field": "name"}]}


async def test_without_a_page_size_all_of_a_generation_are_listed(sendgrid: Harness) -> None:
    legacy, dynamic = await made(sendgrid, "old", "legacy"), await made(sendgrid, "new")
    assert [one["id"] for one in value(await sendgrid.call("GET", TEMPLATES))["templates"]] == [legacy["id"]]
    answer = value(await sendgrid.call("GET", TEMPLATES, query={"generations": "legacy,dynamic"}))
    assert [one["id"] for one in answer["templates"]] == [dynamic["id"], legacy["id"]]


async def test_pages_lead_there_and_back(sendgrid: Harness) -> None:
    names = [(await made(sendgrid, f"t{number}"))["id"] for number in range(5)][::-1]
    query: dict[str, Any] = {"generations": "dynamic", "page_size": 2}
    seen, answers = [], []
    for _ in range(3):
        answers.append(value(await sendgrid.call("GET", TEMPLATES, query=query)))
        seen += [one["id"] for one in answers[-1]["result"]]
        if following := answers[-1]["_metadata"].get("next"):
            query["page_token"] = following.rpartition("page_token=")[2]
    assert seen == names
    assert [answer["_metadata"]["count"] for answer in answers] == [5, 5, 5]
    assert ["next" in answer["_metadata"] for answer in answers] == [True, True, False]
    assert "prev" not in answers[0]["_metadata"]
    back = answers[2]["_metadata"]["prev"].partition("?")[2]
    assert [one["id"] for one in value(await sendgrid.call("GET", TEMPLATES, query=back))["result"]] == names[2:4]
    back = answers[1]["_metadata"]["prev"].partition("?")[2]
    assert [one["id"] for one in value(await sendgrid.call("GET", TEMPLATES, query=back))["result"]] == names[:2]


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": 0},
        {"page_size": 201},
        {"page_size": "x"},
        {"page_size": 1, "generations": "none"},
        {"page_size": 1, "page_token": "nobody"},
    ],
)
async def test_pages_that_are_none_are_refused(sendgrid: Harness, query: dict[str, Any]) -> None:
    assert (await sendgrid.call("GET", TEMPLATES, query=query)).status == 400


async def test_a_list_shows_versions_without_their_content_and_one_template_with_it(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one = await version(sendgrid, template, test_data='{"name": "Ada"}')
    listed = value(await sendgrid.call("GET", TEMPLATES, query="generations=dynamic&page_size=1"))["result"][0]
    assert listed["versions"][0]["id"] == one["id"]
    assert "html_content" not in listed["versions"][0]
    shown = value(await sendgrid.call("GET", f"{TEMPLATES}/{template}"))
    assert shown["versions"] == [one]


async def test_a_template_is_renamed(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    renamed = value(await sendgrid.call("PATCH", f"{TEMPLATES}/{template}", json={"name": "Hello"}))
    assert (renamed["name"], renamed["generation"]) == ("Hello", "dynamic")
    assert (await sendgrid.call("PATCH", f"{TEMPLATES}/{template}", json={"name": ""})).status == 400
    assert value(await sendgrid.call("GET", f"{TEMPLATES}/{template}"))["name"] == "Hello"


async def test_a_copy_has_versions_of_its_own(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one, two = await version(sendgrid, template), await version(sendgrid, template, name="two")
    response = await sendgrid.call("POST", f"{TEMPLATES}/{template}", json={"name": "Copy"})
    copy = value(response)
    assert (response.status, copy["name"], copy["generation"]) == (201, "Copy", "dynamic")
    assert [each["name"] for each in copy["versions"]] == ["two", "one"]
    assert [each["active"] for each in copy["versions"]] == [0, 1]
    assert {each["id"] for each in copy["versions"]}.isdisjoint({one["id"], two["id"]})
    assert {each["template_id"] for each in copy["versions"]} == {copy["id"]}
    unnamed = value(await sendgrid.call("POST", f"{TEMPLATES}/{template}", json={}))
    assert unnamed["name"] == "Duplicate: Welcome"


async def test_a_deleted_template_is_gone_with_its_versions(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one = await version(sendgrid, template)
    assert (await sendgrid.call("DELETE", f"{TEMPLATES}/{template}")).status == 204
    for method, path in (
        ("GET", f"{TEMPLATES}/{template}"),
        ("DELETE", f"{TEMPLATES}/{template}"),
        ("GET", f"{TEMPLATES}/{template}/versions/{one['id']}"),
    ):
        gone = await sendgrid.call(method, path)
        assert (gone.status, value(gone)) == (404, NOT_FOUND)
    for method in ("PATCH", "POST"):
        assert value(await sendgrid.call(method, f"{TEMPLATES}/{template}", json={"name": "x"})) == NOT_FOUND


async def test_an_account_has_so_many_templates(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "MOST", 2)
    first = await made(sendgrid)
    await made(sendgrid)
    assert (await sendgrid.call("POST", TEMPLATES, json={"name": "third"})).status == 400
    assert (await sendgrid.call("POST", f"{TEMPLATES}/{first['id']}", json={})).status == 400


async def test_two_hundred_a_page_and_no_more_are_there(sendgrid: Harness) -> None:
    """A page as large as the largest reaches the last template."""
    ids = [(await made(sendgrid, f"t{number}"))["id"] for number in range(3)]
    answer = value(await sendgrid.call("GET", TEMPLATES, query="generations=dynamic&page_size=200"))
    assert [one["id"] for one in answer["result"]] == ids[::-1]
    assert set(answer["_metadata"]) == {"self", "count"}
