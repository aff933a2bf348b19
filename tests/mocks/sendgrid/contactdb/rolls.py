"""Calls of the older contacts' API."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness, value

ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"


async def asked(sendgrid: Harness, method: str, path: str, status: int = 200, **more: Any) -> Any:
    """What a call is answered, which has that status."""
    response = await sendgrid.call(method, f"/v3/contactdb/{path}", **more)
    assert response.status == status, response.body
    return value(response) if response.body else None


async def added(sendgrid: Harness, *recipients: dict[str, Any]) -> Any:
    """Add recipients."""
    return await asked(sendgrid, "POST", "recipients", 201, json=list(recipients))


async def listed(sendgrid: Harness, name: str) -> int:
    """The id of a new list."""
    return int((await asked(sendgrid, "POST", "lists", 201, json={"name": name}))["id"])


async def field(sendgrid: Harness, name: str, kind: str) -> int:
    """The id of a new custom field."""
    return int((await asked(sendgrid, "POST", "custom_fields", 201, json={"name": name, "type": kind}))["id"])


def emails(answer: Any) -> list[str]:
    """Who an answer shows."""
    return [each["email"] for each in answer["recipients"]]
