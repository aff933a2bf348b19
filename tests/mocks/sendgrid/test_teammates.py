"""Teammates: the owner, those who joined, and those of an identity provider."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid import teammates
from mocks.sendgrid.scopes import FULL_ACCESS
from tests.harness import Harness, value

TEAM = "/v3/teammates"
SSO = "/v3/sso/teammates"
UNKNOWN = {"errors": [{"message": "username not found", "field": "username"}]}


async def join(sendgrid: Harness, email: str = "jane@example.com", **changes: Any) -> Any:
    sent = {"email": email, "first_name": "Jane", "last_name": "Doe", "scopes": ["mail.send"], **changes}
    response = await sendgrid.call("POST", SSO, json=sent)
    assert response.status == 201, response.body
    return value(response)


async def test_the_owner_is_there_from_the_beginning(sendgrid: Harness) -> None:
    [owner] = value(await sendgrid.call("GET", TEAM))["result"]
    assert (owner["username"], owner["user_type"], owner["is_admin"]) == ("pr-1", "owner", True)
    whole = value(await sendgrid.call("GET", f"{TEAM}/pr-1"))
    assert whole == {**owner, "scopes": list(FULL_ACCESS)}
    assert (await sendgrid.call("DELETE", f"{TEAM}/pr-1")).status == 403
    assert (await sendgrid.call("PATCH", f"{TEAM}/pr-1", json={"scopes": [], "is_admin": True})).status == 404


async def test_a_teammates_life(sendgrid: Harness) -> None:
    made = await join(sendgrid)
    assert made == {
        "username": "jane@example.com",
        "email": "jane@example.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "is_admin": False,
        "is_sso": True,
        "is_read_only": False,
    }
    path = f"{TEAM}/jane@example.com"
    found = value(await sendgrid.call("GET", path))
    assert (found["user_type"], found["scopes"]) == ("teammate", ["mail.send"])
    changed = value(await sendgrid.call("PATCH", path, json={"scopes": ["alerts.read"], "is_admin": False}))
    assert changed == {**found, "scopes": ["alerts.read"]}
    admin = value(await sendgrid.call("PATCH", path, json={"scopes": [], "is_admin": True}))
    assert (admin["user_type"], admin["scopes"]) == ("admin", list(FULL_ACCESS))
    named = value(await sendgrid.call("PATCH", f"{SSO}/jane@example.com", json={"first_name": "Joan"}))
    assert (named["first_name"], named["is_admin"], named["is_sso"]) == ("Joan", True, True)
    plain = value(await sendgrid.call("PATCH", f"{SSO}/jane@example.com", json={"scopes": ["mail.send"]}))
    assert plain["is_admin"] is False
    assert (await sendgrid.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"scopes": [], "is_admin": True})):
        gone = await sendgrid.call(method, path, json=body)
        assert (gone.status, value(gone)) == (404, UNKNOWN)


async def test_scopes_must_be_known(sendgrid: Harness) -> None:
    await join(sendgrid)
    path = f"{TEAM}/jane@example.com"
    response = await sendgrid.call("PATCH", path, json={"scopes": ["user.profile.edit"], "is_admin": False})
    wrong = {"errors": [{"message": "one or more of given scopes are invalid", "field": "scopes"}]}
    assert (response.status, value(response)) == (400, wrong)
    assert value(await sendgrid.call("GET", path))["scopes"] == ["mail.send"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "JANE@example.com"}, "email"),
        ({"email": "jane@example.com"}, "username"),
        ({"email": "pr-1@example.com"}, "email"),
        ({"email": "joan@example.com", "scopes": ["nothing"]}, "scopes"),
        ({"email": "not one"}, "email"),
    ],
)
async def test_who_cannot_join(sendgrid: Harness, changes: dict[str, Any], field: str) -> None:
    await join(sendgrid)
    sent = {"first_name": "J", "last_name": "D", "scopes": [], **changes}
    response = await sendgrid.call("POST", SSO, json=sent)
    assert (response.status, value(response)["errors"][0]["field"]) == (400, field)
    assert len(value(await sendgrid.call("GET", TEAM))["result"]) == 2


async def test_lists_are_paged_and_there_is_an_end_to_them(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        await join(sendgrid, f"{name}@example.com")
    page = value(await sendgrid.call("GET", TEAM, query={"limit": 1, "offset": 1}))["result"]
    assert [one["username"] for one in page] == ["a@example.com"]
    assert (await sendgrid.call("GET", TEAM, query={"limit": 501})).status == 400
    monkeypatch.setattr(teammates, "MOST", 2)
    sent = {"email": "c@example.com", "first_name": "", "last_name": "", "scopes": []}
    assert (await sendgrid.call("POST", SSO, json=sent)).status == 403
