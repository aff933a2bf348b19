"""Tracking settings through the API."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.tracking_settings import SETTINGS
from tests.harness import Harness, value

PATH = "/v3/tracking_settings"


async def test_all_are_off_until_they_are_switched_on(sendgrid: Harness) -> None:
    listed = value(await sendgrid.call("GET", PATH))["result"]
    assert [(one["name"], one["enabled"]) for one in listed] == [(name, False) for name in SETTINGS]
    await sendgrid.call("PATCH", f"{PATH}/click", json={"enabled": True})
    listed = value(await sendgrid.call("GET", PATH))["result"]
    assert [one["name"] for one in listed if one["enabled"]] == ["click"]


@pytest.mark.parametrize(
    ("name", "change", "whole"),
    [
        ("click", {"enabled": True}, {"enabled": True, "enable_text": False}),
        ("open", {"enabled": True}, {"enabled": True}),
        (
            "google_analytics",
            {"utm_source": "shop"},
            {
                "enabled": False,
                "utm_source": "shop",
                "utm_medium": "",
                "utm_term": "",
                "utm_content": "",
                "utm_campaign": "",
            },
        ),
        (
            "subscription",
            {"enabled": True, "url": "https://example.com/left"},
            {
                "enabled": True,
                "html_content": "",
                "plain_content": "",
                "landing": "",
                "replace": "",
                "url": "https://example.com/left",
            },
        ),
    ],
)
async def test_a_change_keeps_what_it_does_not_name(
    sendgrid: Harness, name: str, change: dict[str, Any], whole: dict[str, Any]
) -> None:
    assert value(await sendgrid.call("PATCH", f"{PATH}/{name}", json=change)) == whole
    assert value(await sendgrid.call("GET", f"{PATH}/{name}")) == whole


async def test_an_address_that_is_none_is_refused(sendgrid: Harness) -> None:
    refused = await sendgrid.call("PATCH", f"{PATH}/subscription", json={"url": "mailto:a@example.com"})
    assert refused.status == 400
    assert "url" not in value(await sendgrid.call("GET", f"{PATH}/subscription"))
