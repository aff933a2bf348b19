"""Invitations: mailed, good for seven days, accepted on a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from contracts.exchange import Request
from mocks.sendgrid import invitations
from mocks.sendgrid.pages import pages
from tests.clocks import HeldClock
from tests.harness import Harness, value

TEAM = "/v3/teammates"
JANE = {"email": "jane@example.com", "scopes": ["mail.send"], "is_admin": False}
GONE = {"errors": [{"message": "invalid pending key", "field": "pending_key"}]}


async def invite(sendgrid: Harness, **changes: Any) -> Any:
    response = await sendgrid.call("POST", TEAM, json={**JANE, **changes})
    assert response.status == 201, response.body
    return value(response)


async def link(sendgrid: Harness) -> str:
    """The path of the page that the newest mail leads to."""
    mailbox = (await sendgrid.store()).mailbox
    newest = (await mailbox.mails())[0]
    text = (await mailbox.mail(newest["id"]))["text"]
    return "/" + urlsplit(text.split()[-1]).path.split("/", 4)[4]


async def test_who_is_invited_gets_a_mail_and_joins_by_it(sendgrid: Harness) -> None:
    made = await invite(sendgrid)
    assert made == {**JANE, "token": made["token"], "pending_id": made["token"]}
    [asked] = value(await sendgrid.call("GET", f"{TEAM}/pending"))["result"]
    assert asked == {**made, "expiration_date": asked["expiration_date"]}
    path = await link(sendgrid)
    shown = await sendgrid.visit("GET", path)
    assert b"jane@example.com" in shown.body
    form = {"username": "jane", "first_name": "Jane", "last_name": "Doe"}
    assert (await sendgrid.visit("POST", path, form=form)).status == 200
    found = value(await sendgrid.call("GET", f"{TEAM}/jane"))
    assert (found["email"], found["first_name"], found["scopes"]) == ("jane@example.com", "Jane", ["mail.send"])
    assert value(await sendgrid.call("GET", f"{TEAM}/pending")) == {"result": []}
    assert (await sendgrid.visit("GET", path)).status == 404
    assert (await sendgrid.visit("POST", path, form=form)).status == 404


async def test_a_taken_name_is_told_on_the_page(sendgrid: Harness) -> None:
    await invite(sendgrid)
    again = await sendgrid.visit("POST", await link(sendgrid), form={"username": "pr-1"})
    assert b"username exists" in again.body
    assert len(value(await sendgrid.call("GET", f"{TEAM}/pending"))["result"]) == 1


async def test_what_the_page_shows_is_inert(sendgrid: Harness) -> None:
    await invite(sendgrid, email='"<script>alert(1)</script>"@example.com')
    assert b"<script>" not in (await sendgrid.visit("GET", await link(sendgrid))).body


async def test_an_invitation_is_good_for_seven_days(sendgrid: Harness) -> None:
    assert isinstance(sendgrid.clock, HeldClock)
    token = (await invite(sendgrid))["token"]
    path = await link(sendgrid)
    sendgrid.clock.advance(timedelta(days=7).total_seconds())
    assert value(await sendgrid.call("GET", f"{TEAM}/pending")) == {"result": []}
    assert (await sendgrid.visit("GET", path)).status == 404
    again = value(await sendgrid.call("POST", f"{TEAM}/pending/{token}/resend"))
    assert again["token"] == token
    assert len(value(await sendgrid.call("GET", f"{TEAM}/pending"))["result"]) == 1
    assert (await sendgrid.visit("GET", path)).status == 200
    assert len(await (await sendgrid.store()).mailbox.mails()) == 2


async def test_it_can_be_withdrawn(sendgrid: Harness) -> None:
    token = (await invite(sendgrid))["token"]
    path = f"{TEAM}/pending/{token}"
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, where in (("DELETE", path), ("POST", f"{path}/resend")):
        response = await sendgrid.call(method, where)
        assert (response.status, value(response)) == (404, GONE)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "email"),
        ({"email": "JANE@EXAMPLE.com"}, "email"),
        ({"email": "pr-1@example.com"}, "email"),
        ({"email": "joan@example.com", "scopes": ["nothing"]}, "scopes"),
        ({"email": "joan"}, "email"),
    ],
)
async def test_who_cannot_be_invited(sendgrid: Harness, changes: dict[str, Any], field: str) -> None:
    await invite(sendgrid)
    response = await sendgrid.call("POST", TEAM, json={**JANE, **changes})
    assert (response.status, value(response)["errors"][0]["field"]) == (400, field)
    assert len(await (await sendgrid.store()).mailbox.mails()) == 1


async def test_an_admin_has_no_scopes_of_its_own(sendgrid: Harness) -> None:
    assert (await invite(sendgrid, is_admin=True))["scopes"] == []


async def test_there_is_an_end_to_them(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations.teammates, "MOST", 1)
    await invite(sendgrid)
    response = await sendgrid.call("POST", TEAM, json={**JANE, "email": "joan@example.com"})
    assert response.status == 403


def test_other_paths_are_no_page_of_it() -> None:
    assert invitations.page(Request(method="GET", path="/v3/teammates")) is None
    assert pages(Request(method="GET", path=f"{invitations.PREFIX}x")) is not None
