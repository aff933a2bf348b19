"""Recipients are added and changed by their addresses; what is wrong with one stops no other."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.contactdb.recipients import id_of
from tests.harness import Harness
from tests.mocks.sendgrid.contactdb.rolls import ADA, BOB, EVE, added, asked, emails, field


async def test_recipients_are_added_and_changed(sendgrid: Harness) -> None:
    age = await field(sendgrid, "age", "number")
    told = await added(sendgrid, {"email": ADA, "first_name": "Ada", "age": 36}, {"email": BOB})
    assert told == {
        "error_count": 0,
        "error_indices": [],
        "unmodified_indices": [],
        "new_count": 2,
        "persisted_recipients": [id_of(ADA), id_of(BOB)],
        "updated_count": 0,
        "errors": [],
    }
    sent = [{"email": ADA.upper(), "last_name": "King"}, {"email": BOB}, {"email": EVE}, {"email": "no address"}]
    told = await asked(sendgrid, "PATCH", "recipients", 201, json=sent)
    assert (told["updated_count"], told["unmodified_indices"], told["error_indices"]) == (1, [1], [2, 3])
    ada = await asked(sendgrid, "GET", f"recipients/{id_of(ADA)}")
    assert (ada["first_name"], ada["last_name"]) == ("Ada", "King")
    assert ada["custom_fields"] == [{"id": age, "name": "age", "type": "number", "value": 36}]
    assert ada["created_at"] == ada["updated_at"] == int(sendgrid.clock.now().timestamp())


async def test_bad_ones_are_told(sendgrid: Harness) -> None:
    await field(sendgrid, "age", "number")
    bad = ({"email": "a"}, {"first_name": "x"}, {"email": ADA, "pet": "dog"}, {"email": BOB, "age": "old"})
    told = await added(sendgrid, *bad, {"email": EVE})
    assert (told["new_count"], told["error_count"]) == (1, 4)
    assert told["errors"] == [
        {"message": "Invalid email.", "error_indices": [0, 1]},
        {"message": "The following parameters are not custom fields or reserved fields: [pet]", "error_indices": [2]},
        {"message": "Invalid value of age.", "error_indices": [3]},
    ]
    for sent in ({"email": ADA}, [5], [{"email": f"u{place}@example.com"} for place in range(1_001)]):
        await asked(sendgrid, "POST", "recipients", 400, json=sent)
    assert await asked(sendgrid, "GET", "recipients/count") == {"recipient_count": 1}
    assert await asked(sendgrid, "GET", "recipients/billable_count") == {"recipient_count": 1}


async def test_pages_end_with_404(sendgrid: Harness) -> None:
    assert emails(await asked(sendgrid, "GET", "recipients")) == []
    await added(sendgrid, *({"email": f"u{place}@example.com"} for place in range(5)))
    page = await asked(sendgrid, "GET", "recipients", query={"page": 2, "page_size": 3})
    assert emails(page) == ["u3@example.com", "u4@example.com"]
    await asked(sendgrid, "GET", "recipients", 404, query={"page": 3, "page_size": 3})
    for query in ({"page": 0}, {"page_size": 0}, {"page_size": 1_001}, {"page": "x"}):
        await asked(sendgrid, "GET", "recipients", 400, query=query)


async def test_recipients_are_deleted(sendgrid: Harness) -> None:
    await added(sendgrid, {"email": ADA}, {"email": BOB}, {"email": EVE})
    await asked(sendgrid, "DELETE", f"recipients/{id_of(ADA)}", 204)
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/lists")):
        await asked(sendgrid, method, f"recipients/{id_of(ADA)}{path}", 404)
    await asked(sendgrid, "DELETE", "recipients", 200, json=[id_of(BOB), "nobody"])
    await asked(sendgrid, "DELETE", "recipients", 400, json=["nobody"])
    assert emails(await asked(sendgrid, "GET", "recipients")) == [EVE]


@pytest.fixture
async def crowd(sendgrid: Harness) -> Harness:
    await field(sendgrid, "age", "number")
    await field(sendgrid, "born", "date")
    ada: dict[str, Any] = {"email": ADA, "first_name": "Ada", "age": 36, "born": "12/10/1985"}
    await added(sendgrid, ada, {"email": BOB, "first_name": "Bob", "age": 44})
    return sendgrid


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("first_name=ADA", [ADA]),
        ("age=44", [BOB]),
        ("age=44&first_name=Ada", []),
        ("born=503020800", [ADA]),
        ("born=", [BOB]),
        ("email=bob%40example.com", [BOB]),
    ],
)
async def test_searching_by_fields(crowd: Harness, query: str, expected: list[str]) -> None:
    found = await asked(crowd, "GET", "recipients/search", query=query)
    assert (emails(found), found["recipient_count"]) == (expected, len(expected))


async def test_searches_that_ask_nothing(crowd: Harness) -> None:
    await asked(crowd, "GET", "recipients/search", 400)
    await asked(crowd, "GET", "recipients/search", 400, query="pet=dog")
