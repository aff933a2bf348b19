"""Designs: made, listed, edited, copied, deleted; those that are there from the beginning."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value

DESIGNS = "/v3/designs"


async def made(sendgrid: Harness, **members: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", DESIGNS, json={"html_content": "<p>Hi</p>", **members})
    assert response.status == 201, response.body
    return dict(value(response))


async def test_a_design_is_made_and_read(sendgrid: Harness) -> None:
    design = await made(sendgrid, name="Promo", subject="Cake", categories=["a"], editor="design")
    assert (design["plain_content"], design["generate_plain_content"]) == ("Hi", True)
    assert design["created_at"] == design["updated_at"]
    assert value(await sendgrid.call("GET", f"{DESIGNS}/{design['id']}")) == design
    assert (await made(sendgrid))["name"] == "My Design"


async def test_lists_leave_content_out_unless_it_is_asked_for(sendgrid: Harness) -> None:
    design = await made(sendgrid)
    answer = value(await sendgrid.call("GET", DESIGNS))
    assert answer["_metadata"]["count"] == 1
    assert "html_content" not in answer["result"][0]
    assert value(await sendgrid.call("GET", DESIGNS, query={"summary": "false"}))["result"] == [design]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"html_content": ""},
        {"html_content": "h" * 1_048_577},
        {"html_content": "x", "editor": "vi"},
        {"html_content": "x", "categories": ["a", "a"]},
        {"html_content": "x", "categories": [str(number) for number in range(11)]},
        {"html_content": "x", "subject": "s" * 5001},
    ],
    ids=range(7),
)
async def test_what_is_no_design_is_refused(sendgrid: Harness, body: dict[str, Any]) -> None:
    assert (await sendgrid.call("POST", DESIGNS, json=body)).status == 400
    assert value(await sendgrid.call("GET", DESIGNS))["result"] == []


async def test_an_edit_changes_what_it_names(sendgrid: Harness) -> None:
    design = await made(sendgrid, subject="Cake")
    path = f"{DESIGNS}/{design['id']}"
    edited = value(await sendgrid.call("PATCH", path, json={"name": "New", "html_content": "<p>Bye</p>"}))
    assert (edited["name"], edited["subject"], edited["plain_content"]) == ("New", "Cake", "Bye")
    edited = value(await sendgrid.call("PATCH", path, json={"generate_plain_content": False, "plain_content": "own"}))
    assert edited["plain_content"] == "own"


async def test_a_copy_is_another_design(sendgrid: Harness) -> None:
    design = await made(sendgrid, name="Promo")
    copy = value(await sendgrid.call("POST", f"{DESIGNS}/{design['id']}", json={}))
    assert (copy["name"], copy["html_content"]) == ("Duplicate: Promo", "<p>Hi</p>")
    assert copy["id"] != design["id"]
    named = value(await sendgrid.call("POST", f"{DESIGNS}/{design['id']}", json={"name": "Own", "editor": "design"}))
    assert (named["name"], named["editor"]) == ("Own", "design")


async def test_some_are_there_from_the_beginning(sendgrid: Harness) -> None:
    shipped = f"{DESIGNS}/pre-builts"
    first, second = value(await sendgrid.call("GET", shipped))["result"]
    shown = value(await sendgrid.call("GET", f"{shipped}/{first['id']}"))
    assert shown["name"] == "Welcome"
    copied = await sendgrid.call("POST", f"{shipped}/{second['id']}", json={})
    assert (copied.status, value(copied)["name"]) == (200, "Duplicate: News")
    assert value(await sendgrid.call("GET", DESIGNS))["_metadata"]["count"] == 1
    assert (await sendgrid.call("GET", f"{shipped}/{value(copied)['id']}")).status == 404


async def test_a_deleted_design_is_gone(sendgrid: Harness) -> None:
    path = f"{DESIGNS}/{(await made(sendgrid))['id']}"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"name": "x"}), ("POST", {})):
        assert (await sendgrid.call(method, path, json=body)).status == 404
    assert (await sendgrid.call("GET", f"{DESIGNS}/nobody")).status == 404
