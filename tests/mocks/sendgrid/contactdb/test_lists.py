"""Lists of recipients."""

from __future__ import annotations

from mocks.sendgrid.contactdb.recipients import id_of
from tests.harness import Harness
from tests.mocks.sendgrid.contactdb.rolls import ADA, BOB, EVE, added, asked, emails, listed

JSON = {"content-type": "application/json"}


async def test_recipients_are_put_on_a_list(sendgrid: Harness) -> None:
    news, offers = await listed(sendgrid, "News"), await listed(sendgrid, "Offers")
    await added(sendgrid, {"email": ADA}, {"email": BOB}, {"email": EVE})
    assert await asked(sendgrid, "POST", f"lists/{news}/recipients/{id_of(ADA)}", 201) is None
    await asked(sendgrid, "POST", f"lists/{news}/recipients", 201, json=[id_of(BOB), id_of(ADA), "nobody"])
    await asked(sendgrid, "POST", f"lists/{news}/recipients", 400, json=["nobody"])
    await asked(sendgrid, "POST", f"lists/{news}/recipients/nobody", 404)
    found = await asked(sendgrid, "GET", f"lists/{news}/recipients", query={"page_size": 1, "list_id": news})
    assert (emails(found), found["recipient_count"]) == ([ADA], 2)
    assert await asked(sendgrid, "GET", f"lists/{news}") == {"id": news, "name": "News", "recipient_count": 2}
    assert (await asked(sendgrid, "GET", f"recipients/{id_of(ADA)}/lists"))["lists"][0]["name"] == "News"
    await asked(sendgrid, "DELETE", f"lists/{news}/recipients/{id_of(ADA)}", 204)
    assert emails(await asked(sendgrid, "GET", f"lists/{news}/recipients")) == [BOB]
    assert emails(await asked(sendgrid, "GET", f"lists/{offers}/recipients")) == []


async def test_lists_are_renamed_and_deleted(sendgrid: Harness) -> None:
    news, offers, more = [await listed(sendgrid, name) for name in ("News", "Offers", "More")]
    assert (await asked(sendgrid, "PATCH", f"lists/{news}", json={"name": "NEWS"}))["name"] == "NEWS"
    await asked(sendgrid, "PATCH", f"lists/{news}", 400, json={"name": "offers"})
    await asked(sendgrid, "PATCH", f"lists/{news}", 400, json={"name": ""})
    for sent in ({}, {"name": ""}, {"name": 5}, {"name": "news"}):
        await asked(sendgrid, "POST", "lists", 400, json=sent)
    await added(sendgrid, {"email": ADA}, {"email": BOB})
    await asked(sendgrid, "POST", f"lists/{news}/recipients/{id_of(ADA)}", 201)
    await asked(sendgrid, "POST", f"lists/{offers}/recipients/{id_of(BOB)}", 201)
    await asked(sendgrid, "DELETE", f"lists/{news}", 202)
    await asked(sendgrid, "DELETE", f"lists/{offers}", 202, query="delete_contacts=true")
    assert emails(await asked(sendgrid, "GET", "recipients")) == [ADA]
    assert (await asked(sendgrid, "GET", f"recipients/{id_of(ADA)}/lists"))["lists"] == []
    await asked(sendgrid, "DELETE", "lists", 204, json=[more, 99])
    await asked(sendgrid, "DELETE", "lists", 400, json=[more, -1])
    assert (await asked(sendgrid, "GET", "lists"))["lists"] == []
    for path in (f"lists/{news}", f"lists/{news}/recipients"):
        await asked(sendgrid, "GET", path, 404)
    for number in ("news", "9" * 5_000):
        await asked(sendgrid, "GET", f"lists/{number}", 400)


async def test_a_number_beyond_all_is_no_list(sendgrid: Harness) -> None:
    assert (
        await sendgrid.call("DELETE", "/v3/contactdb/lists", body=b"[1" + b"0" * 30 + b"]", headers=JSON)
    ).status == 400
