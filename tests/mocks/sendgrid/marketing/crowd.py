"""Contacts and lists of an environment, made through the API."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness, value

MARKETING = "/v3/marketing"
CONTACTS = f"{MARKETING}/contacts"


async def asked(sendgrid: Harness, method: str, path: str, status: int = 200, **more: Any) -> Any:
    """What a call of Marketing Campaigns is answered, which has that status."""
    response = await sendgrid.call(method, f"{MARKETING}/{path}", **more)
    assert response.status == status, response.body
    return value(response) if response.body else None


async def put(sendgrid: Harness, *contacts: dict[str, Any], **more: Any) -> None:
    """Add contacts, or change them."""
    await asked(sendgrid, "PUT", "contacts", 202, json={"contacts": list(contacts), **more})


async def at(sendgrid: Harness, email: str) -> dict[str, Any]:
    """The contact at an address."""
    found = await asked(sendgrid, "POST", "contacts/search/emails", json={"emails": [email]})
    contact: dict[str, Any] = found["result"][email.lower()]["contact"]
    return contact


async def listed(sendgrid: Harness, name: str) -> str:
    """The id of a new list."""
    return str((await asked(sendgrid, "POST", "lists", json={"name": name}))["id"])


async def field(sendgrid: Harness, name: str, kind: str = "Text") -> str:
    """The id of a new custom field."""
    made = await asked(sendgrid, "POST", "field_definitions", json={"name": name, "field_type": kind})
    return str(made["id"])
