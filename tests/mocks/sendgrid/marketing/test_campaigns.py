"""Single sends leave: at their time, to those whom they are for, in the words of a template."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.marketing import campaigns
from tests.clocks import HeldClock
from tests.harness import Harness, value
from tests.mocks.sendgrid.marketing.campaign import SENDS, complete, drafted, readers


async def arrived(sendgrid: Harness) -> list[dict[str, Any]]:
    store = await sendgrid.store()
    mails = [dict(mail) for mail in await store.mailbox.mails(limit=50)]
    return sorted(
        (mail for mail in mails if mail["sender"]["email"] == "news@shop.example"), key=lambda one: str(one["to"])
    )


async def test_now_is_when_it_wakes(sendgrid: Harness) -> None:
    single = await complete(sendgrid, "Ada", "Bea")
    await readers(sendgrid, "Carl")
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    await sendgrid.wake()
    ada, bea = await arrived(sendgrid)
    assert (ada["to"], ada["subject"]) == ([{"email": "ada@example.com", "name": "Ada"}], "Hi Ada")
    assert ada["html"].startswith("<p>Ada <a href='http")
    assert "/asm/unsubscribe?upn=" in ada["html"]
    assert ada["html"].rstrip().endswith("Rome</p>") or "Rome</p>" in ada["html"]
    assert (ada["reply_to"], ada["categories"]) == ([{"email": "help@shop.example"}], ["news"])
    assert ada["custom"]["custom_args"]["singlesend_id"] == single["id"]
    assert bea["subject"] == "Hi Bea"
    assert value(await sendgrid.call("GET", f"{SENDS}/{single['id']}"))["status"] == "triggered"
    for method, body in (("PATCH", {"name": "x"}), ("PUT", {"send_at": "now"})):
        path = f"{SENDS}/{single['id']}" + ("/schedule" if method == "PUT" else "")
        assert (await sendgrid.call(method, path, json=body)).status == 400


async def test_later_is_later(sendgrid: Harness) -> None:
    single = await complete(sendgrid, "Ada")
    assert isinstance(sendgrid.clock, HeldClock)
    at = sendgrid.clock.now().replace(microsecond=0)
    path = f"{SENDS}/{single['id']}"
    later = at.replace(year=at.year + 1).isoformat().replace("+00:00", "Z")
    await sendgrid.call("PUT", f"{path}/schedule", json={"send_at": later})
    sooner = at.replace(minute=(at.minute + 1) % 60, hour=(at.hour + 1) % 24, day=28, month=12)
    changed = await sendgrid.call("PATCH", path, json={"send_at": sooner.isoformat().replace("+00:00", "Z")})
    assert changed.status == 202
    await sendgrid.wake()
    assert await arrived(sendgrid) == []
    sendgrid.clock.advance((sooner - at).total_seconds() + 1)
    await sendgrid.wake()
    assert len(await arrived(sendgrid)) == 1


@pytest.mark.parametrize("way", ["schedule", "delete"])
async def test_what_is_taken_back_does_not_leave(sendgrid: Harness, way: str) -> None:
    single = await complete(sendgrid, "Ada")
    path = f"{SENDS}/{single['id']}"
    await sendgrid.call("PUT", f"{path}/schedule", json={"send_at": "now"})
    await sendgrid.call("DELETE", f"{path}/schedule" if way == "schedule" else path)
    await sendgrid.wake()
    assert await arrived(sendgrid) == []


async def test_many_are_written_to_some_at_a_time(sendgrid: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "EACH", 2)
    single = await complete(sendgrid, *(f"N{number}" for number in range(5)))
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    for _ in range(4):
        await sendgrid.wake()
    assert len(await arrived(sendgrid)) == 5


async def test_segments_and_everybody(sendgrid: Harness) -> None:
    single = await complete(sendgrid, "Ada", "Bea")
    await readers(sendgrid, "Carl")
    query = "SELECT contact_id, updated_at FROM contact_data WHERE first_name = 'Carl'"
    segment = value(await sendgrid.call("POST", "/v3/marketing/segments/2.0", json={"name": "s", "query_dsl": query}))
    for to, count in (({"segment_ids": [segment["id"]]}, 1), ({"all": True}, 3)):
        copy = value(await sendgrid.call("POST", f"{SENDS}/{single['id']}", json={}))
        body = {"send_to": {"list_ids": [], **to}}
        await sendgrid.call("PATCH", f"{SENDS}/{copy['id']}", json=body)
        before = len(await arrived(sendgrid))
        await sendgrid.call("PUT", f"{SENDS}/{copy['id']}/schedule", json={"send_at": "now"})
        await sendgrid.wake()
        assert len(await arrived(sendgrid)) - before == count


async def test_who_has_left_gets_nothing(sendgrid: Harness) -> None:
    single = await complete(sendgrid, "Ada", "Bea")
    group = single["email_config"]["suppression_group_id"]
    body = {"recipient_emails": ["ada@example.com"]}
    assert (await sendgrid.call("POST", f"/v3/asm/groups/{group}/suppressions", json=body)).status == 201
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    await sendgrid.wake()
    assert [mail["to"][0]["email"] for mail in await arrived(sendgrid)] == ["bea@example.com"]


async def test_a_way_out_of_the_sender_s_own(sendgrid: Harness) -> None:
    own = "https://shop.example/leave"
    single = await complete(sendgrid, "Ada", suppression_group_id=None, custom_unsubscribe_url=own)
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    await sendgrid.wake()
    (mail,) = await arrived(sendgrid)
    assert f"<a href='{own}'>" in mail["html"]


async def test_fields_of_the_account_s_own_are_values(sendgrid: Harness) -> None:
    field = {"name": "pet", "field_type": "Text"}
    made = value(await sendgrid.call("POST", "/v3/marketing/field_definitions", json=field))
    contact = {"email": "ada@example.com", "custom_fields": {made["id"]: "cat"}}
    await sendgrid.call("PUT", "/v3/marketing/contacts", json={"contacts": [contact]})
    single = await complete(sendgrid, "Ada", subject="{{pet}} {{Sender_Name}}")
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    await sendgrid.wake()
    assert [mail["subject"] for mail in await arrived(sendgrid)] == ["cat The Shop"]


async def test_nobody_is_written_to_without_a_sender(sendgrid: Harness) -> None:
    single = await complete(sendgrid, "Ada")
    await sendgrid.call("PUT", f"{SENDS}/{single['id']}/schedule", json={"send_at": "now"})
    await sendgrid.call("DELETE", f"/v3/senders/{single['email_config']['sender_id']}")
    await sendgrid.wake()
    assert await arrived(sendgrid) == []
    assert (await drafted(sendgrid))["status"] == "draft"
