"""A subuser's credits and its monitor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.test_subusers import subuser

CREDITS = "/v3/subusers/ada/credits"
MONITOR = "/v3/subusers/ada/monitor"
UNLIMITED = {"type": "unlimited", "reset_frequency": None, "remain": None, "total": None, "used": 0}


async def test_credits_are_unlimited_until_they_are_set(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    assert value(await sendgrid.call("GET", CREDITS)) == UNLIMITED
    adjusted = await sendgrid.call("PATCH", f"{CREDITS}/remaining", json={"allocation_update": 5})
    assert value(adjusted) == UNLIMITED
    recurring = {"type": "recurring", "reset_frequency": "monthly", "total": 100}
    found = {**recurring, "remain": 100, "used": 0}
    assert value(await sendgrid.call("PUT", CREDITS, json=recurring)) == found
    for change, remain in ((-30, 70), (5, 75), (-1000, 0)):
        changed = await sendgrid.call("PATCH", f"{CREDITS}/remaining", json={"allocation_update": change})
        assert value(changed)["remain"] == remain
    once = value(await sendgrid.call("PUT", CREDITS, json={"type": "nonrecurring", "total": 7}))
    assert once == {**UNLIMITED, "type": "nonrecurring", "remain": 7}
    assert value(await sendgrid.call("GET", CREDITS)) == once
    assert value(await sendgrid.call("PUT", CREDITS, json={"type": "unlimited"})) == UNLIMITED


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({}, "type", "Type should be set to 'recurring', 'nonrecurring', or 'unlimited'"),
        ({"type": "daily"}, "type", "Type should be set to 'recurring', 'nonrecurring', or 'unlimited'"),
        ({"type": "recurring", "total": 1}, "reset_frequency", None),
        ({"type": "recurring", "reset_frequency": "daily"}, "total", None),
        ({"type": "nonrecurring", "total": -1}, "total", None),
    ],
)
async def test_credits_that_cannot_be(sendgrid: Harness, sent: dict[str, Any], field: str, message: str | None) -> None:
    await subuser(sendgrid)
    response = await sendgrid.call("PUT", CREDITS, json=sent)
    assert response.status == 400
    [error] = value(response)["errors"]
    assert error["field"] == field
    assert message in (None, error["message"])
    assert value(await sendgrid.call("GET", CREDITS)) == UNLIMITED


async def test_nobody_has_neither(sendgrid: Harness) -> None:
    none = {"errors": [{"message": "No user found", "field": None}]}
    for method, path, body in (
        ("GET", CREDITS, None),
        ("PUT", CREDITS, {"type": "unlimited"}),
        ("PATCH", f"{CREDITS}/remaining", {"allocation_update": 1}),
        ("GET", MONITOR, None),
        ("POST", MONITOR, {"email": "a@example.com", "frequency": 1}),
    ):
        response = await sendgrid.call(method, path, json=body)
        assert (response.status, value(response)) == (400, none)


async def test_a_monitors_life(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    settings = {"email": "watch@example.com", "frequency": 500}
    none = {"errors": [{"message": "No monitor settings for this user", "field": None}]}
    for method in ("GET", "DELETE", "PUT"):
        response = await sendgrid.call(method, MONITOR, json=settings if method == "PUT" else None)
        assert (response.status, value(response)) == (404, none)
    assert value(await sendgrid.call("POST", MONITOR, json=settings)) == settings
    twice = await sendgrid.call("POST", MONITOR, json=settings)
    assert (twice.status, value(twice)["errors"][0]["message"]) == (400, "User already has a monitor")
    changed = {**settings, "frequency": 5}
    assert value(await sendgrid.call("PUT", MONITOR, json=changed)) == changed
    assert value(await sendgrid.call("GET", MONITOR)) == changed
    for wrong, field in (({"frequency": 5}, "email"), ({"email": "a@example.com"}, "frequency")):
        response = await sendgrid.call("PUT", MONITOR, json=wrong)
        assert (response.status, value(response)["errors"][0]["field"]) == (400, field)
    assert (await sendgrid.call("DELETE", MONITOR)).status == 204
    assert (await sendgrid.call("GET", MONITOR)).status == 404
