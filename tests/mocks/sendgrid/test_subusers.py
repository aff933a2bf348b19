"""Subusers: made, listed, disabled, deleted; their keys and what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mocks.sendgrid import accounts, subusers
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_api_keys import make

SUBUSERS = "/v3/subusers"
KEYS = "/v3/api_keys"


async def subuser(sendgrid: Harness, name: str = "ada", **changes: Any) -> Any:
    sent = {"username": name, "email": f"{name}@example.com", "password": "a long password", "ips": ["1.1.1.1"]}
    response = await sendgrid.call("POST", SUBUSERS, json={**sent, **changes})
    assert response.status == 200, response.body
    return value(response)


def behalf(name: str) -> dict[str, str]:
    return {"on-behalf-of": name}


async def names(sendgrid: Harness, **query: Any) -> list[str]:
    return [one["username"] for one in value(await sendgrid.call("GET", SUBUSERS, query=query))]


async def test_a_subuser_is_made_and_listed(sendgrid: Harness) -> None:
    made = await subuser(sendgrid)
    assert made == {
        "username": "ada",
        "user_id": made["user_id"],
        "email": "ada@example.com",
        "credit_allocation": {"type": "unlimited"},
    }
    await subuser(sendgrid, "bea", region="eu", include_region=True)
    found = value(await sendgrid.call("GET", SUBUSERS))
    assert found[0] == {"id": made["user_id"], "username": "ada", "email": "ada@example.com", "disabled": False}
    assert [one["username"] for one in found] == ["ada", "bea"]
    assert found[1]["id"] == made["user_id"] + 1


async def test_lists_are_filtered_and_paged(sendgrid: Harness) -> None:
    for name in ("ada", "bea", "cyd"):
        await subuser(sendgrid, name, region="eu" if name == "bea" else "global")
    assert await names(sendgrid, username="bea") == ["bea"]
    assert await names(sendgrid, username="nobody") == []
    assert await names(sendgrid, limit=1, offset=1) == ["bea"]
    assert await names(sendgrid, limit=0) == []
    assert await names(sendgrid, region="global") == ["ada", "cyd"]
    shown = value(await sendgrid.call("GET", SUBUSERS, query={"region": "eu", "include_region": "true"}))
    assert [(one["username"], one["region"]) for one in shown] == [("bea", "eu")]
    for wrong in ({"limit": -1}, {"offset": -1}, {"region": "moon"}):
        assert (await sendgrid.call("GET", SUBUSERS, query=wrong)).status == 400


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"username": "ada"}, "username exists"),
        ({"username": "pr-1"}, "username exists"),
        ({"username": "a/b"}, "invalid username"),
        ({"username": ""}, "invalid username"),
        ({"username": "a~2"}, "invalid username"),
        ({"password": ""}, "password is required"),
        ({"email": "nobody"}, None),
        ({"ips": ["not an address"]}, None),
        ({"region": "moon"}, None),
    ],
)
async def test_what_cannot_be_a_subuser(sendgrid: Harness, changes: dict[str, Any], message: str | None) -> None:
    await subuser(sendgrid)
    sent = {"username": "bea", "email": "b@example.com", "password": "p", "ips": []}
    response = await sendgrid.call("POST", SUBUSERS, json={**sent, **changes})
    assert response.status == 400
    if message is not None:
        assert value(response)["errors"][0]["message"] == message
    assert await names(sendgrid) == ["ada"]
    assert (await sendgrid.call("POST", SUBUSERS)).status == 400


async def test_a_key_of_a_subuser_acts_for_it_alone(sendgrid: Harness, message: Callable[..., dict[str, Any]]) -> None:
    await subuser(sendgrid)
    made = value(await sendgrid.call("POST", KEYS, json={"name": "theirs"}, headers=behalf("ada")))
    key = made["api_key"]
    assert not [scope for scope in made["scopes"] if scope.startswith(("subusers.", "teammates."))]
    assert [one["name"] for one in value(await sendgrid.call("GET", KEYS, key=key))["result"]] == ["theirs"]
    assert value(await sendgrid.call("GET", KEYS))["result"] == []
    ours = await make(sendgrid)
    assert (await sendgrid.call("GET", f"{KEYS}/{ours['api_key_id']}", key=key)).status == 404
    assert (await sendgrid.call("GET", SUBUSERS, key=key)).status == 403
    assert (await sendgrid.call("POST", "/v3/mail/send", json=message(), key=key)).status == 202
    # The header takes the parent's key.
    assert (await sendgrid.call("GET", KEYS, key=key, headers=behalf("ada"))).status == 403


async def test_the_header_needs_the_scope_all_the_same(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    key = (await make(sendgrid, scopes=["alerts.read"]))["api_key"]
    assert (await sendgrid.call("GET", "/v3/alerts", key=key, headers=behalf("ada"))).status == 200
    assert (await sendgrid.call("GET", KEYS, key=key, headers=behalf("ada"))).status == 403


async def test_a_subuser_has_no_subusers(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    for method, body in (("GET", None), ("POST", {"username": "x", "email": "x@x.com", "password": "x", "ips": []})):
        response = await sendgrid.call(method, SUBUSERS, json=body, headers=behalf("ada"))
        assert response.status == 403
        assert value(response) == {"errors": [{"message": "you dont have permission to access this resource"}]}
    refused = await sendgrid.call("POST", KEYS, json={"name": "k", "scopes": ["subusers.read"]}, headers=behalf("ada"))
    assert refused.status == 400


async def test_a_disabled_subuser_may_do_nothing(sendgrid: Harness, message: Callable[..., dict[str, Any]]) -> None:
    await subuser(sendgrid)
    key = value(await sendgrid.call("POST", KEYS, json={"name": "k"}, headers=behalf("ada")))["api_key"]
    assert (await sendgrid.call("PATCH", f"{SUBUSERS}/ada", json={"disabled": True})).status == 204
    assert value(await sendgrid.call("GET", SUBUSERS))[0]["disabled"] is True
    assert (await sendgrid.call("POST", "/v3/mail/send", json=message(), key=key)).status == 403
    assert (await sendgrid.call("GET", "/v3/scopes", key=key)).status == 403
    assert (await sendgrid.call("GET", KEYS, headers=behalf("ada"))).status == 403
    assert (await sendgrid.call("PATCH", f"{SUBUSERS}/ada", json={"disabled": False})).status == 204
    assert (await sendgrid.call("POST", "/v3/mail/send", json=message(), key=key)).status == 202


async def test_who_takes_a_name_again_starts_anew(sendgrid: Harness) -> None:
    first = await subuser(sendgrid)
    key = value(await sendgrid.call("POST", KEYS, json={"name": "k"}, headers=behalf("ada")))["api_key"]
    assert (await sendgrid.call("DELETE", f"{SUBUSERS}/ada")).status == 204
    assert await names(sendgrid) == []
    with pytest.raises(AssertionError, match="no such key"):
        await sendgrid.grant(key)
    assert (await sendgrid.call("DELETE", f"{SUBUSERS}/ada")).status == 404
    again = await subuser(sendgrid)
    assert again["user_id"] != first["user_id"]
    assert value(await sendgrid.call("GET", KEYS, headers=behalf("ada"))) == {"result": []}
    state = (await sendgrid.store()).begin("sendgrid")
    assert await accounts.holder(state, "ada") is None
    found = await accounts.holder(state, "ada~2")
    assert found is not None
    assert subusers.shown(found)["id"] == again["user_id"]
    await state.rollback()


async def test_what_is_asked_of_nobody(sendgrid: Harness) -> None:
    invalid = await sendgrid.call("PATCH", f"{SUBUSERS}/nobody", json={"disabled": True})
    assert (invalid.status, value(invalid)) == (400, {"errors": [{"message": "invalid username"}]})
    await subuser(sendgrid)
    empty = await sendgrid.call("PATCH", f"{SUBUSERS}/ada", json={})
    assert (empty.status, value(empty)) == (400, {"errors": [{"message": "no fields provided"}]})
    assert (await sendgrid.call("PATCH", f"{SUBUSERS}/ada/website_access", json={"disabled": True})).status == 204
    assert (await sendgrid.call("PATCH", f"{SUBUSERS}/nobody/website_access", json={})).status == 400
    assert (await sendgrid.call("PUT", f"{SUBUSERS}/nobody/ips", json=["1.1.1.1"])).status == 400


async def test_addresses_and_reputations(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    await subuser(sendgrid, "bea")
    put = await sendgrid.call("PUT", f"{SUBUSERS}/ada/ips", json=["127.0.0.1", "127.0.0.2"])
    assert value(put) == {"ips": ["127.0.0.1", "127.0.0.2"]}
    one = {"username": "ada", "reputation": 100}
    assert value(await sendgrid.call("GET", f"{SUBUSERS}/reputations", query={"usernames": ["ada", "x"]})) == [one]
    assert len(value(await sendgrid.call("GET", f"{SUBUSERS}/reputations"))) == 2


async def test_a_policy_can_take_anybody_for_a_subuser(sendgrid: Harness, tmp_path: Path) -> None:
    options = {"services": {"sendgrid": {"options": {"subusers": "any"}}}}
    harness = Harness(sendgrid.service, tmp_path / "any", policy=options, strict_errors=False)
    made = await harness.call("POST", KEYS, json={"name": "theirs"}, headers=behalf("ada"))
    assert made.status == 201
    assert await names(harness) == ["ada"]
    key = value(made)["api_key"]
    # A key of a subuser makes nobody.
    assert (await harness.call("GET", KEYS, key=key, headers=behalf("bea"))).status == 403
    assert (await harness.call("GET", KEYS, headers=behalf("a/b"))).status == 403
    assert await names(harness) == ["ada"]
    await harness.close()


async def test_a_mail_says_whose_it_is(sendgrid: Harness, message: Callable[..., dict[str, Any]]) -> None:
    await subuser(sendgrid)
    await sendgrid.call("DELETE", f"{SUBUSERS}/ada")
    await subuser(sendgrid)
    key = value(await sendgrid.call("POST", KEYS, json={"name": "k"}, headers=behalf("ada")))["api_key"]
    assert (await sendgrid.call("POST", "/v3/mail/send", json=message(), key=key)).status == 202
    mailbox = (await sendgrid.store()).mailbox
    [listed] = await mailbox.mails()
    assert (await mailbox.mail(listed["id"]))["custom"]["subuser"] == "ada"
