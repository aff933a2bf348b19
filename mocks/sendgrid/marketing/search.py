"""Searching contacts by a query.

https://www.twilio.com/docs/sendgrid/api-reference/contacts/search-contacts (2026-11).
"""

from __future__ import annotations

from mocks.base import Call, Record
from mocks.sendgrid.marketing import contacts, people, queries
from mocks.sendgrid.marketing.answers import itself, wrong
from mocks.sendgrid.sgql.words import Unreadable


async def search(call: Call) -> Record:
    """The first fifty contacts that the query is true of, and how many there are."""
    world = await queries.world(call)
    try:
        tree = queries.condition(call.params.body["query"], world.types())
    except Unreadable as why:
        raise wrong(str(why), "query") from None
    found = queries.chosen(tree, world)
    return {
        "result": await contacts.display(call, found[: people.SAMPLE]),
        "contact_count": len(found),
        "_metadata": itself(call, "contacts/search"),
    }
