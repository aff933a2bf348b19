"""What the engine keeps, echoes, changes and makes up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from contracts import scalars
from tests.clocks import HeldClock
from tests.harness import Harness, value


async def make(shop: Harness, **members: Any) -> dict[str, Any]:
    response = await shop.call("POST", "/books", json={"title": "A", **members})
    assert response.status == 201
    made: dict[str, Any] = value(response)
    return made


async def test_input_is_echoed_where_the_answer_has_room(shop: Harness) -> None:
    made = await make(shop, title="Dune", pages=412, tags=["sand"], metadata={"a": "b"}, secret="x")
    assert (made["title"], made["pages"], made["tags"], made["metadata"]) == ("Dune", 412, ["sand"], {"a": "b"})
    assert "secret" not in made
    assert made["shelf"] is None
    assert made["state"] == "draft"


async def test_ids_and_times_have_the_contracts_form(shop: Harness) -> None:
    made = await make(shop)
    assert str(UUID(made["id"])) == made["id"]
    assert made["created_at"] == made["updated_at"] == scalars.iso(shop.clock.now())


async def test_what_was_made_is_found_again(shop: Harness) -> None:
    made = await make(shop, title="Dune")
    response = await shop.call("GET", f"/books/{made['id']}")
    assert (response.status, value(response)) == (200, made)


async def test_two_objects_are_two(shop: Harness) -> None:
    first, second = await make(shop, title="A"), await make(shop, title="B")
    assert first["id"] != second["id"]
    assert value(await shop.call("GET", f"/books/{first['id']}"))["title"] == "A"


async def test_an_update_merges(shop: Harness) -> None:
    made = await make(shop, title="A", shelf="s", metadata={"a": "1", "b": "2"})
    assert isinstance(shop.clock, HeldClock)
    shop.clock.advance(hours=1)
    changed = value(await shop.call("PATCH", f"/books/{made['id']}", json={"shelf": None, "metadata": {"b": "3"}}))
    assert changed == {
        **made,
        "shelf": None,
        "metadata": {"a": "1", "b": "3"},
        "updated_at": scalars.iso(shop.clock.now()),
    }
    assert value(await shop.call("GET", f"/books/{made['id']}")) == changed


async def test_what_no_answer_shows_is_not_kept(shop: Harness) -> None:
    made = await make(shop, title="A", secret="hunter2")
    await shop.call("PATCH", f"/books/{made['id']}", json={"title": "B", "secret": "hunter3"})
    assert value(await shop.call("GET", f"/books/{made['id']}"))["title"] == "B"
    rows = (await shop.store())._state.connection.execute("SELECT body FROM records").fetchall()  # type: ignore[attr-defined]  # SQLite's
    assert b"hunter" not in b"".join(row[0] for row in rows)


async def test_a_second_way_to_update_works_too(shop: Harness) -> None:
    made = await make(shop)
    assert (await shop.call("PUT", f"/books/{made['id']}", json={"title": "B"})).status == 200
    assert value(await shop.call("GET", f"/books/{made['id']}"))["title"] == "B"


async def test_an_update_cannot_change_the_id(shop: Harness) -> None:
    made = await make(shop)
    other = "00000000-0000-4000-a000-000000000000"
    await shop.call("PATCH", f"/books/{made['id']}", json={"id": other})
    assert value(await shop.call("GET", f"/books/{made['id']}"))["id"] == made["id"]


async def test_deleting_answers_the_contracts_shape_and_is_final(shop: Harness) -> None:
    made = await make(shop)
    assert value(await shop.call("DELETE", f"/books/{made['id']}")) == {"id": made["id"], "deleted": True}
    for method in ("GET", "PATCH", "DELETE"):
        gone = await shop.call(method, f"/books/{made['id']}", json={} if method == "PATCH" else None)
        assert gone.status == 404
        assert value(gone)["error"]["code"] == "resource_missing"


async def test_an_act_changes_its_object_and_needs_it(shop: Harness) -> None:
    made = await make(shop)
    published = value(await shop.call("POST", f"/books/{made['id']}/publish", json={"state": "published"}))
    assert published["state"] == "published"
    assert value(await shop.call("GET", f"/books/{made['id']}"))["state"] == "published"
    assert (await shop.call("POST", "/books/none/publish", json={})).status == 404
    assert (await shop.call("GET", f"/books/{made['id']}/reviews")).status == 200
    assert (await shop.call("GET", "/books/none/reviews")).status == 404


async def test_children_live_below_their_parents(shop: Harness) -> None:
    one, two = await make(shop), await make(shop)
    note = value(await shop.call("POST", f"/books/{one['id']}/notes", json={"text": "n"}))
    assert isinstance(note["id"], int)
    assert note["created"] == scalars.unix(shop.clock.now())
    assert value(await shop.call("GET", f"/books/{one['id']}/notes/{note['id']}")) == note
    assert value(await shop.call("GET", f"/books/{one['id']}/notes")) == [note]
    assert value(await shop.call("GET", f"/books/{two['id']}/notes")) == []
    assert (await shop.call("GET", f"/books/{two['id']}/notes/{note['id']}")).status == 404
    assert (await shop.call("POST", "/books/none/notes", json={"text": "n"})).status == 404
    assert (await shop.call("DELETE", f"/books/{one['id']}/notes/{note['id']}")).status == 204
    assert value(await shop.call("GET", f"/books/{one['id']}/notes")) == []


async def test_a_chosen_id_is_taken_once(shop: Harness) -> None:
    assert (await shop.call("POST", "/shelves", json={"name": "top"})).status == 201
    assert value(await shop.call("GET", "/shelves/top")) == {"name": "top"}
    assert (await shop.call("POST", "/shelves", json={"name": "top"})).status == 409


async def test_settings_are_always_there_and_stay(shop: Harness) -> None:
    assert value(await shop.call("GET", "/settings")) == {"dark": False}
    assert value(await shop.call("PUT", "/settings", json={"dark": True})) == {"dark": True}
    assert value(await shop.call("GET", "/settings")) == {"dark": True}


async def test_the_rest_is_made_up_the_same_every_time(shop: Harness) -> None:
    first, again = await shop.call("GET", "/weather/Rome"), await shop.call("GET", "/weather/Rome")
    other = await shop.call("GET", "/weather/Oslo")
    assert value(first)["city"] == "Rome"
    assert first.body == again.body
    assert value(first)["sky"] != value(other)["sky"]


async def test_a_missing_childs_own_id_is_looked_for_alone(shop: Harness) -> None:
    """The broker recognises another environment's id by the keys that were not found."""
    book = await make(shop)
    assert (await shop.call("GET", f"/books/{book['id']}/notes/n_00002abcdefgh")).status == 404
    assert "n_00002abcdefgh" in shop.missed
