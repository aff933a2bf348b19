"""Accounts had a legal entity."""

from __future__ import annotations

from typing import Any

from mocks.stripe.versions.before_2019_02_19 import SENT, account
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2018-11-08"}


async def test_an_account_of_then(stripe: Stripe) -> None:
    entity = {
        "type": "individual",
        "first_name": "Ada",
        "dob": {"day": 1, "month": 2, "year": 1990},
        "address": {"city": "Berlin"},
        "ssn_last_4": "0000",
    }
    asked = {
        "business_name": "Tea",
        "payout_schedule": {"interval": "manual"},
        "decline_charge_on": {"cvc_failure": True},
    }
    made = await stripe.post("accounts", type="custom", country="US", legal_entity=entity, headers=OLD, **asked)
    assert made["legal_entity"]["first_name"] == "Ada"
    assert made["legal_entity"]["type"] == "individual"
    assert made["legal_entity"]["address"]["city"] == "Berlin"
    assert made["legal_entity"]["ssn_last_4_provided"] is True
    assert (made["business_name"], made["payout_schedule"]["interval"]) == ("Tea", "manual")
    assert made["decline_charge_on"] == {"avs_failure": False, "cvc_failure": True}
    assert "tos_acceptance.date" in made["verification"]["fields_needed"]
    assert {"settings", "requirements", "business_profile", "individual"} & made.keys() == set()
    today = await stripe.get(f"accounts/{made['id']}")
    assert today["individual"]["first_name"] == "Ada"
    assert "legal_entity" not in today


async def test_a_refusal_speaks_of_then(stripe: Stripe) -> None:
    refused = await stripe.post("accounts", type="custom", legal_entity={"type": "club"}, headers=OLD, expect=400)
    assert refused["error"]["param"] == "legal_entity[type]"


def test_a_company_is_no_individual() -> None:
    change = SENT["accounts.create"]
    sent = [
        (("legal_entity", "type"), "company"),
        (("legal_entity", "business_name"), "Tea Ltd"),
        (("legal_entity", "business_tax_id"), "1"),
        (("legal_entity", "address", "city"), "Bath"),
        (("legal_entity", "additional_owners"), ""),
        (("legal_entity", "first_name"), "Ada"),
    ]
    assert change(sent) == [
        (("business_type",), "company"),
        (("company", "name"), "Tea Ltd"),
        (("company", "tax_id"), "1"),
        (("company", "address", "city"), "Bath"),
    ]
    person = [
        (("legal_entity", "personal_id_number"), "1"),
        (("legal_entity", "phone_number"), "2"),
        (("legal_entity", "verification", "document"), "file_1"),
        (("legal_entity", "verification", "else"), "x"),
    ]
    assert change(person) == [
        (("individual", "id_number"), "1"),
        (("individual", "phone"), "2"),
        (("individual", "verification", "document", "front"), "file_1"),
    ]


async def test_what_is_missing_has_its_old_name() -> None:
    call: Any = None
    needs = {
        "disabled_reason": "requirements.past_due",
        "currently_due": ["business_type", "individual.last_name", "business_profile.url", "external_account"],
    }
    shown = await account(call, {"object": "account", "requirements": needs})
    assert shown["verification"]["disabled_reason"] == "fields_needed"
    assert shown["verification"]["fields_needed"] == [
        "legal_entity.type",
        "legal_entity.last_name",
        "url",
        "external_account",
    ]
    assert await account(call, shown) is shown
    gone = {"object": "account", "deleted": True}
    assert await account(call, gone) is gone
