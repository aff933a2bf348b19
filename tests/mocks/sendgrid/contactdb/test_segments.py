"""Segments hold the recipients that their conditions are true of."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.contactdb.recipients import id_of
from tests.harness import Harness
from tests.mocks.sendgrid.contactdb.rolls import ADA, BOB, added, asked, emails, field, listed

ADAS = [{"field": "first_name", "operator": "eq", "value": "ada", "and_or": ""}]


async def test_a_segment_lives(sendgrid: Harness) -> None:
    await added(sendgrid, {"email": ADA, "first_name": "Ada"}, {"email": BOB, "first_name": "Bob"})
    made = await asked(sendgrid, "POST", "segments", json={"name": "Adas", "conditions": ADAS})
    own = f"segments/{made['id']}"
    assert (made["name"], made["conditions"], made["recipient_count"]) == ("Adas", ADAS, 1)
    assert await asked(sendgrid, "GET", own) == made
    assert (await asked(sendgrid, "GET", "segments"))["segments"] == [made]
    assert emails(await asked(sendgrid, "GET", f"{own}/recipients")) == [ADA]
    bobs = [{**ADAS[0], "value": "Bob"}]
    changed = await asked(sendgrid, "PATCH", own, json={"name": "Bobs", "conditions": bobs})
    assert (changed["name"], changed["conditions"]) == ("Bobs", bobs)
    await asked(sendgrid, "DELETE", own, 204, query="delete_contacts=true")
    assert emails(await asked(sendgrid, "GET", "recipients")) == [ADA]
    for path in (own, f"{own}/recipients"):
        await asked(sendgrid, "GET", path, 404)
    await asked(sendgrid, "GET", "segments/adas", 400)


async def test_a_segment_of_a_list(sendgrid: Harness) -> None:
    news = await listed(sendgrid, "News")
    await added(sendgrid, {"email": ADA, "first_name": "Ada"}, {"email": "ada2@example.com", "first_name": "Ada"})
    await asked(sendgrid, "POST", f"lists/{news}/recipients/{id_of(ADA)}", 201)
    sent: dict[str, Any] = {"name": "Adas", "list_id": news, "conditions": ADAS}
    assert (await asked(sendgrid, "POST", "segments", json=sent))["recipient_count"] == 1
    found = await asked(sendgrid, "POST", "recipients/search", json={"list_id": news, "conditions": ADAS})
    assert emails(found) == [ADA]
    for change in ({"name": "NEWS"}, {"name": ""}, {"name": "x", "list_id": 99}, {"name": "y", "conditions": []}):
        await asked(sendgrid, "POST", "segments", 400, json={**sent, **change})
    await asked(sendgrid, "POST", "lists", 400, json={"name": "adas"})


@pytest.mark.parametrize(
    "change",
    [
        {"and_or": "and"},
        {"field": "shoe"},
        {"operator": "lt"},
        {"operator": "resembles"},
        {"field": "created_at", "operator": "gt", "value": "soon"},
    ],
)
async def test_what_no_condition_is(sendgrid: Harness, change: dict[str, str]) -> None:
    sent = {"conditions": [{**ADAS[0], **change}]}
    await asked(sendgrid, "POST", "recipients/search", 400, json=sent)
    await asked(sendgrid, "POST", "recipients/search", 400, json={"conditions": [*ADAS, *ADAS]})


async def test_a_field_that_is_gone_is_true_of_nobody(sendgrid: Harness) -> None:
    pet = await field(sendgrid, "pet", "text")
    await added(sendgrid, {"email": ADA, "pet": "dog"})
    sent = {"name": "Dogs", "conditions": [{"field": "pet", "operator": "eq", "value": "dog"}]}
    made = await asked(sendgrid, "POST", "segments", json=sent)
    await asked(sendgrid, "DELETE", f"custom_fields/{pet}", 202)
    assert (made["recipient_count"], (await asked(sendgrid, "GET", f"segments/{made['id']}"))["recipient_count"]) == (
        1,
        0,
    )


async def test_uploads_take_no_time(sendgrid: Harness) -> None:
    assert (await asked(sendgrid, "GET", "status"))["status"] == [{"id": "worker_delay", "value": "OK"}]
