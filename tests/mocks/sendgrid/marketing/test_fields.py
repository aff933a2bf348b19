"""Custom fields are defined, renamed and deleted; reserved ones are there."""

from __future__ import annotations

import pytest

from mocks.sendgrid.marketing import fields
from tests.harness import Harness
from tests.mocks.sendgrid.marketing.crowd import asked, field


async def test_fields_are_listed(sendgrid: Harness) -> None:
    shoe, born = await field(sendgrid, "Shoe"), await field(sendgrid, "born", "Date")
    found = await asked(sendgrid, "GET", "field_definitions")
    assert [(each["id"], each["name"], each["field_type"]) for each in found["custom_fields"]] == [
        (shoe, "Shoe", "Text"),
        (born, "born", "Date"),
    ]
    assert (shoe, born) == ("e1_T", "e2_D")
    assert found["custom_fields"][0]["_metadata"]["self"].endswith(f"/field_definitions/{shoe}")
    assert found["reserved_fields"][0] == {"id": "_rf0_T", "name": "first_name", "field_type": "Text"}
    assert {"id": "_rf21_D", "name": "created_at", "field_type": "Date", "read_only": True} in found["reserved_fields"]


async def test_a_field_is_renamed_and_deleted(sendgrid: Harness) -> None:
    shoe = await field(sendgrid, "shoe")
    await field(sendgrid, "size")
    assert (await asked(sendgrid, "PATCH", f"field_definitions/{shoe}", json={"name": "Shoe"}))["name"] == "Shoe"
    await asked(sendgrid, "PATCH", f"field_definitions/{shoe}", 400, json={"name": "SIZE"})
    await asked(sendgrid, "DELETE", f"field_definitions/{shoe}", 204)
    await asked(sendgrid, "DELETE", f"field_definitions/{shoe}", 404)
    await asked(sendgrid, "PATCH", f"field_definitions/{shoe}", 404, json={"name": "x"})
    await asked(sendgrid, "DELETE", "field_definitions/_rf0_T", 404)
    assert await field(sendgrid, "shoe") != shoe


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "shoe"},
        {"field_type": "Text"},
        {"name": "", "field_type": "Text"},
        {"name": "x" * 101, "field_type": "Text"},
        {"name": "shoe", "field_type": "Truth"},
        {"name": "0shoe", "field_type": "Text"},
        {"name": "my shoe", "field_type": "Text"},
        {"name": "Email", "field_type": "Text"},
        {"name": "SIZE", "field_type": "Text"},
    ],
)
async def test_what_no_field_is(sendgrid: Harness, sent: dict[str, str]) -> None:
    await field(sendgrid, "size")
    await asked(sendgrid, "POST", "field_definitions", 400, json=sent)


async def test_an_account_has_120_fields(sendgrid: Harness) -> None:
    for place in range(fields.MOST):
        await field(sendgrid, f"field_{place}")
    await asked(sendgrid, "POST", "field_definitions", 400, json={"name": "one_more", "field_type": "Text"})


def test_values_of_each_type() -> None:
    text, number = {"id": "e1_T", "field_type": "Text"}, {"id": "e2_N", "field_type": "Number"}
    assert fields.fault_of(text, "x") is fields.fault_of(number, 1.5) is None
    for held, value in ((text, 5), (text, "x" * 1_001), (number, "5"), (number, True)):
        assert fields.fault_of(held, value)
