"""Mail settings through the API."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.mail_settings import SETTINGS
from tests.harness import Harness, value

PATH = "/v3/mail_settings"


async def test_all_settings_are_listed_with_whether_they_are_on(sendgrid: Harness) -> None:
    await sendgrid.call("PATCH", f"{PATH}/footer", json={"enabled": True})
    listed = value(await sendgrid.call("GET", PATH))["result"]
    assert [one["name"] for one in listed] == list(SETTINGS)
    assert [one["name"] for one in listed if one["enabled"]] == ["footer"]
    assert all(one["title"] and one["description"] for one in listed)
    some = value(await sendgrid.call("GET", PATH, query={"limit": 2, "offset": 1}))
    assert [one["name"] for one in some["result"]] == list(SETTINGS)[1:3]


@pytest.mark.parametrize(
    ("name", "change", "whole"),
    [
        (
            "address_whitelist",
            {"enabled": True, "list": ["example.com", "ada@example.org"]},
            {"enabled": True, "list": ["example.com", "ada@example.org"]},
        ),
        ("bounce_purge", {"hard_bounces": 5}, {"enabled": False, "hard_bounces": 5, "soft_bounces": None}),
        ("footer", {"html_content": "<p>F</p>"}, {"enabled": False, "html_content": "<p>F</p>", "plain_content": ""}),
        ("forward_bounce", {"email": "a@example.com"}, {"enabled": False, "email": "a@example.com"}),
        ("forward_spam", {"enabled": True}, {"enabled": True, "email": ""}),
        ("template", {"html_content": "<b><% body %></b>"}, {"enabled": False, "html_content": "<b><% body %></b>"}),
    ],
)
async def test_a_change_keeps_what_it_does_not_name(
    sendgrid: Harness, name: str, change: dict[str, Any], whole: dict[str, Any]
) -> None:
    changed = await sendgrid.call("PATCH", f"{PATH}/{name}", json={**change, "unknown": 1})
    assert value(changed) == whole
    assert value(await sendgrid.call("PATCH", f"{PATH}/{name}", json={})) == whole
    assert value(await sendgrid.call("GET", f"{PATH}/{name}")) == whole


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("address_whitelist", {"list": ["a b"]}, "list.0"),
        ("bounce_purge", {"soft_bounces": -1}, "soft_bounces"),
        ("forward_bounce", {"email": "nobody"}, "email"),
        ("forward_spam", {"email": "nobody"}, "email"),
        ("template", {"html_content": "<b></b>"}, "html_content"),
        ("footer", {"enabled": "yes"}, "enabled"),
    ],
)
async def test_what_cannot_be_is_refused(sendgrid: Harness, name: str, change: dict[str, Any], field: str) -> None:
    refused = await sendgrid.call("PATCH", f"{PATH}/{name}", json=change)
    assert refused.status == 400
    assert [fault["field"] for fault in value(refused)["errors"]] == [field]
    listed = value(await sendgrid.call("GET", PATH))["result"]
    assert not any(one["enabled"] for one in listed)
