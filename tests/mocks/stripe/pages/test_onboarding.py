"""Onboarding that Stripe hosts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.clocks import HeldClock
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.connect import COMPLETE, account

URLS = {"refresh_url": "https://shop.example/again", "return_url": "https://shop.example/back"}
PERSON = {
    "first_name": "Jenny", "last_name": "Rosen", "email": "jenny@shop.example", "phone": "0000000000",
    "dob.month": "1", "dob.day": "31", "dob.year": "1901", "address.line1": "1 Main St", "address.city": "Denver",
    "address.state": "CO", "address.postal_code": "80014", "ssn_last_4": "0000",
}  # fmt: skip
REST = {
    "business_profile.mcc": "5734", "business_profile.url": "https://shop.example",
    "bank.routing_number": "110000000", "bank.account_number": "000123456789", "tos_acceptance": "1",
}  # fmt: skip
INDIVIDUAL = {**{f"individual.{name}": value for name, value in PERSON.items()}, **REST, "act": "submit"}
COMPANY = {
    **{f"representative.{name}": value for name, value in PERSON.items()}, **REST, "act": "submit",
    "company.name": "Rocket Rides", "company.phone": "0000000000", "company.tax_id": "000000000",
    "company.address.line1": "1 Main St", "company.address.city": "Denver", "company.address.state": "CO",
    "company.address.postal_code": "80014",
}  # fmt: skip


async def link(stripe: Stripe, key: str, kind: str = "account_onboarding") -> str:
    made = await stripe.post("account_links", account=key, type=kind, **URLS)
    return str(made["url"])


async def entered(stripe: Stripe, key: str, kind: str = "account_onboarding") -> str:
    """The address of a visit."""
    return (await stripe.visit(await link(stripe, key, kind), expect=303)).header("location") or ""


async def express(stripe: Stripe, **more: Any) -> Any:
    able = {"card_payments": {"requested": True}, "transfers": {"requested": True}}
    return await stripe.post("accounts", type="express", capabilities=able, **more)


async def test_an_individual_is_onboarded(stripe: Stripe) -> None:
    key = (await express(stripe))["id"]
    there = await entered(stripe, key)
    assert 'name="business_type"' in (await stripe.visit(there)).body.decode()
    again = await stripe.visit(there, {"act": "type", "business_type": "individual"})
    assert again.header("location") == there
    page = (await stripe.visit(there)).body.decode()
    for name in INDIVIDUAL:
        assert f'name="{name}"' in page, name
    before = len((await stripe.get("events", limit=100, headers={"stripe-account": key}))["data"])
    home = await stripe.visit(there, INDIVIDUAL)
    assert home.header("location") == URLS["return_url"]
    done = await stripe.get(f"accounts/{key}")
    assert (done["charges_enabled"], done["payouts_enabled"], done["details_submitted"]) == (True, True, True)
    assert done["requirements"]["currently_due"] == []
    assert done["capabilities"] == {"card_payments": "active", "transfers": "active"}
    assert done["individual"]["dob"] == {"day": 31, "month": 1, "year": 1901}
    assert done["external_accounts"]["data"][0]["last4"] == "6789"
    told = (await stripe.get("events", limit=100, headers={"stripe-account": key}))["data"][:-before]
    types = [event["type"] for event in reversed(told)]
    assert types == [
        "account.external_account.created", "capability.updated", "capability.updated", "account.updated",
    ]  # fmt: skip
    assert told[0]["request"] == {"id": None, "idempotency_key": None}
    assert told[0]["data"]["object"]["charges_enabled"] is True


async def test_a_company_and_its_representative(stripe: Stripe) -> None:
    key = (await express(stripe, business_type="company"))["id"]
    await stripe.visit(await entered(stripe, key), COMPANY)
    done = await stripe.get(f"accounts/{key}")
    assert (done["charges_enabled"], done["company"]["tax_id_provided"]) == (True, True)
    (person,) = (await stripe.get(f"accounts/{key}/persons"))["data"]
    assert (person["first_name"], person["relationship"]["representative"]) == ("Jenny", True)
    assert "person.created" in [
        event["type"] for event in (await stripe.get("events", headers={"stripe-account": key}))["data"]
    ]


async def test_test_data_completes_the_form(stripe: Stripe) -> None:
    key = (await express(stripe, business_type="company"))["id"]
    there = f"{await entered(stripe, key)}?test=1"
    page = (await stripe.visit(there)).body.decode()
    fields = dict(re.findall(r'<input id="[^"]+" name="([^"]+)" [^>]*?value="([^"]*)"', page))
    assert all(fields.values()), fields
    await stripe.visit(there, {**fields, "business_profile.mcc": "5734", "tos_acceptance": "1", "act": "submit"})
    assert (await stripe.get(f"accounts/{key}"))["charges_enabled"] is True


async def test_a_standard_account_asks_for_what_accounts_are_for(stripe: Stripe) -> None:
    key = (await stripe.post("accounts", type="standard", business_type="individual"))["id"]
    await stripe.visit(await entered(stripe, key), INDIVIDUAL)
    assert (await stripe.get(f"accounts/{key}"))["capabilities"] == {"card_payments": "active", "transfers": "active"}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("individual.first_name", "", "First name is missing"),
        ("individual.dob.month", "13", "Month of birth is not valid"),
        ("individual.ssn_last_4", "12", "four digits"),
        ("bank.routing_number", "1", "routing number is not valid"),
        ("bank.account_number", "", "account number is not valid"),
        ("tos_acceptance", "", "terms of service"),
    ],
)
async def test_answers_that_are_none(stripe: Stripe, field: str, value: str, words: str) -> None:
    key = (await express(stripe, business_type="individual"))["id"]
    there = await entered(stripe, key)
    before = stripe.records()
    page = (await stripe.visit(there, {**INDIVIDUAL, field: value}, expect=400)).body.decode()
    assert words in page
    assert 'value="Rosen"' in page
    assert stripe.records() == before


async def test_a_link_works_once_and_for_five_minutes(stripe: Stripe) -> None:
    key = (await express(stripe))["id"]
    first = await link(stripe, key)
    await stripe.visit(first, expect=303)
    assert (await stripe.visit(first, expect=303)).header("location") == URLS["refresh_url"]
    second = await link(stripe, key)
    clock = stripe.harness.clock
    assert isinstance(clock, HeldClock)
    clock.advance(300)
    assert (await stripe.visit(second, expect=303)).header("location") == URLS["refresh_url"]


async def test_a_visit_that_is_over(stripe: Stripe) -> None:
    key = (await express(stripe))["id"]
    there = await entered(stripe, key)
    assert (await stripe.visit(there, {"act": "later"})).header("location") == URLS["return_url"]
    for form in (None, INDIVIDUAL):
        assert (await stripe.visit(there, form, expect=303)).header("location") == URLS["refresh_url"]
    assert (await stripe.get(f"accounts/{key}"))["details_submitted"] is False


async def test_an_update_shows_what_is_known(stripe: Stripe) -> None:
    made = await account(stripe)
    there = await entered(stripe, made["id"], "account_update")
    page = (await stripe.visit(there)).body.decode()
    assert 'value="Jenny"' in page
    assert 'name="tos_acceptance"' not in page
    await stripe.visit(there, {"act": "submit", "individual.first_name": "Jane"})
    found = await stripe.get(f"accounts/{made['id']}")
    assert (found["individual"]["first_name"], found["individual"]["last_name"]) == ("Jane", "Rosen")
    assert found["charges_enabled"] is True


async def test_an_account_that_lacks_nothing(stripe: Stripe) -> None:
    made = await account(stripe)
    there = await entered(stripe, made["id"])
    assert "Nothing more is needed" in (await stripe.visit(there)).body.decode()
    assert (await stripe.visit(there, {"act": "submit"})).header("location") == URLS["return_url"]


async def test_pages_that_are_not_there(stripe: Stripe) -> None:
    first = await account(stripe)
    other = await stripe.post("accounts", **{**COMPLETE, "type": "express"})
    address = (await link(stripe, first["id"])).replace(first["id"], other["id"])
    await stripe.visit(address, expect=404)
    there = (await entered(stripe, first["id"])).replace(first["id"], other["id"])
    await stripe.visit(there, expect=404)
    refused = await stripe.harness.visit("HEAD", (await link(stripe, first["id"])).partition("/e/pr-1/stripe")[2])
    assert refused.status == 200
