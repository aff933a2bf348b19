"""Selections of the second version join contacts with what happened to their mails."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from mocks.sendgrid.marketing import queries
from mocks.sendgrid.marketing.queries import World
from mocks.sendgrid.sgql.words import Unreadable

NOW = datetime(2026, 3, 31, tzinfo=UTC)
PEOPLE = "SELECT contact_id, updated_at FROM contact_data"
HAPPENED = "SELECT contact_id FROM event_data WHERE event_type ="


def event(contact_id: str, kind: str) -> dict[str, Any]:
    return {"contact_id": contact_id, "event_source": "mail", "event_type": kind, "event_timestamp": NOW}


@pytest.fixture
def world() -> World:
    """Ada got and opened a mail, Bob got one, Eve none."""
    found = World(NOW, [{"id": "e1_N", "name": "Size", "field_type": "Number"}])
    for name, size in (("ada", 38), ("bob", 44), ("eve", None)):
        found.contacts.append({"id": name})
        found.rows[name] = {"contact_id": name, "email": f"{name}@example.com", "size": size, "updated_at": NOW}
    found.events["ada"] = [event("ada", "delivered"), event("ada", "open")]
    found.events["bob"] = [event("bob", "delivered")]
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("PEOPLE", ["ada", "bob", "eve"]),
        ("PEOPLE WHERE Size > 40", ["bob"]),
        ("PEOPLE as c JOINED e WHERE e.event_type = 'delivered' and c.size < 40", ["ada"]),
        ("PEOPLE JOIN event_data ON contact_id WHERE event_type = 'open'", ["ada"]),
        ("PEOPLE WHERE contact_id IN (HAPPENED 'delivered')", ["ada", "bob"]),
        ("PEOPLE WHERE contact_id NOT IN (HAPPENED 'open')", ["bob", "eve"]),
        ("PEOPLE c JOINED a JOINED b WHERE a.event_type = 'delivered' AND b.event_type = 'open'", ["ada"]),
    ],
)
def test_selections(world: World, query: str, expected: list[str]) -> None:
    tree = queries.selection(whole(query), world.types())
    assert [contact["id"] for contact in queries.selected(tree, world)] == expected


def whole(query: str) -> str:
    """The query with its longer parts written out."""
    joined = re.sub(r"JOINED (\w)", r"INNER JOIN event_data AS \1 ON c.contact_id = \1.contact_id", query)
    return joined.replace("PEOPLE", PEOPLE).replace("HAPPENED", HAPPENED)


@pytest.mark.parametrize(
    "query",
    [
        "email = 'ada@example.com'",
        "SELECT email FROM contact_data",
        "SELECT contact_id, updated_at FROM shoes",
        "SELECT contact_id, updated_at, shoe FROM contact_data",
        "PEOPLE WHERE shoe = 1",
        "PEOPLE WHERE x.email = 'a'",
        "PEOPLE JOIN event_data ON email",
        "PEOPLE WHERE contact_id IN (SELECT shoe FROM event_data)",
        "PEOPLE" + " JOIN event_data ON contact_id" * 4,
    ],
)
def test_what_is_no_selection(world: World, query: str) -> None:
    with pytest.raises(Unreadable):
        queries.selection(whole(query), world.types())


def test_a_condition_is_told_as_a_tree() -> None:
    assert queries.told("email = 'a' and not contains(list_ids, 'x')") == {
        "contacts": {
            "op": "and",
            "l": {"op": "=", "l": {"t": "field", "v": "email"}, "r": {"t": "literal", "v": "a"}},
            "r": {
                "op": "not",
                "l": {
                    "t": "function",
                    "v": "contains",
                    "args": [{"t": "field", "v": "list_ids"}, {"t": "literal", "v": "x"}],
                },
            },
        }
    }
