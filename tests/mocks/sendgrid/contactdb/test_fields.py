"""Custom fields of recipients are defined and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.contactdb import fields
from tests.harness import Harness
from tests.mocks.sendgrid.contactdb.rolls import asked, field


async def test_fields_live(sendgrid: Harness) -> None:
    pet, age = await field(sendgrid, "pet", "text"), await field(sendgrid, "age", "number")
    found = (await asked(sendgrid, "GET", "custom_fields"))["custom_fields"]
    assert found == [{"id": pet, "name": "pet", "type": "text"}, {"id": age, "name": "age", "type": "number"}]
    assert await asked(sendgrid, "GET", f"custom_fields/{pet}") == found[0]
    await asked(sendgrid, "DELETE", f"custom_fields/{pet}", 202)
    for method in ("GET", "DELETE"):
        await asked(sendgrid, method, f"custom_fields/{pet}", 404)
    await asked(sendgrid, "GET", "custom_fields/-1", 404)
    await asked(sendgrid, "GET", "custom_fields/pet", 400)
    reserved = (await asked(sendgrid, "GET", "reserved_fields"))["reserved_fields"]
    assert {"name": "created_at", "type": "date"} in reserved


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "text"},
        {"name": "pet"},
        {"name": "pet", "type": "beast"},
        {"name": "Email", "type": "text"},
        {"name": "AGE", "type": "text"},
    ],
)
async def test_what_no_field_is(sendgrid: Harness, sent: dict[str, Any]) -> None:
    await field(sendgrid, "age", "number")
    await asked(sendgrid, "POST", "custom_fields", 400, json=sent)


async def test_an_account_has_120_fields(sendgrid: Harness) -> None:
    for place in range(fields.MOST):
        await field(sendgrid, f"field_{place}", "text")
    await asked(sendgrid, "POST", "custom_fields", 400, json={"name": "more", "type": "text"})


def test_values_of_each_type() -> None:
    assert fields.fits("number", "5")
    assert fields.fits("date", "01/02/2015")
    assert not fields.fits("number", "many")
    assert not fields.fits("text", True)
