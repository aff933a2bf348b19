"""Contacts are exported to files, by list, by segment, or all."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.harness import Harness, read
from tests.mocks.sendgrid.marketing.crowd import asked, field, listed, put
from tests.mocks.sendgrid.marketing.test_contacts import NOBODY
from tests.mocks.sendgrid.marketing.test_segments import made


async def fetched(sendgrid: Harness, sent: dict[str, Any] | None = None) -> list[str]:
    """The lines of the file of an export."""
    told = await asked(sendgrid, "POST", "contacts/exports", 202, json=sent)
    found = await asked(sendgrid, "GET", f"contacts/exports/{told['id']}")
    assert found["status"] == "ready"
    [url] = found["urls"]
    response = await sendgrid.visit("GET", url[url.index("/downloads/") :])
    assert response.status == 200
    return (await read(response)).decode().splitlines()


@pytest.fixture
async def crowd(sendgrid: Harness) -> Harness:
    shoe = await field(sendgrid, "shoe")
    ada = {"email": "ada@gmail.com", "city": "Rome", "alternate_emails": ["a@x.com", "b@x.com"]}
    await put(sendgrid, {**ada, "custom_fields": {shoe: "boot"}}, list_ids=[await listed(sendgrid, "News")])
    await put(sendgrid, {"email": "eve@gmail.com"}, {"email": "bob@example.com"})
    await made(sendgrid, "segments/2.0")
    return sendgrid


async def test_all_contacts_as_csv(crowd: Harness) -> None:
    head, first, *rest = await fetched(crowd)
    assert head.startswith("EMAIL,FIRST_NAME,LAST_NAME,")
    assert head.endswith(",CREATED_AT,UPDATED_AT,CONTACT_ID,shoe")
    assert first.startswith("ada@gmail.com,")
    assert '"a@x.com,b@x.com"' in first
    assert first.endswith(",boot")
    assert len(rest) == 2


async def test_lists_and_segments_as_json(crowd: Harness) -> None:
    [news] = (await asked(crowd, "GET", "lists"))["result"]
    [gmail] = (await asked(crowd, "GET", "segments/2.0"))["results"]
    for sent, expected in (
        ({"list_ids": [news["id"]]}, ["ada@gmail.com"]),
        ({"segment_ids": [gmail["id"]]}, ["ada@gmail.com", "eve@gmail.com"]),
        ({"list_ids": [news["id"]], "segment_ids": [gmail["id"]]}, ["ada@gmail.com", "eve@gmail.com"]),
    ):
        lines = await fetched(crowd, {**sent, "file_type": "json"})
        assert [orjson.loads(line)["email"] for line in lines] == expected
    kinds = {each["export_type"] for each in (await asked(crowd, "GET", "contacts/exports"))["result"]}
    assert kinds == {"list_export", "segment_export"}
    for sent in ({"list_ids": [NOBODY]}, {"segment_ids": [NOBODY]}):
        await asked(crowd, "POST", "contacts/exports", 404, json=sent)
    await asked(crowd, "POST", "contacts/exports", 400, json={"file_type": "xml"})


async def test_an_export_ends_and_is_told_by_mail(crowd: Harness) -> None:
    told = await asked(crowd, "POST", "contacts/exports", 202, json={"notifications": {"email": True}})
    [mail] = await (await crowd.store()).mailbox.mails()
    assert told["id"] in mail["text"]
    [shown] = (await asked(crowd, "GET", "contacts/exports"))["result"]
    assert (shown["id"], shown["export_type"]) == (told["id"], "contacts_export")
    assert (await asked(crowd, "GET", f"contacts/exports/{told['id']}"))["contact_count"] == 3
    crowd.clock.advance(days=3)
    assert (await asked(crowd, "GET", "contacts/exports"))["result"] == []
    assert (await crowd.visit("GET", f"/downloads/{told['id']}")).status == 404
    await asked(crowd, "GET", f"contacts/exports/{NOBODY}", 404)
