"""Versions of templates: which one is active, what is generated, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import templates
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_templates import NOT_FOUND, TEMPLATES, made, version


async def actives(sendgrid: Harness, template: str) -> dict[str, int]:
    shown = value(await sendgrid.call("GET", f"{TEMPLATES}/{template}"))
    return {each["name"]: each["active"] for each in shown["versions"]}


async def test_a_version_is_made_and_read(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one = await version(sendgrid, template, editor="design", test_data='{"name": "Ada"}')
    assert one["template_id"] == template
    assert one["plain_content"] == "Hi {{name}}"
    assert (one["editor"], one["test_data"], one["generate_plain_content"]) == ("design", '{"name": "Ada"}', True)
    assert value(await sendgrid.call("GET", f"{TEMPLATES}/{template}/versions/{one['id']}")) == one


async def test_the_first_is_active_and_one_at_most_is(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    await version(sendgrid, template, active=0)
    await version(sendgrid, template, name="two")
    assert await actives(sendgrid, template) == {"one": 1, "two": 0}
    three = await version(sendgrid, template, name="three", active=1)
    assert await actives(sendgrid, template) == {"one": 0, "two": 0, "three": 1}
    path = f"{TEMPLATES}/{template}/versions/{three['id']}"
    assert value(await sendgrid.call("PATCH", path, json={"active": 0}))["active"] == 0
    assert await actives(sendgrid, template) == {"one": 0, "two": 0, "three": 0}
    activated = await sendgrid.call("POST", f"{path}/activate")
    assert (activated.status, value(activated)["active"]) == (200, 1)
    assert await actives(sendgrid, template) == {"one": 0, "two": 0, "three": 1}


async def test_an_edit_changes_what_it_names(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one = await version(sendgrid, template)
    path = f"{TEMPLATES}/{template}/versions/{one['id']}"
    edited = value(await sendgrid.call("PATCH", path, json={"html_content": "<b>Bye</b>"}))
    assert (edited["html_content"], edited["plain_content"]) == ("<b>Bye</b>", "Bye")
    assert (edited["subject"], edited["name"], edited["active"]) == (one["subject"], one["name"], 1)


async def test_plain_text_stays_where_it_is_not_generated(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one = await version(sendgrid, template, generate_plain_content=False, plain_content="by hand")
    assert one["plain_content"] == "by hand"
    assert (await version(sendgrid, template, plain_content="by hand"))["plain_content"] == "Hi {{name}}"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"subject": None},
        {"name": "n" * 101},
        {"subject": "s" * 256},
        {"active": 2},
        {"editor": "vi"},
        {"html_content": "h" * 1_048_577},
        {"plain_content": "\u20ac" * 400_000},
        {"html_content": "{{#if a}}"},
        {"subject": "{{a"},
        {"test_data": "{name}"},
        {"generate_plain_content": "maybe"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_what_is_no_version_is_refused(sendgrid: Harness, changes: dict[str, Any]) -> None:
    template = (await made(sendgrid))["id"]
    body = {"name": "one", "subject": "Hi", "html_content": "", **changes}
    sent = {name: given for name, given in body.items() if given is not None}
    assert (await sendgrid.call("POST", f"{TEMPLATES}/{template}/versions", json=sent)).status == 400
    assert await actives(sendgrid, template) == {}


async def test_a_template_that_cannot_be_read_says_where(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    body = {"name": "one", "subject": "Hi", "html_content": "<p>\n{{#if a}}</p>"}
    refused = value(await sendgrid.call("POST", f"{TEMPLATES}/{template}/versions", json=body))
    assert refused == {
        "errors": [
            {"message": "The template you provided is invalid. line 2: if is not closed", "field": "html_content"}
        ]
    }


async def test_a_legacy_template_takes_any_text(sendgrid: Harness) -> None:
    template = (await made(sendgrid, generation="legacy"))["id"]
    one = await version(sendgrid, template, html_content="<%body%> {{#if", subject="<%subject%>")
    assert one["html_content"] == "<%body%> {{#if"


async def test_the_editor_stays(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one = await version(sendgrid, template)
    path = f"{TEMPLATES}/{template}/versions/{one['id']}"
    assert (await sendgrid.call("PATCH", path, json={"editor": "design", "subject": "x"})).status == 400
    assert value(await sendgrid.call("GET", path)) == one
    assert (await sendgrid.call("PATCH", path, json={"editor": "code"})).status == 200


async def test_a_deleted_version_is_gone(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    one = await version(sendgrid, template)
    path = f"{TEMPLATES}/{template}/versions/{one['id']}"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"name": "x"})):
        gone = await sendgrid.call(method, path, json=body)
        assert (gone.status, value(gone)) == (404, NOT_FOUND)
    assert (await sendgrid.call("POST", f"{path}/activate")).status == 404


async def test_a_version_is_of_its_template_alone(sendgrid: Harness) -> None:
    template, other = (await made(sendgrid))["id"], (await made(sendgrid))["id"]
    one = await version(sendgrid, template)
    assert (await sendgrid.call("GET", f"{TEMPLATES}/{other}/versions/{one['id']}")).status == 404
    assert (await sendgrid.call("GET", f"{TEMPLATES}/nobody/versions/{one['id']}")).status == 404
    body = {"name": "x", "subject": "x"}
    assert (await sendgrid.call("POST", f"{TEMPLATES}/nobody/versions", json=body)).status == 404


async def test_an_account_has_so_many_versions(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "MOST", 2)
    template = (await made(sendgrid))["id"]
    await version(sendgrid, template)
    await version(sendgrid, template)
    body = {"name": "x", "subject": "x"}
    assert (await sendgrid.call("POST", f"{TEMPLATES}/{template}/versions", json=body)).status == 400
