"""Alerts: made, changed, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value

ALERTS = "/v3/alerts"
USAGE = {"type": "usage_limit", "email_to": "a@example.com", "percentage": 90}
NOTICE = {"type": "stats_notification", "email_to": "a@example.com", "frequency": "daily"}


@pytest.mark.parametrize("sent", [USAGE, NOTICE])
async def test_an_alerts_life(sendgrid: Harness, sent: dict[str, Any]) -> None:
    response = await sendgrid.call("POST", ALERTS, json=sent)
    made = value(response)
    assert response.status == 201
    at = made["created_at"]
    assert made == {"id": 1, "created_at": at, "updated_at": at, **sent}
    assert value(await sendgrid.call("GET", ALERTS)) == [made]
    assert value(await sendgrid.call("GET", f"{ALERTS}/1")) == made
    changed = value(await sendgrid.call("PATCH", f"{ALERTS}/1", json={"email_to": "b@example.com"}))
    assert changed == {**made, "email_to": "b@example.com", "updated_at": changed["updated_at"]}
    assert (await sendgrid.call("DELETE", f"{ALERTS}/1")).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {})):
        assert (await sendgrid.call(method, f"{ALERTS}/1", json=body)).status == 404
    assert value(await sendgrid.call("GET", ALERTS)) == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({**USAGE, "type": "other"}, "type"),
        ({**USAGE, "email_to": None}, "email_to"),
        ({**USAGE, "email_to": "nobody"}, "email_to"),
        ({**USAGE, "percentage": 101}, "percentage"),
        ({**USAGE, "percentage": -1}, "percentage"),
        ({"type": "usage_limit", "email_to": "a@example.com"}, "percentage"),
        ({**NOTICE, "frequency": "yearly"}, "frequency"),
        ({"type": "stats_notification", "email_to": "a@example.com"}, "frequency"),
        (None, "type"),
    ],
)
async def test_what_cannot_be_an_alert(sendgrid: Harness, sent: dict[str, Any] | None, field: str) -> None:
    response = await sendgrid.call("POST", ALERTS, json=sent)
    assert (response.status, value(response)["errors"][0]["field"]) == (400, field)
    assert value(await sendgrid.call("GET", ALERTS)) == []


async def test_a_change_is_checked_too(sendgrid: Harness) -> None:
    await sendgrid.call("POST", ALERTS, json=USAGE)
    response = await sendgrid.call("PATCH", f"{ALERTS}/1", json={"percentage": 500})
    assert (response.status, value(response)["errors"][0]["field"]) == (400, "percentage")
    assert value(await sendgrid.call("GET", f"{ALERTS}/1"))["percentage"] == 90
