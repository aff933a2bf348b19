"""Single senders: made, listed, edited, verified by the link in a mail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clocks import HeldClock
from tests.harness import Harness, value
from tests.mocks.sendgrid.mails import newest_mail

SENDERS = "/v3/verified_senders"
ORDERS = {"nickname": "Orders", "from_email": "orders@example.com", "reply_to": "orders@example.com"}


async def made(sendgrid: Harness, **changes: Any) -> dict[str, Any]:
    response = await sendgrid.call("POST", SENDERS, json={**ORDERS, **changes})
    assert response.status == 201, response.body
    return dict(value(response))


async def token(sendgrid: Harness) -> str:
    mail = await newest_mail(sendgrid)
    return str(mail["text"]).partition("token=")[2].strip()


async def test_a_sender_is_made_and_asked_by_mail(sendgrid: Harness) -> None:
    sender = await made(sendgrid, from_name="Shop", city="Rome")
    assert (sender["verified"], sender["locked"], sender["city"], sender["address2"]) == (False, False, "Rome", "")
    mail = await newest_mail(sendgrid)
    assert mail["to"] == [{"email": "orders@example.com", "name": "Shop"}]
    assert value(await sendgrid.call("GET", SENDERS)) == {"results": [sender]}


async def test_the_mail_s_token_verifies_once_and_again(sendgrid: Harness) -> None:
    sender = await made(sendgrid)
    assert (await sendgrid.call("GET", f"{SENDERS}/verify/{await token(sendgrid)}")).status == 204
    assert value(await sendgrid.call("GET", SENDERS, query={"id": sender["id"]}))["results"][0]["verified"] is True
    assert (await sendgrid.call("POST", f"{SENDERS}/resend/{sender['id']}")).status == 400
    assert (await sendgrid.call("GET", f"{SENDERS}/verify/nobody")).status == 404


async def test_a_link_is_good_for_two_days(sendgrid: Harness) -> None:
    await made(sendgrid)
    late = await token(sendgrid)
    assert isinstance(sendgrid.clock, HeldClock)
    sendgrid.clock.advance(48 * 3600 + 1)
    assert (await sendgrid.call("GET", f"{SENDERS}/verify/{late}")).status == 404


async def test_the_mail_is_sent_again(sendgrid: Harness) -> None:
    sender = await made(sendgrid)
    first = await token(sendgrid)
    assert (await sendgrid.call("POST", f"{SENDERS}/resend/{sender['id']}")).status == 204
    second = await token(sendgrid)
    assert second != first
    assert (await sendgrid.call("GET", f"{SENDERS}/verify/{second}")).status == 204


async def test_pages_by_the_last_id_seen(sendgrid: Harness) -> None:
    ids = [(await made(sendgrid, nickname=f"n{number}"))["id"] for number in range(4)]
    query: dict[str, Any] = {"limit": 2}
    seen: list[int] = []
    while found := value(await sendgrid.call("GET", SENDERS, query=query))["results"]:
        seen += [one["id"] for one in found]
        query["lastSeenID"] = seen[-1]
    assert seen == ids
    assert value(await sendgrid.call("GET", SENDERS, query={"id": 5})) == {"results": []}
    assert (await sendgrid.call("GET", SENDERS, query={"limit": 0})).status == 400


async def test_an_edit_changes_what_it_names_and_a_new_address_is_verified_again(sendgrid: Harness) -> None:
    sender = await made(sendgrid)
    await sendgrid.call("GET", f"{SENDERS}/verify/{await token(sendgrid)}")
    path = f"{SENDERS}/{sender['id']}"
    edited = value(await sendgrid.call("PATCH", path, json={"city": "Rome"}))
    assert (edited["city"], edited["verified"]) == ("Rome", True)
    moved = value(await sendgrid.call("PATCH", path, json={"from_email": "new@example.com"}))
    assert moved["verified"] is False
    assert (await newest_mail(sendgrid))["to"] == [{"email": "new@example.com"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"nickname": None},
        {"nickname": ""},
        {"from_email": None},
        {"from_email": "nobody"},
        {"reply_to": None},
        {"state": "California"},
        {"zip": "9" * 11},
        {"nickname": "n" * 101},
    ],
)
async def test_what_is_no_sender_is_refused(sendgrid: Harness, changes: dict[str, Any]) -> None:
    body = {name: given for name, given in {**ORDERS, **changes}.items() if given is not None}
    assert (await sendgrid.call("POST", SENDERS, json=body)).status == 400
    assert value(await sendgrid.call("GET", SENDERS)) == {"results": []}


async def test_a_nickname_is_used_once(sendgrid: Harness) -> None:
    first, second = await made(sendgrid), await made(sendgrid, nickname="Other")
    assert (await sendgrid.call("POST", SENDERS, json=ORDERS)).status == 400
    assert (await sendgrid.call("PATCH", f"{SENDERS}/{second['id']}", json={"nickname": "Orders"})).status == 400
    assert (await sendgrid.call("PATCH", f"{SENDERS}/{first['id']}", json={"nickname": "Orders"})).status == 200
    assert (await sendgrid.call("PATCH", f"{SENDERS}/{first['id']}", json={"nickname": ""})).status == 400


async def test_who_is_deleted_is_gone(sendgrid: Harness) -> None:
    sender = await made(sendgrid)
    path = f"{SENDERS}/{sender['id']}"
    late = await token(sendgrid)
    assert (await sendgrid.call("DELETE", path)).status == 204
    assert (await sendgrid.call("DELETE", path)).status == 404
    assert (await sendgrid.call("PATCH", path, json={"city": "x"})).status == 404
    assert (await sendgrid.call("POST", f"{SENDERS}/resend/nobody")).status == 404
    assert (await sendgrid.call("GET", f"{SENDERS}/verify/{late}")).status == 404


async def test_steps_and_known_domains(sendgrid: Harness) -> None:
    steps = f"{SENDERS}/steps_completed"
    assert value(await sendgrid.call("GET", steps)) == {"results": {"sender_verified": False, "domain_verified": False}}
    await made(sendgrid)
    await sendgrid.call("GET", f"{SENDERS}/verify/{await token(sendgrid)}")
    assert value(await sendgrid.call("GET", steps))["results"]["sender_verified"] is True
    found = value(await sendgrid.call("GET", f"{SENDERS}/domains"))
    assert "yahoo.com" in found["results"]["hard_failures"]
