"""Tax ids: https://docs.stripe.com/api/tax_ids."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe


async def test_tax_ids_of_a_customer(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/tax_ids"
    made = await stripe.post(path, type="eu_vat", value="DE123456789")
    assert (made["country"], made["verification"]["status"]) == ("DE", "pending")
    assert made["owner"]["customer"] == customer["id"]
    assert [each["id"] for each in (await stripe.get(path))["data"]] == [made["id"]]
    assert (await stripe.get(f"{path}/{made['id']}"))["value"] == "DE123456789"
    assert (await stripe.delete(f"{path}/{made['id']}"))["deleted"] is True
    await stripe.get(f"{path}/{made['id']}", expect=404)
    assert await stripe.event_types() == ["customer.created", "customer.tax_id.created", "customer.tax_id.deleted"]


@pytest.mark.parametrize(
    ("value", "status"), [("000000000", "verified"), ("111111111", "unverified"), ("222222222", "pending")]
)
async def test_magic_values_are_verified_after_the_call(stripe: Stripe, value: str, status: str) -> None:
    customer = await stripe.customer()
    made = await stripe.post(
        "tax_ids", type="eu_vat", value=value, owner={"type": "customer", "customer": customer["id"]}
    )
    assert made["verification"]["status"] == "pending"
    assert (await stripe.get(f"tax_ids/{made['id']}"))["verification"]["status"] == status
    assert ("customer.tax_id.updated" in await stripe.event_types()) is (status != "pending")


async def test_tax_ids_of_the_account(stripe: Stripe) -> None:
    made = await stripe.post("tax_ids", type="us_ein", value="12-3456789")
    assert (made["owner"]["type"], made["customer"], made["country"]) == ("self", None, "US")
    assert made["verification"]["status"] == "unavailable"
    assert [each["id"] for each in (await stripe.get("tax_ids"))["data"]] == [made["id"]]
    await stripe.delete(f"tax_ids/{made['id']}")
    assert (await stripe.get("tax_ids"))["data"] == []
    assert await stripe.event_types() == []


@pytest.mark.parametrize(("kind", "value"), [("eu_vat", "US123456789"), ("us_ein", "12"), ("gb_vat", "GB1")])
async def test_an_impossible_value(stripe: Stripe, kind: str, value: str) -> None:
    customer = await stripe.customer()
    error = await stripe.error("POST", f"customers/{customer['id']}/tax_ids", 400, type=kind, value=value)
    assert (error["code"], error["param"]) == ("tax_id_invalid", "value")
    assert (await stripe.get(f"customers/{customer['id']}/tax_ids"))["data"] == []
