"""The account itself: its profile, names, credits and TLS; a subuser's are its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.test_subusers import behalf, subuser

USER = "/v3/user"


async def get(sendgrid: Harness, name: str, **options: Any) -> Any:
    response = await sendgrid.call("GET", f"{USER}/{name}", **options)
    assert response.status == 200
    return value(response)


async def test_an_account_is_paid_and_of_good_repute(sendgrid: Harness) -> None:
    assert await get(sendgrid, "account") == {"type": "paid", "reputation": 100}


async def test_credits_are_used_by_mails(sendgrid: Harness, message: Callable[..., dict[str, Any]]) -> None:
    assert (await sendgrid.call("POST", "/v3/mail/send", json=message())).status == 202
    found = await get(sendgrid, "credits")
    assert (found["total"], found["used"], found["remain"], found["overage"]) == (100_000, 1, 99_999, 0)
    assert found["reset_frequency"] == "monthly"
    assert found["last_reset"].endswith("-01")
    assert found["next_reset"] > found["last_reset"]


async def test_a_subusers_credits_are_what_its_parent_set(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    assert (await get(sendgrid, "credits", headers=behalf("ada")))["total"] == 100_000
    sent = {"type": "recurring", "reset_frequency": "daily", "total": 5}
    await sendgrid.call("PUT", "/v3/subusers/ada/credits", json=sent)
    found = await get(sendgrid, "credits", headers=behalf("ada"))
    assert (found["total"], found["remain"], found["reset_frequency"]) == (5, 5, "daily")


async def test_a_profile_is_empty_until_it_is_told(sendgrid: Harness) -> None:
    empty = await get(sendgrid, "profile")
    assert set(empty.values()) == {""}
    changed = await sendgrid.call("PATCH", f"{USER}/profile", json={"first_name": "Ada", "unknown": "x"})
    assert value(changed) == {**empty, "first_name": "Ada"}
    assert await get(sendgrid, "profile") == {**empty, "first_name": "Ada"}
    for nothing in ({}, {"unknown": "x"}, None):
        assert (await sendgrid.call("PATCH", f"{USER}/profile", json=nothing)).status == 400
    assert (await sendgrid.call("PATCH", f"{USER}/profile", json={"city": 5})).status == 400


async def test_names_and_addresses_change(sendgrid: Harness) -> None:
    assert await get(sendgrid, "username") == {"username": "pr-1", "user_id": 1}
    assert value(await sendgrid.call("PUT", f"{USER}/username", json={"username": "shop"})) == {"username": "shop"}
    assert (await get(sendgrid, "username"))["username"] == "shop"
    assert value(await sendgrid.call("PUT", f"{USER}/email", json={"email": "a@b.com"})) == {"email": "a@b.com"}
    assert await get(sendgrid, "email") == {"email": "a@b.com"}
    await subuser(sendgrid)
    for path, body in (
        ("username", {"username": "ada"}),
        ("username", {"username": "a/b"}),
        ("username", {}),
        ("email", {"email": "nobody"}),
        ("email", None),
    ):
        response = await sendgrid.call("PUT", f"{USER}/{path}", json=body)
        assert (response.status, value(response)["errors"][0]["field"]) == (400, path)


async def test_a_subuser_is_who_its_parent_made_it(sendgrid: Harness) -> None:
    made = await subuser(sendgrid)
    assert await get(sendgrid, "username", headers=behalf("ada")) == {"username": "ada", "user_id": made["user_id"]}
    assert await get(sendgrid, "email", headers=behalf("ada")) == {"email": "ada@example.com"}
    await sendgrid.call("PUT", f"{USER}/email", json={"email": "new@example.com"}, headers=behalf("ada"))
    assert await get(sendgrid, "email", headers=behalf("ada")) == {"email": "new@example.com"}
    assert value(await sendgrid.call("GET", "/v3/subusers"))[0]["email"] == "new@example.com"
    assert await get(sendgrid, "email") == {"email": "pr-1@example.com"}
    renamed = await sendgrid.call("PUT", f"{USER}/username", json={"username": "bea"}, headers=behalf("ada"))
    assert renamed.status == 403


async def test_a_password_is_changed_by_whoever_knows_it(sendgrid: Harness) -> None:
    for old, new, status in (("any", "first", 200), ("wrong", "x", 400), ("first", "", 400), ("first", "next", 200)):
        response = await sendgrid.call("PUT", f"{USER}/password", json={"old_password": old, "new_password": new})
        assert response.status == status
    missing = await sendgrid.call("PUT", f"{USER}/password", json={"new_password": "x"})
    assert value(missing)["errors"] == [{"message": "old_password is required", "field": "old_password"}]


@pytest.mark.parametrize("name", ["require_tls", "require_valid_cert"])
async def test_tls_is_insisted_on_where_it_is_set(sendgrid: Harness, name: str) -> None:
    usual = {"require_tls": False, "require_valid_cert": False}
    path = f"{USER}/settings/enforced_tls"
    assert value(await sendgrid.call("GET", path)) == usual
    assert value(await sendgrid.call("PATCH", path, json={name: True})) == {**usual, name: True}
    assert value(await sendgrid.call("GET", path)) == {**usual, name: True}
    assert (await sendgrid.call("PATCH", path, json={name: "yes"})).status == 400
