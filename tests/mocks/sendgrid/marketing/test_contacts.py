"""Contacts are added and changed by their addresses, found, counted and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.marketing.crowd import CONTACTS, asked, at, field, listed, put

NOBODY = "00000000-0000-4000-8000-000000000000"


async def test_a_contact_is_added_and_shown(sendgrid: Harness) -> None:
    told = await asked(
        sendgrid, "PUT", "contacts", 202, json={"contacts": [{"email": "Ada@Example.com", "city": "Rome"}]}
    )
    job = await asked(sendgrid, "GET", f"contacts/imports/{told['job_id']}")
    assert (job["status"], job["job_type"]) == ("completed", "upsert")
    assert job["results"] == {"requested_count": 1, "created_count": 1, "updated_count": 0}
    contact = await at(sendgrid, "ADA@example.com")
    assert (contact["email"], contact["city"], contact["first_name"]) == ("ada@example.com", "Rome", "")
    assert contact["_metadata"]["self"].endswith(f"{CONTACTS}/{contact['id']}")
    assert await asked(sendgrid, "GET", f"contacts/{contact['id']}") == contact
    assert await asked(sendgrid, "GET", "contacts/count") == {"contact_count": 1, "billable_count": 1}


async def test_what_is_not_told_stays(sendgrid: Harness) -> None:
    news, offers = await listed(sendgrid, "News"), await listed(sendgrid, "Offers")
    await put(sendgrid, {"email": "ada@example.com", "city": "Rome", "first_name": "Ada"}, list_ids=[news])
    first = await at(sendgrid, "ada@example.com")
    sendgrid.clock.advance(60)
    await put(sendgrid, {"email": "ADA@example.com", "city": "Turin"}, list_ids=[offers, offers])
    second = await at(sendgrid, "ada@example.com")
    assert second["id"] == first["id"]
    assert (second["city"], second["first_name"], second["list_ids"]) == ("Turin", "Ada", [news, offers])
    assert second["created_at"] == first["created_at"] < second["updated_at"]


async def test_an_empty_text_takes_away(sendgrid: Harness) -> None:
    await put(sendgrid, {"email": "ada@example.com", "city": "Rome", "external_id": "x1"})
    await put(sendgrid, {"email": "ada@example.com", "city": "", "external_id": ""})
    ada = await at(sendgrid, "ada@example.com")
    assert (ada["city"], ada["external_id"]) == ("", "x1")


async def test_custom_fields_are_set_by_id_and_shown_by_name(sendgrid: Harness) -> None:
    shoe, size = await field(sendgrid, "Shoe"), await field(sendgrid, "size", "Number")
    await put(sendgrid, {"email": "ada@example.com", "custom_fields": {shoe: "boot", size: 38}})
    assert (await at(sendgrid, "ada@example.com"))["custom_fields"] == {"Shoe": "boot", "size": 38}
    await asked(sendgrid, "DELETE", f"field_definitions/{shoe}", 204)
    assert (await at(sendgrid, "ada@example.com"))["custom_fields"] == {"size": 38}


@pytest.mark.parametrize(
    ("contact", "place"),
    [
        ({"city": "Rome"}, "contacts[0].email"),
        ({"email": "no address"}, "contacts[0].email"),
        ({"email": "a@example.com", "alternate_emails": ["no address"]}, "contacts[0].alternate_emails"),
        ({"email": "a@example.com", "alternate_emails": ["a@example.com"] * 6}, "contacts.0.alternate_emails"),
        ({"email": "a@example.com", "city": "x" * 61}, "contacts.0.city"),
        ({"email": "a@example.com", "custom_fields": {"size": 1}}, "contacts[0].custom_fields"),
    ],
)
async def test_one_bad_contact_refuses_them_all(sendgrid: Harness, contact: dict[str, Any], place: str) -> None:
    response = await sendgrid.call("PUT", CONTACTS, json={"contacts": [contact, {"email": "bob@example.com"}]})
    assert response.status == 400
    assert value(response)["errors"][0]["field"] == place
    assert (await asked(sendgrid, "GET", "contacts/count"))["contact_count"] == 0


async def test_other_refusals(sendgrid: Harness) -> None:
    size = await field(sendgrid, "size", "Number")
    for told, message in (
        ({size: "big"}, f"custom field {size} is a number"),
        ({"e9_T": "x", "w1": "y"}, "invalid custom field ids supplied - e9_T,w1"),
    ):
        sent = {"contacts": [{"email": "a@example.com", "custom_fields": told}]}
        response = await sendgrid.call("PUT", CONTACTS, json=sent)
        assert (response.status, value(response)["errors"][0]["message"]) == (400, message)
    for sent in ({}, {"contacts": []}, {"contacts": [{"email": "a@example.com"}], "list_ids": ["news"]}):
        assert (await sendgrid.call("PUT", CONTACTS, json=sent)).status == 400
    sent = {"contacts": [{"email": "a@example.com"}], "list_ids": [NOBODY]}
    assert (await sendgrid.call("PUT", CONTACTS, json=sent)).status == 404
    big = {"contacts": [{"email": f"{place}@example.com", "address_line_1": "x" * 100} for place in range(30_001)]}
    assert (await sendgrid.call("PUT", CONTACTS, json=big)).status == 400
    wide = {"contacts": [{"email": f"{place}@example.com", "postal_code": "x" * 1_000} for place in range(6_500)]}
    assert (await sendgrid.call("PUT", CONTACTS, json=wide)).status == 413
    assert (await asked(sendgrid, "GET", "contacts/count"))["contact_count"] == 0


async def test_the_sample_is_by_address(sendgrid: Harness) -> None:
    await put(sendgrid, *({"email": f"u{place:02}@example.com"} for place in range(51)))
    found = await asked(sendgrid, "GET", "contacts")
    assert found["contact_count"] == 51
    assert [each["email"] for each in found["result"]] == [f"u{place:02}@example.com" for place in range(1, 51)]


async def test_contacts_are_found_by_address(sendgrid: Harness) -> None:
    await put(sendgrid, {"email": "ada@example.com", "alternate_emails": ["Countess@example.com"]})
    sent = {"emails": ["ada@example.com", "COUNTESS@example.com", "bob@example.com", ""]}
    result = (await asked(sendgrid, "POST", "contacts/search/emails", json=sent))["result"]
    assert list(result) == ["ada@example.com", "countess@example.com", "bob@example.com"]
    assert result["countess@example.com"]["contact"] == result["ada@example.com"]["contact"]
    assert result["bob@example.com"] == {"error": "contact not found"}
    for emails, status in (
        (["bob@example.com"], 404),
        (["no address"], 400),
        ([], 400),
        (["a@example.com"] * 101, 400),
    ):
        await asked(sendgrid, "POST", "contacts/search/emails", status, json={"emails": emails})


async def test_contacts_have_other_identifiers(sendgrid: Harness) -> None:
    await put(sendgrid, {"external_id": "x1", "first_name": "Ada"}, {"anonymous_id": "n1"})
    await put(sendgrid, {"external_id": "x1", "city": "Rome"})
    assert (await asked(sendgrid, "GET", "contacts/count"))["contact_count"] == 2
    sent = {"identifiers": [{"external_id": "x1"}, {"external_id": "x2"}]}
    result = (await asked(sendgrid, "POST", "contacts/search/identifiers/external_id", json=sent))["result"]
    contact = result["x1"]["contact"]
    assert (contact["first_name"], contact["city"], contact["email"]) == ("Ada", "Rome", "")
    assert result["x2"] == {"error": "contact not found"}
    await asked(sendgrid, "POST", "contacts/search/identifiers/phone_number_id", 400, json=sent)
    await asked(sendgrid, "POST", "contacts/search/identifiers/shoe", 400, json=sent)


async def test_an_identifier_is_deleted_but_not_the_last(sendgrid: Harness) -> None:
    await put(sendgrid, {"email": "ada@example.com", "external_id": "x1"})
    contact = await at(sendgrid, "ada@example.com")
    assert contact["external_id"] == "x1"
    path = f"contacts/{contact['id']}/identifiers"
    for kind, held, status in (
        ("EXTERNALID", "other", "failed"),
        ("EXTERNALID", "x1", "completed"),
        ("EMAIL", "ada@example.com", "failed"),
    ):
        sent = {"identifier_type": kind, "identifier_value": held}
        job = (await asked(sendgrid, "DELETE", path, 202, json=sent))["job_id"]
        assert (await asked(sendgrid, "GET", f"contacts/imports/{job}"))["status"] == status
    assert "external_id" not in await at(sendgrid, "ada@example.com")
    await asked(sendgrid, "DELETE", path, 400, json={"identifier_type": "SHOE", "identifier_value": "x"})
    other = f"contacts/{NOBODY}/identifiers"
    await asked(sendgrid, "DELETE", other, 404, json={"identifier_type": "EMAIL", "identifier_value": "x"})


async def test_a_batch_by_id(sendgrid: Harness) -> None:
    await put(sendgrid, {"email": "ada@example.com"}, {"email": "bob@example.com"})
    keys = [(await at(sendgrid, f"{name}@example.com"))["id"] for name in ("bob", "ada")]
    found = await asked(sendgrid, "POST", "contacts/batch", json={"ids": [*keys, NOBODY, keys[0]]})
    assert [each["id"] for each in found["result"]] == keys
    assert (await asked(sendgrid, "POST", "contacts/batch", json={"ids": []}))["result"] == []
    await asked(sendgrid, "POST", "contacts/batch", 400, json={"ids": [NOBODY] * 101})
    await asked(sendgrid, "GET", f"contacts/{NOBODY}", 404)
    await asked(sendgrid, "GET", f"contacts/imports/{NOBODY}", 404)


async def test_contacts_are_deleted(sendgrid: Harness) -> None:
    await put(sendgrid, *({"email": f"{name}@example.com"} for name in ("ada", "bob", "eve")))
    key = (await at(sendgrid, "ada@example.com"))["id"]
    for query in ("", "delete_all_contacts=false", f"ids={key}&delete_all_contacts=true", "ids=,"):
        await asked(sendgrid, "DELETE", "contacts", 400, query=query)
    job = (await asked(sendgrid, "DELETE", "contacts", 202, query=f"ids={key},{NOBODY}"))["job_id"]
    results = (await asked(sendgrid, "GET", f"contacts/imports/{job}"))["results"]
    assert results == {"requested_count": 2, "deleted_count": 1}
    assert (await asked(sendgrid, "GET", "contacts/count"))["contact_count"] == 2
    await asked(sendgrid, "DELETE", "contacts", 202, query="delete_all_contacts=true")
    assert await asked(sendgrid, "GET", "contacts/count") == {"contact_count": 0, "billable_count": 0}
    await asked(sendgrid, "POST", "contacts/search/emails", 404, json={"emails": ["bob@example.com"]})
