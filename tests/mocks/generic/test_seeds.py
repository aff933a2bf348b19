"""Objects that exist from the start: planted once, below their parents, and refused where they cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mocks.generic import seeds
from tests.harness import value
from tests.mocks.generic import crm
from tests.mocks.generic.crm import KEY

HEADERS = {"x-crm-key": KEY}


async def test_they_are_planted_once(tmp_path: Path) -> None:
    planted = {
        "contacts": [{"id": "c-1", "name": "Ada"}, {"name": "Bob"}],
        "notes": [{"contact_id": "c-1", "id": 5, "text": "called"}],
    }
    shop = crm.harness(tmp_path, {"seed_data": planted})
    try:
        listed = value(await shop.call("GET", "/v2/contacts", headers=HEADERS))["items"]
        assert sorted(one["name"] for one in listed) == ["Ada", "Bob"]
        assert all(one["created_at"] for one in listed), "what the schema requires is made up"
        note = value(await shop.call("GET", "/v2/contacts/c-1/notes/5", headers=HEADERS))
        assert note == {"id": 5, "contact_id": "c-1", "text": "called"}
        assert len(value(await shop.call("GET", "/v2/contacts", headers=HEADERS))["items"]) == 2
    finally:
        await shop.close()


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        ([], "must name lists of objects by resource"),
        ({"contacts": {"id": "c-1"}}, "contacts must be a list of objects"),
        ({"contacts": ["c-1"]}, "contacts must be a list of objects"),
        ({"people": []}, "people is none of the resources that are kept: contact, contact.note"),
        ({"notes": [{"text": "x"}]}, "must say which contact_id"),
        ({"contacts": [{}] * 1001}, "more than 1000"),
    ],
)
def test_what_is_wrong_is_told(planted: Any, words: str) -> None:
    contract, _ = crm.made()
    assert words in (seeds.fault(contract, planted) or "")


def test_what_is_right_has_no_fault() -> None:
    contract, _ = crm.made()
    assert (
        seeds.fault(contract, {"contact": [{"name": "Ada"}], "contact.note": [{"contact_id": "c", "text": ""}]}) is None
    )
