"""Contacts are searched by SGQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import mailed
from tests.mocks.sendgrid.marketing.crowd import CONTACTS, asked, field, listed, put


@pytest.fixture
async def crowd(sendgrid: Harness) -> Harness:
    """Ada on a list, who opened a mail yesterday; Bob, much older; Eve, who has nothing."""
    born, size = await field(sendgrid, "Born", "Date"), await field(sendgrid, "size", "Number")
    news = await listed(sendgrid, "News")
    ada = {"email": "ada@gmail.com", "first_name": "Ada", "custom_fields": {born: "12/10/1815", size: 38}}
    await put(sendgrid, ada, list_ids=[news])
    await mailed(sendgrid, "processed", "delivered", "open", to="ada@gmail.com")
    sendgrid.clock.advance(days=1)
    await put(sendgrid, {"email": "bob@example.com", "first_name": "Bob", "custom_fields": {size: 44}})
    await put(sendgrid, {"email": "eve@gmail.com", "alternate_emails": ["e@example.com"]})
    return sendgrid


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("email LIKE '%gmail.com'", ["ada", "eve"]),
        ("email = 'bob@example.com' OR lower(first_name) = 'ada'", ["ada", "bob"]),
        ("first_name IS NULL", ["eve"]),
        ("first_name IN ('Ada', 'Bob') AND NOT first_name = 'Bob'", ["ada"]),
        ("CONTAINS(list_ids, 'LIST')", ["ada"]),
        ("NOT CONTAINS(list_ids, 'LIST')", ["bob", "eve"]),
        ("CONTAINS(alternate_emails, 'e@example.com')", ["eve"]),
        ("email_domains = 'gmail.com'", ["ada", "eve"]),
        ("size > 40", ["bob"]),
        ("size BETWEEN 30 AND 50", ["ada", "bob"]),
        ("born < TIMESTAMP '1900-01-01T00:00:00Z'", ["ada"]),
        ("created_at < NOW() - interval 1 hour", ["ada"]),
        ("(event_source = 'mail' AND event_type = 'open' AND event_timestamp >= (NOW() - interval 2 day))", ["ada"]),
        ("event_type = 'open' AND event_timestamp >= NOW() - interval 1 hour", []),
        ("last_opened IS NOT NULL", ["ada"]),
    ],
)
async def test_queries(crowd: Harness, query: str, expected: list[str]) -> None:
    [news] = (await asked(crowd, "GET", "lists"))["result"]
    found = await asked(crowd, "POST", "contacts/search", json={"query": query.replace("LIST", news["id"])})
    assert [each["email"].partition("@")[0] for each in found["result"]] == expected
    assert found["contact_count"] == len(expected)


@pytest.mark.parametrize(
    "query", ["shoe = 1", "email =", "", "CONTAINS(email, 'a')", "SELECT contact_id FROM contact_data"]
)
async def test_what_is_no_query(sendgrid: Harness, query: str) -> None:
    response = await sendgrid.call("POST", f"{CONTACTS}/search", json={"query": query})
    assert response.status == 400
    assert value(response)["errors"][0]["field"] == "query"


async def test_fifty_are_shown_and_all_counted(sendgrid: Harness) -> None:
    many: list[dict[str, Any]] = [{"email": f"u{place}@example.com"} for place in range(60)]
    await put(sendgrid, *many)
    found = await asked(sendgrid, "POST", "contacts/search", json={"query": "email LIKE 'u%'"})
    assert (len(found["result"]), found["contact_count"]) == (50, 60)
