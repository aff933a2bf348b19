"""The page behind the link of a verification mail."""

from __future__ import annotations

from contracts.exchange import Request
from mocks.sendgrid.sender_pages import page
from tests.harness import Harness, value
from tests.mocks.sendgrid.mails import newest_mail


async def test_opening_the_link_verifies_the_sender(sendgrid: Harness) -> None:
    body = {"nickname": "<b>", "from_email": "orders@example.com", "reply_to": "orders@example.com"}
    await sendgrid.call("POST", "/v3/verified_senders", json=body)
    path, _, query = (await newest_mail(sendgrid))["text"].partition("/verify_sender")[2].strip().rpartition("?")
    shown = await sendgrid.visit("GET", f"/verify_sender{path}", query=query)
    assert shown.status == 200
    assert b"orders@example.com is a verified sender now." in shown.body
    assert value(await sendgrid.call("GET", "/v3/verified_senders"))["results"][0]["verified"] is True


async def test_an_unknown_link_verifies_nobody(sendgrid: Harness) -> None:
    shown = await sendgrid.visit("GET", "/verify_sender", query="token=<script>")
    assert shown.status == 404
    assert b"script" not in shown.body


def test_other_requests_are_for_no_page() -> None:
    assert page(Request(method="GET", path="/v3/senders")) is None
    assert page(Request(method="POST", path="/verify_sender")) is None
