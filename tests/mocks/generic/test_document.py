"""A whole mock of a document: its life of objects, its wall, and what is said about every call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contracts.exchange import Headers, Request
from mocks.base import BindingView
from mocks.generic import document, engine
from tests.harness import Harness, value
from tests.mocks.generic import crm
from tests.mocks.generic.crm import KEY

WITH_KEY = {"x-crm-key": KEY}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Harness]:
    made = crm.harness(tmp_path)
    yield made
    await made.close()


async def test_what_is_made_is_seen_changed_and_gone(shop: Harness) -> None:
    made = await shop.call("POST", "/v2/contacts", json={"name": "Ada", "pin": "1234"}, headers=WITH_KEY)
    assert made.status == 201
    contact = value(made)
    assert contact["name"] == "Ada"
    assert contact["stage"] == "lead"
    assert "pin" not in contact
    place = f"/v2/contacts/{contact['id']}"
    assert value(await shop.call("GET", place, headers=WITH_KEY)) == contact
    listed = value(await shop.call("GET", "/v2/contacts", headers=WITH_KEY))
    assert listed["items"] == [contact]
    changed = value(await shop.call("PATCH", place, json={"stage": "customer"}, headers=WITH_KEY))
    assert changed == {**contact, "stage": "customer"}
    assert (await shop.call("DELETE", place, headers=WITH_KEY)).status == 204
    gone = await shop.call("GET", place, headers=WITH_KEY)
    assert (gone.status, value(gone)["status"]) == (404, 404)
    assert value(await shop.call("GET", "/v2/contacts", headers=WITH_KEY))["items"] == []


async def test_what_is_nested_belongs_to_its_parent(shop: Harness) -> None:
    contact = value(await shop.call("POST", "/v2/contacts", json={"name": "Ada"}, headers=WITH_KEY))
    notes = f"/v2/contacts/{contact['id']}/notes"
    note = value(await shop.call("POST", notes, json={"text": "called"}, headers=WITH_KEY))
    assert note["contact_id"] == contact["id"]
    assert value(await shop.call("GET", notes, headers=WITH_KEY)) == [note]
    assert value(await shop.call("GET", f"{notes}/{note['id']}", headers=WITH_KEY)) == note
    assert (await shop.call("GET", "/v2/contacts/none/notes", headers=WITH_KEY)).status == 404


async def test_members_that_are_the_servers_are_not_set_by_callers(shop: Harness) -> None:
    sent = {"name": "Ada", "id": "mine", "created_at": "1999-01-01T00:00:00Z"}
    contact = value(await shop.call("POST", "/v2/contacts", json=sent, headers=WITH_KEY))
    assert contact["id"] != "mine"
    assert not contact["created_at"].startswith("1999")


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        (WITH_KEY, "/v2/contacts", 200),
        ({"authorization": "Basic OmNybV92a19r"}, "/v2/contacts", 200),
        ({}, "/v2/contacts", 401),
        ({"authorization": "Bearer " + KEY}, "/v2/contacts", 401),
        ({}, "/v2/status", 200),
        (WITH_KEY, "/v2/tokens", 401),
        ({"authorization": "Bearer " + KEY}, "/v2/tokens", 200),
    ],
)
async def test_each_operation_has_its_own_wall(shop: Harness, headers: dict[str, str], path: str, status: int) -> None:
    assert (await shop.call("GET", path, headers=headers)).status == status


async def test_who_is_let_in_without_a_key(shop: Harness) -> None:
    anonymous = shop.service.anonymous
    assert anonymous(Request(method="GET", path="/v2/status"))
    assert not anonymous(Request(method="GET", path="/v2/contacts"))
    assert not anonymous(Request(method="GET", path="/v2/nowhere"))
    _, open_service = crm.made(security=[], components={"schemas": crm.DOCUMENT["components"]["schemas"]})
    assert open_service.anonymous(Request(method="GET", path="/v2/contacts"))
    assert open_service.anonymous(Request(method="GET", path="/v2/nowhere")), "that is answered as unknown"


async def test_a_caller_chooses_the_answer(shop: Harness) -> None:
    bob = await shop.call("GET", "/v2/contacts/any", headers={**WITH_KEY, "prefer": "example=bob"})
    assert (bob.status, value(bob)["name"]) == (200, "Bob")
    wrong = await shop.call("GET", "/v2/contacts/any", headers={**WITH_KEY, "prefer": "code=404"})
    assert wrong.status == 404
    assert set(value(wrong)) == {"status", "error"}


async def test_an_answer_that_is_no_json_is_the_declared_one(shop: Harness) -> None:
    found = await shop.call("GET", "/v2/export", headers=WITH_KEY)
    assert (found.status, found.body, found.header("content-type")) == (200, b"id,name\n", "text/csv")
    refused = await shop.call("GET", "/v2/export", headers={**WITH_KEY, "accept": "image/png"})
    assert refused.status == 406


async def test_a_body_of_another_kind_is_refused(shop: Harness) -> None:
    sent = await shop.call(
        "POST", "/v2/contacts", body=b"<a/>", headers={**WITH_KEY, "content-type": "application/xml"}
    )
    assert sent.status == 415


async def test_objects_are_there_from_the_start(tmp_path: Path) -> None:
    shop = crm.harness(tmp_path, {"seed_data": {"contacts": [{"id": "c-7", "name": "Eve"}]}})
    try:
        found = value(await shop.call("GET", "/v2/contacts/c-7", headers=WITH_KEY))
        assert found["name"] == "Eve"
        assert (await shop.call("DELETE", "/v2/contacts/c-7", headers=WITH_KEY)).status == 204
        assert (await shop.call("GET", "/v2/contacts/c-7", headers=WITH_KEY)).status == 404
    finally:
        await shop.close()


def test_variables_of_an_application() -> None:
    _, service = crm.made()
    given = service.variables(BindingView("http://b/e/pr-1/crm", "http://b", {document.KEY: (KEY, None)}))
    assert given == {
        "CRM_BASE_URL": "http://b/e/pr-1/crm/v2",
        "CRM_API_KEY": KEY,
        "CRM_USERNAME": "crm",
        "CRM_PASSWORD": KEY,
    }
    assert service.variables(BindingView("http://b/e/pr-1/crm", "http://b", {})) == {
        "CRM_BASE_URL": "http://b/e/pr-1/crm/v2"
    }


def test_the_key_is_recognised_as_ours() -> None:
    _, service = crm.made()
    key, secret = service.credentials[0].make(lambda length, alphabet: alphabet[0] * length)
    shown: Any = service.credential(Request(method="GET", path="/", headers=Headers([("x-crm-key", key)])))
    assert (shown.key, shown.familiar, secret) == (key, True, None)
    assert key not in shown.hint


async def test_what_was_read_is_read_anew_once_it_has_changed(shop: Harness) -> None:
    contact = value(await shop.call("POST", "/v2/contacts", json={"name": "Ada"}, headers=WITH_KEY))
    place = f"/v2/contacts/{contact['id']}"
    for name in ("Ada", "Bob", "Eve"):
        await shop.call("PATCH", place, json={"name": name}, headers=WITH_KEY)
        for _ in range(2):
            assert value(await shop.call("GET", place, headers=WITH_KEY))["name"] == name
    await shop.call("DELETE", place, headers=WITH_KEY)
    assert (await shop.call("GET", place, headers=WITH_KEY)).status == 404


async def test_environments_with_one_mock_read_their_own(tmp_path: Path) -> None:
    _, service = crm.made()
    one, two = Harness(service, tmp_path / "one"), Harness(service, tmp_path / "two")
    try:
        for shop, name in ((one, "Ada"), (two, "Bob")):
            await shop.call("POST", "/v2/contacts", json={"name": name}, headers=WITH_KEY)
        # The clocks of both draw the same ids.
        listed = [value(await shop.call("GET", "/v2/contacts", headers=WITH_KEY))["items"] for shop in (one, two)]
        assert listed[0][0]["id"] == listed[1][0]["id"]
        for _ in range(2):
            for shop, name in ((one, "Ada"), (two, "Bob")):
                found = value(await shop.call("GET", f"/v2/contacts/{listed[0][0]['id']}", headers=WITH_KEY))
                assert found["name"] == name
    finally:
        await one.close()
        await two.close()


async def test_what_is_remembered_is_bounded(shop: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_REMEMBERED", 2)
    made = [value(await shop.call("POST", "/v2/contacts", json={"name": "A"}, headers=WITH_KEY)) for _ in range(4)]
    large = value(await shop.call("POST", "/v2/contacts", json={"name": "x" * 70_000}, headers=WITH_KEY))
    for _ in range(2):
        for contact in (*made, large):
            assert value(await shop.call("GET", f"/v2/contacts/{contact['id']}", headers=WITH_KEY)) == contact
    kept = shop.service.fallback.__self__._shown  # type: ignore[attr-defined]  # the engine's own memory
    assert len(kept) == 2
    assert all(len(record["name"]) == 1 for record, _ in kept.values())


async def test_objects_that_stand_in_a_member_of_their_answer(tmp_path: Path) -> None:
    paths: Any = deepcopy({name: crm.DOCUMENT["paths"][name] for name in ("/contacts", "/contacts/{contact_id}")})
    whole = {
        "type": "object",
        "required": ["contact"],
        "properties": {"contact": {"$ref": "#/components/schemas/Contact"}},
    }
    for path, method, status in (
        ("/contacts", "post", "201"),
        ("/contacts/{contact_id}", "get", "200"),
        ("/contacts/{contact_id}", "patch", "200"),
    ):
        operation = paths[path][method]
        operation["responses"][status] = {"content": {"application/json": {"schema": whole}}}
        if "requestBody" in operation:
            operation["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
    shop = crm.harness(tmp_path, paths=paths)
    try:
        made = value(await shop.call("POST", "/v2/contacts", json={"contact": {"name": "Ada"}}, headers=WITH_KEY))
        assert made["contact"]["name"] == "Ada"
        place = f"/v2/contacts/{made['contact']['id']}"
        assert value(await shop.call("GET", place, headers=WITH_KEY)) == made
        changed = value(await shop.call("PATCH", place, json={"name": "Eve"}, headers=WITH_KEY))
        assert changed == {"contact": {**made["contact"], "name": "Eve"}}
        assert value(await shop.call("GET", "/v2/contacts", headers=WITH_KEY))["items"] == [changed["contact"]]
        assert (await shop.call("DELETE", place, headers=WITH_KEY)).status == 204
        assert (await shop.call("GET", place, headers=WITH_KEY)).status == 404
    finally:
        await shop.close()
