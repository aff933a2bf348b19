"""Mails that show a template with its test data."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness
from tests.mocks.sendgrid.marketing.campaign import group, sender
from tests.mocks.sendgrid.test_templates import made, version

PREVIEW = "/v3/marketing/test/send_email"
TO = ["ada@example.com", "bea@example.com"]


async def mails(sendgrid: Harness) -> list[dict[str, Any]]:
    store = await sendgrid.store()
    return [dict(mail) for mail in await store.mailbox.mails(limit=50)]


async def test_the_active_version_goes_to_each_address(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    await version(sendgrid, template, test_data='{"name": "Ada"}')
    body = {"template_id": template, "emails": TO, "from_address": "shop@example.com"}
    assert (await sendgrid.call("POST", PREVIEW, json=body)).status == 202
    found = await mails(sendgrid)
    assert {mail["to"][0]["email"] for mail in found} == set(TO)
    assert {mail["subject"] for mail in found} == {"Hi Ada"}
    assert {mail["sender"]["email"] for mail in found} == {"shop@example.com"}


async def test_another_version_from_a_sender_to_a_group(sendgrid: Harness) -> None:
    template = (await made(sendgrid))["id"]
    await version(sendgrid, template)
    two = await version(sendgrid, template, subject="two", html_content="<p>{{{unsubscribe}}}</p>")
    body = {
        "template_id": template,
        "version_id_override": two["id"],
        "emails": TO[:1],
        "sender_id": await sender(sendgrid),
        "suppression_group_id": await group(sendgrid),
    }
    assert (await sendgrid.call("POST", PREVIEW, json=body)).status == 202
    (mail,) = (mail for mail in await mails(sendgrid) if mail["subject"] == "two")
    assert mail["sender"] == {"email": "news@shop.example", "name": "The Shop"}
    assert "/asm/unsubscribe?upn=" in mail["html"]
    own = {**body, "custom_unsubscribe_url": "https://shop.example/leave"}
    del own["suppression_group_id"]
    await sendgrid.call("POST", PREVIEW, json=own)
    assert any("https://shop.example/leave" in (mail["html"] or "") for mail in await mails(sendgrid))


@pytest.mark.parametrize(
    "changes",
    [
        {"template_id": "d-" + "0" * 32},
        {"template_id": "legacy"},
        {"version_id_override": "00000000-0000-4000-a000-000000000000"},
        {"emails": []},
        {"emails": [f"n{number}@example.com" for number in range(11)]},
        {"emails": ["nobody"]},
        {"from_address": None},
        {"from_address": None, "sender_id": 5},
    ],
)
async def test_what_cannot_be_shown(sendgrid: Harness, changes: dict[str, Any]) -> None:
    template = (await made(sendgrid))["id"]
    await version(sendgrid, template)
    body = {"template_id": template, "emails": TO, "from_address": "shop@example.com", **changes}
    sent = {name: given for name, given in body.items() if given is not None}
    assert (await sendgrid.call("POST", PREVIEW, json=sent)).status == 400
    assert await mails(sendgrid) == []
