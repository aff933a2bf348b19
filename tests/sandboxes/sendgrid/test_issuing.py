"""Keys and subusers of an environment's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.exchange import Response
from sandboxes.base import Refused, Resource, Wish
from sandboxes.sendgrid.issuing import issue
from tests.sandboxes.sendgrid.calls import ACCOUNT, KEY, MARKER, OTHER, Scripted, reply

NAME = "pb-k3x9qa-8f3kd02ma1"


async def test_nothing_is_issued_unless_permissions_are_named() -> None:
    assert await issue(Wish(MARKER, "ledger"), ACCOUNT, Scripted()) is None


async def test_a_key_has_the_permissions_that_are_named() -> None:
    send = Scripted(reply(201, {"api_key": "SG.a.b", "api_key_id": "a", "name": "n", "scopes": ["mail.send"]}))
    issued = await issue(Wish(MARKER, "ledger", ["mail.send"]), ACCOUNT, send)
    assert issued is not None
    assert issued.secret is not None
    assert issued.secret.key == "SG.a.b"
    assert issued.resource == Resource("api_key", "a")
    assert issued.subaccount is None
    assert send.lines == ["POST /v3/api_keys"]
    assert send.body() == {"name": f"{NAME}-key", "scopes": ["mail.send"]}


async def test_a_hundred_keys_are_the_end() -> None:
    send = Scripted(reply(403, {"errors": [{"message": "cannot create more keys"}]}))
    with pytest.raises(Refused, match=r"cannot create more keys.*at most 100 keys") as refused:
        await issue(Wish(MARKER, "ledger", ["mail.send"]), ACCOUNT, send)
    assert refused.value.status == 403
    assert KEY not in str(refused.value)


async def test_an_answer_that_cannot_be_used_is_no_certain_refusal() -> None:
    with pytest.raises(Refused, match="cannot be used") as refused:
        await issue(Wish(MARKER, "ledger", ["mail.send"]), ACCOUNT, Scripted(Response(201, [], b"<html>")))
    assert refused.value.status == 201
    subuser = Wish(MARKER, "account")
    with pytest.raises(Refused, match="has none"):
        await issue(subuser, ACCOUNT, Scripted(Response(200, [], b"{}")))
    send = Scripted(reply(400, {"errors": [{"message": "taken"}]}), Response(200, [], b"{}"))
    with pytest.raises(Refused, match="taken"):
        await issue(subuser, replace(ACCOUNT, options={"ips": "192.0.2.1"}), send)


async def test_a_subuser_has_the_environments_name_and_an_address_of_the_account() -> None:
    send = Scripted(reply(200, [{"ip": "192.0.2.1"}]), reply(200, {"username": NAME}))
    issued = await issue(Wish(MARKER, "account"), ACCOUNT, send)
    assert issued is not None
    assert (issued.subaccount, issued.secret) == (NAME, None)
    assert issued.resource == Resource("subuser", NAME)
    assert send.lines == ["GET /v3/ips?limit=1", "POST /v3/subusers"]
    made = send.body()
    assert (made["username"], made["email"], made["ips"]) == (NAME, f"{NAME}@example.com", ["192.0.2.1"])


async def test_a_password_comes_from_the_accounts_secret_and_the_marker() -> None:
    passwords = []
    for account, marker in (
        (ACCOUNT, MARKER),
        (ACCOUNT, MARKER),
        (ACCOUNT, OTHER),
        (replace(ACCOUNT, secret=replace(ACCOUNT.secret, key="SG.other")), MARKER),
    ):
        send = Scripted(reply(200, {}))
        await issue(Wish(marker, "account"), replace(account, options={"ips": "192.0.2.1"}), send)
        passwords.append(send.body()["password"])
    assert passwords[0] == passwords[1]
    assert len(set(passwords)) == 3
    assert all(len(each) >= 16 and KEY not in each for each in passwords)


async def test_options_name_addresses() -> None:
    send = Scripted(reply(200, {}))
    options = {"ips": ["192.0.2.1", "192.0.2.2"], "subuser_email": "ops+{name}@example.org"}
    await issue(Wish(MARKER, "account"), replace(ACCOUNT, options=options), send)
    assert send.body()["ips"] == options["ips"]
    assert send.body()["email"] == f"ops+{NAME}@example.org"


async def test_a_subuser_whose_answer_was_lost_is_taken_again() -> None:
    account = replace(ACCOUNT, options={"ips": ["192.0.2.1"]})
    taken = reply(400, {"errors": [{"message": "username exists"}]})
    send = Scripted(taken, reply(200, [{"username": NAME}]))
    issued = await issue(Wish(MARKER, "account"), account, send)
    assert issued is not None
    assert issued.subaccount == NAME
    with pytest.raises(Refused, match="username exists"):
        await issue(Wish(MARKER, "account"), account, Scripted(taken, reply(200, [{"username": NAME + "x"}])))


async def test_an_account_without_addresses_is_told() -> None:
    with pytest.raises(Refused, match="IP address"):
        await issue(Wish(MARKER, "account"), ACCOUNT, Scripted(reply(200, [])))


async def test_permissions_and_a_subuser_exclude_another() -> None:
    with pytest.raises(Refused, match="exclude"):
        await issue(Wish(MARKER, "account", ["mail.send"]), ACCOUNT, Scripted())
