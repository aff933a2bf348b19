"""What is due, and what follows: https://docs.stripe.com/connect/required-verification-information."""

from __future__ import annotations

from pathlib import Path

from mocks.stripe import onboarding
from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_each_thing_told_is_due_no_more(stripe: Stripe) -> None:
    account = await stripe.post(
        "accounts", type="custom", business_type="individual", capabilities={"transfers": {"requested": True}}
    )
    path = f"accounts/{account['id']}"
    left = set(account["requirements"]["currently_due"])
    told = (
        ({"business_profile": {"mcc": "5734"}}, {"business_profile.mcc"}),
        ({"business_profile": {"product_description": "Lamps"}}, {"business_profile.url"}),
        ({"individual": {"first_name": "Jenny"}}, {"individual.first_name"}),
        ({"individual": {"dob": {"day": 1, "month": 1, "year": 1981}}},
         {"individual.dob.day", "individual.dob.month", "individual.dob.year"}),
        ({"tos_acceptance": {"date": 1609798905, "ip": "8.8.8.8"}}, {"tos_acceptance.date", "tos_acceptance.ip"}),
        ({"external_account": connect.BANK}, {"external_account"}),
        ({"individual": connect.INDIVIDUAL},
         {f"individual.{name}" for name in onboarding.PERSON if "dob" not in name and name != "first_name"}),
    )  # fmt: skip
    for params, settled in told:
        account = await stripe.post(path, **params)
        assert set(account["requirements"]["currently_due"]) == left - settled
        left -= settled
    assert left == set()
    assert account["capabilities"] == {"transfers": "active"}


async def test_a_company_needs_its_representative(stripe: Stripe) -> None:
    company = {"name": "Lamps Inc", "phone": "+15555551234", "tax_id": "000000000",
               "address": connect.INDIVIDUAL["address"]}  # fmt: skip
    params = {**connect.COMPLETE, "business_type": "company", "company": company}
    account = await stripe.post("accounts", **{k: v for k, v in params.items() if k != "individual"})
    due = account["requirements"]["currently_due"]
    assert due
    assert all(name.startswith("representative.") for name in due)
    await stripe.post(f"accounts/{account['id']}/persons", **connect.INDIVIDUAL, relationship={"representative": True})
    assert (await stripe.get(f"accounts/{account['id']}"))["charges_enabled"] is True


async def test_a_policy_may_call_every_account_onboarded(tmp_path: Path) -> None:
    policy = {"services": {"stripe": {"options": {"onboarding": "instant"}}}}
    harness = Harness(SERVICE, tmp_path, policy=policy)
    stripe = Stripe(harness, tmp_path)
    account = await stripe.post("accounts", type="express", capabilities={"transfers": {"requested": True}})
    assert account["capabilities"] == {"transfers": "active"}
    assert account["requirements"]["currently_due"] == []
    await harness.close()
