"""Sender identities: whose sentences about what is wrong are the provider's."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import sender_identities
from tests.harness import Harness, value
from tests.mocks.sendgrid.mails import newest_mail

SENDERS = "/v3/senders"
SHOP: dict[str, Any] = {
    "nickname": "My Sender ID",
    "from": {"email": "from@example.com", "name": "Example INC"},
    "reply_to": {"email": "replyto@example.com", "name": "Example INC"},
    "address": "123 Elm St.",
    "city": "Denver",
    "country": "United States",
}


async def made(sendgrid: Harness, path: str = SENDERS, **changes: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", path, json={**SHOP, **changes})
    assert response.status == 201, response.body
    return dict(value(response))


@pytest.mark.parametrize("path", [SENDERS, "/v3/marketing/senders"])
async def test_an_identity_is_made_and_asked_by_mail(sendgrid: Harness, path: str) -> None:
    sender = await made(sendgrid, path)
    assert (sender["id"], sender["verified"], sender["locked"]) == (1, False, False)
    assert sender["created_at"] == sender["updated_at"]
    assert (await newest_mail(sendgrid))["to"] == [{"email": "from@example.com", "name": "Example INC"}]
    assert value(await sendgrid.call("GET", f"{SENDERS}/1")) == sender
    assert value(await sendgrid.call("GET", SENDERS)) == {"result": [sender]}


async def test_its_link_verifies_it(sendgrid: Harness) -> None:
    sender = await made(sendgrid)
    query = (await newest_mail(sendgrid))["text"].strip().rpartition("?")[2]
    assert (await sendgrid.visit("GET", "/verify_sender", query=query)).status == 200
    assert value(await sendgrid.call("GET", f"{SENDERS}/{sender['id']}"))["verified"] is True
    again = await sendgrid.call("POST", f"{SENDERS}/{sender['id']}/resend_verification")
    message = "The Sender Identity is already verified.  No email sent."
    assert (again.status, value(again)) == (400, {"errors": [{"message": message, "field": ""}]})


async def test_the_mail_is_sent_again(sendgrid: Harness) -> None:
    sender = await made(sendgrid)
    first = await newest_mail(sendgrid)
    assert (await sendgrid.call("POST", f"{SENDERS}/{sender['id']}/resend_verification")).status == 204
    assert (await newest_mail(sendgrid))["id"] != first["id"]


async def test_all_that_is_missing_is_told_at_once(sendgrid: Harness) -> None:
    refused = await sendgrid.call("POST", SENDERS, json={"reply_to": {"email": "x"}})
    told = {(entry["field"], entry["message"]) for entry in value(refused)["errors"]}
    assert refused.status == 400
    assert told == {
        ("nickname", "nickname is required."),
        ("address", "address is required."),
        ("city", "city is required."),
        ("country", "country is required."),
        ("from_email", "from_email is required."),
        ("reply_to", "Reply to email is not a valid email address."),
    }
    assert value(await sendgrid.call("GET", SENDERS)) == {"result": []}


async def test_addresses_and_nicknames(sendgrid: Harness) -> None:
    await made(sendgrid)
    for changes, message in (
        ({"from": {"email": "nobody"}, "nickname": "b"}, "From email is not a valid email address."),
        ({}, "You already have a sender identity with the same nickname."),
    ):
        refused = await sendgrid.call("POST", SENDERS, json={**SHOP, **changes})
        assert [entry["message"] for entry in value(refused)["errors"]] == [message]


async def test_an_edit_changes_what_it_names(sendgrid: Harness) -> None:
    sender = await made(sendgrid)
    other = await made(sendgrid, nickname="Other")
    path = f"{SENDERS}/{sender['id']}"
    edited = value(await sendgrid.call("PATCH", path, json={"city": "Rome", "from": {"name": "Shop"}}))
    assert (edited["city"], edited["from"]) == ("Rome", {"email": "from@example.com", "name": "Shop"})
    for body in ({"city": ""}, {"nickname": ""}, {"nickname": "Other"}, {"from": {"email": "x"}}):
        assert (await sendgrid.call("PATCH", path, json=body)).status == 400
    moved = value(await sendgrid.call("PATCH", path, json={"from": {"email": "new@example.com"}}))
    assert moved["verified"] is False
    assert (await newest_mail(sendgrid))["to"][0]["email"] == "new@example.com"
    assert other["id"] == 2


async def test_who_is_deleted_is_gone(sendgrid: Harness) -> None:
    path = f"{SENDERS}/{(await made(sendgrid))['id']}"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"city": "x"})):
        gone = await sendgrid.call(method, path, json=body)
        assert (gone.status, value(gone)) == (404, {"errors": [{"message": "resource not found", "field": "id"}]})


async def test_a_hundred_and_no_more(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_identities, "MOST", 1)
    await made(sendgrid)
    refused = await sendgrid.call("POST", SENDERS, json={**SHOP, "nickname": "second"})
    assert refused.status == 400
    assert value(refused)["errors"][0]["message"].startswith("You've reached your limit of 1 sender identities.")
