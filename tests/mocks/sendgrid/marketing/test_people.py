"""Contacts are found by what they are stored with."""

from __future__ import annotations

from mocks.sendgrid.marketing import people
from tests.harness import Harness
from tests.mocks.sendgrid.audience import calling


async def test_contacts_are_found(sendgrid: Harness) -> None:
    base = {"custom_fields": {}, "created": 1, "updated": 1}
    async with calling(sendgrid) as call:
        for place in range(501):
            lists = ["even"] if place % 2 == 0 else []
            contact = {**base, "id": f"c{place}", "email": f"u{place}@example.com", "list_ids": lists}
            await people.store(call.state, {**contact, "alternate_emails": [f"A{place}@example.com"]})
        assert await people.count(call.state) == 501
        assert await people.count(call.state, "even") == 251
        assert len([contact async for contact in people.every(call.state, "even")]) == 251
        assert [contact["id"] async for contact in people.every(call.state)][500] == "c500"
        found = await people.at(call.state, "a7@EXAMPLE.com")
        assert found is not None
        assert found["id"] == "c7"
        assert await people.at(call.state, "nobody@example.com") is None
        assert people.addresses(found) == ["u7@example.com", "a7@example.com"]
        moved = {**found, "email": "new@example.com", "alternate_emails": []}
        await people.store(call.state, moved)
        assert await people.at(call.state, "u7@example.com") is None
        assert len(await people.newest(call.state)) == people.SAMPLE
