"""Lists of contacts: named, paged, counted, deleted with or without who is on them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.harness import Harness
from tests.mocks.sendgrid.marketing.crowd import asked, at, listed, put
from tests.mocks.sendgrid.marketing.test_contacts import NOBODY


async def test_a_list_counts_who_is_on_it(sendgrid: Harness) -> None:
    news = await listed(sendgrid, "News")
    await put(sendgrid, {"email": "bob@example.com"}, {"email": "ada@example.com"}, list_ids=[news])
    await put(sendgrid, {"email": "eve@example.com"})
    found = await asked(sendgrid, "GET", f"lists/{news}")
    assert (found["name"], found["contact_count"]) == ("News", 2)
    assert "contact_sample" not in found
    sample = (await asked(sendgrid, "GET", f"lists/{news}", query="contact_sample=true"))["contact_sample"]
    assert [each["email"] for each in sample] == ["ada@example.com", "bob@example.com"]
    assert (await asked(sendgrid, "GET", f"lists/{news}/contacts/count"))["contact_count"] == 2


async def test_names_are_unique(sendgrid: Harness) -> None:
    news, offers = await listed(sendgrid, "News"), await listed(sendgrid, "Offers")
    await asked(sendgrid, "POST", "lists", 400, json={"name": "NEWS"})
    await asked(sendgrid, "PATCH", f"lists/{offers}", 400, json={"name": "News"})
    assert (await asked(sendgrid, "PATCH", f"lists/{news}", json={"name": "NEWS"}))["name"] == "NEWS"
    for sent in ({}, {"name": ""}, {"name": "x" * 101}, {"name": 5}):
        await asked(sendgrid, "POST", "lists", 400, json=sent)
    await asked(sendgrid, "PATCH", f"lists/{news}", 400, json={})


async def test_pages_lead_forth_and_back(sendgrid: Harness) -> None:
    names = [f"List {place}" for place in range(5)]
    for name in names:
        await listed(sendgrid, name)

    async def follow(link: str) -> Any:
        return await asked(sendgrid, "GET", "lists", query=urlsplit(link).query)

    first = await asked(sendgrid, "GET", "lists", query={"page_size": 2})
    assert [each["name"] for each in first["result"]] == names[:2]
    assert first["_metadata"]["count"] == 5
    assert "prev" not in first["_metadata"]
    second = await follow(first["_metadata"]["next"])
    third = await follow(second["_metadata"]["next"])
    assert [each["name"] for each in second["result"] + third["result"]] == names[2:]
    assert "next" not in third["_metadata"]
    back = await follow(third["_metadata"]["prev"])
    assert back["result"] == second["result"]
    again = await follow(back["_metadata"]["prev"])
    assert again["result"] == first["result"]
    assert parse_qs(urlsplit(third["_metadata"]["self"]).query)["page_size"] == ["2"]
    for query in ({"page_size": 0}, {"page_size": 1001}, {"page_token": NOBODY}):
        await asked(sendgrid, "GET", "lists", 400, query=query)


async def test_contacts_leave_a_list(sendgrid: Harness) -> None:
    news = await listed(sendgrid, "News")
    await put(sendgrid, {"email": "ada@example.com"}, {"email": "bob@example.com"}, list_ids=[news])
    ada = (await at(sendgrid, "ada@example.com"))["id"]
    await asked(sendgrid, "DELETE", f"lists/{news}/contacts", 404, query=f"contact_ids={ada},{NOBODY}")
    assert (await asked(sendgrid, "GET", f"lists/{news}"))["contact_count"] == 2
    job = await asked(sendgrid, "DELETE", f"lists/{news}/contacts", 202, query=f"contact_ids={ada}")
    assert (await asked(sendgrid, "GET", f"contacts/imports/{job['job_id']}"))["status"] == "completed"
    assert (await asked(sendgrid, "GET", f"lists/{news}"))["contact_count"] == 1
    assert (await at(sendgrid, "ada@example.com"))["list_ids"] == []
    for query in ("", "contact_ids=", "contact_ids=,"):
        await asked(sendgrid, "DELETE", f"lists/{news}/contacts", 400, query=query)


async def test_a_list_goes_with_or_without_its_contacts(sendgrid: Harness) -> None:
    news, offers = await listed(sendgrid, "News"), await listed(sendgrid, "Offers")
    await put(sendgrid, {"email": "ada@example.com"}, list_ids=[news])
    await put(sendgrid, {"email": "bob@example.com"}, list_ids=[offers])
    await asked(sendgrid, "DELETE", f"lists/{news}", 204)
    assert (await at(sendgrid, "ada@example.com"))["list_ids"] == []
    told = await asked(sendgrid, "DELETE", f"lists/{offers}", 200, query="delete_contacts=true")
    assert (await asked(sendgrid, "GET", f"contacts/imports/{told['job_id']}"))["job_type"] == "delete"
    assert (await asked(sendgrid, "GET", "contacts/count"))["contact_count"] == 1
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/contacts/count")):
        await asked(sendgrid, method, f"lists/{news}{path}", 404, json={"name": "X"} if method == "PATCH" else None)
