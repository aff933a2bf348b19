"""A single send that is complete, with those whom it is for."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness, value

SENDS = "/v3/marketing/singlesends"
HTML = "<p>{{insert first_name 'default=you'}} <a href='{{{unsubscribe}}}'>leave</a> {{Sender_City}}</p>"


async def sender(sendgrid: Harness) -> int:
    """A sender that is verified: its domain is authenticated."""
    domain = value(await sendgrid.call("POST", "/v3/whitelabel/domains", json={"domain": "shop.example"}))
    await sendgrid.call("POST", f"/v3/whitelabel/domains/{domain['id']}/validate")
    body = {
        "nickname": "Shop",
        "from": {"email": "news@shop.example", "name": "The Shop"},
        "reply_to": {"email": "help@shop.example"},
        "address": "1 Main Street",
        "city": "Rome",
        "country": "Italy",
    }
    return int(value(await sendgrid.call("POST", "/v3/senders", json=body))["id"])


async def group(sendgrid: Harness) -> int:
    body = {"name": "News", "description": "What is new"}
    return int(value(await sendgrid.call("POST", "/v3/asm/groups", json=body))["id"])


async def readers(sendgrid: Harness, *names: str) -> str:
    """A list with contacts of those first names."""
    list_id = str(value(await sendgrid.call("POST", "/v3/marketing/lists", json={"name": f"of {names}"}))["id"])
    contacts = [{"email": f"{name.lower()}@example.com", "first_name": name} for name in names]
    body = {"list_ids": [list_id], "contacts": contacts}
    assert (await sendgrid.call("PUT", "/v3/marketing/contacts", json=body)).status == 202
    return list_id


async def drafted(sendgrid: Harness, **members: Any) -> dict[str, Any]:
    """A draft; ``config`` are members of its email_config."""
    config = members.pop("config", {})
    body = {"name": "News", "email_config": config, **members}
    response = await sendgrid.call("POST", SENDS, json=body)
    assert response.status == 201, response.body
    return dict(value(response))


async def complete(sendgrid: Harness, *names: str, **config: Any) -> dict[str, Any]:
    """A draft that can be scheduled, to a list of contacts of those first names."""
    told = {
        "subject": "Hi {{first_name}}",
        "html_content": HTML,
        "sender_id": await sender(sendgrid),
        "suppression_group_id": await group(sendgrid),
        **config,
    }
    list_id = await readers(sendgrid, *names)
    return await drafted(sendgrid, config=told, send_to={"list_ids": [list_id]}, categories=["news"])
