"""People leave everything, or one group, and come back."""

from __future__ import annotations

from tests.harness import Harness, value
from tests.mocks.sendgrid.test_groups import GROUPS, made

GLOBAL = "/v3/asm/suppressions/global"


async def test_leaving_everything(sendgrid: Harness) -> None:
    sent = {"recipient_emails": ["Ada@example.com", "bob@example.com", "bob@example.com"]}
    response = await sendgrid.call("POST", GLOBAL, json=sent)
    assert response.status == 201
    assert value(response) == {"recipient_emails": ["Ada@example.com", "bob@example.com"]}
    assert value(await sendgrid.call("GET", f"{GLOBAL}/ada@example.com")) == {"recipient_email": "Ada@example.com"}
    shown = value(await sendgrid.call("GET", "/v3/suppression/unsubscribes"))
    assert [entry["email"] for entry in shown] == ["bob@example.com", "Ada@example.com"]
    for _ in range(2):
        assert (await sendgrid.call("DELETE", f"{GLOBAL}/ada@example.com")).status == 204
    assert value(await sendgrid.call("GET", f"{GLOBAL}/ada@example.com")) == {}


async def test_what_is_no_list_of_addresses_is_refused(sendgrid: Harness) -> None:
    for sent in ({}, {"recipient_emails": "ada@example.com"}, {"recipient_emails": ["no address"]}):
        assert (await sendgrid.call("POST", GLOBAL, json=sent)).status == 400
    assert value(await sendgrid.call("GET", "/v3/suppression/unsubscribes")) == []


async def test_leaving_a_group(sendgrid: Harness) -> None:
    group, other = await made(sendgrid, "News"), await made(sendgrid, "Offers", is_default=True)
    path = f"{GROUPS}/{group['id']}/suppressions"
    sent = {"recipient_emails": ["ada@example.com", "bob@example.com"]}
    response = await sendgrid.call("POST", path, json=sent)
    assert (response.status, value(response)) == (201, sent)
    assert value(await sendgrid.call("GET", path)) == sent["recipient_emails"]
    asked = {"recipient_emails": ["eve@example.com", "Bob@example.com"]}
    assert value(await sendgrid.call("POST", f"{path}/search", json=asked)) == ["Bob@example.com"]
    now = int(sendgrid.clock.now().timestamp())
    everyone = value(await sendgrid.call("GET", "/v3/asm/suppressions"))
    assert everyone[0] == {
        "email": "ada@example.com",
        "group_id": group["id"],
        "group_name": "News",
        "created_at": now,
    }
    of_ada = value(await sendgrid.call("GET", "/v3/asm/suppressions/ada@example.com"))["suppressions"]
    assert {one["id"]: (one["suppressed"], one["is_default"]) for one in of_ada} == {
        group["id"]: (True, False),
        other["id"]: (False, True),
    }
    for _ in range(2):
        assert (await sendgrid.call("DELETE", f"{path}/ada@example.com")).status == 204
    assert value(await sendgrid.call("GET", path)) == ["bob@example.com"]


async def test_who_leaves_a_group_that_is_not_there_leaves_everything(sendgrid: Harness) -> None:
    path = f"{GROUPS}/1/suppressions"
    assert (await sendgrid.call("POST", path, json={"recipient_emails": ["ada@example.com"]})).status == 201
    assert value(await sendgrid.call("GET", f"{GLOBAL}/ada@example.com")) == {"recipient_email": "ada@example.com"}
    for method, place in (("GET", path), ("DELETE", f"{path}/ada@example.com")):
        assert (await sendgrid.call(method, place)).status == 404
