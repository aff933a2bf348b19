"""Connected accounts: https://docs.stripe.com/api/accounts."""

from __future__ import annotations

import pytest

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe

ASKED = {"card_payments": {"requested": True}, "transfers": {"requested": True}}


async def test_an_account_that_has_told_all_may_do_all(stripe: Stripe) -> None:
    account = await connect.account(stripe, email="jenny@shop.example", metadata={"user": "7"})
    assert account["capabilities"] == {"card_payments": "active", "transfers": "active"}
    assert (account["charges_enabled"], account["payouts_enabled"], account["details_submitted"]) == (True,) * 3
    assert account["requirements"]["currently_due"] == []
    assert account["controller"]["fees"] == {"payer": "application_custom"}
    assert (account["default_currency"], account["country"], account["type"]) == ("usd", "US", "custom")
    person = account["individual"]
    assert (person["first_name"], person["ssn_last_4_provided"]) == ("Jenny", True)
    assert "ssn_last_4" not in person
    (bank,) = account["external_accounts"]["data"]
    assert (bank["last4"], bank["default_for_currency"], bank["account"]) == ("6789", True, account["id"])
    assert await stripe.get(f"accounts/{account['id']}") == account
    assert await stripe.get("account", headers=connect.on(account["id"])) == account


@pytest.mark.parametrize(
    ("kind", "payer", "dashboard"),
    [("custom", "application_custom", "none"), ("express", "application_express", "express"),
     ("standard", "account", "full")],
)  # fmt: skip
async def test_a_new_account_has_much_to_tell(stripe: Stripe, kind: str, payer: str, dashboard: str) -> None:
    account = await stripe.post("accounts", type=kind, country="US", capabilities=ASKED)
    assert account["capabilities"] == {"card_payments": "inactive", "transfers": "inactive"}
    assert account["charges_enabled"] is False
    assert account["requirements"]["disabled_reason"] == "requirements.past_due"
    due = account["requirements"]["currently_due"]
    assert {"business_type", "external_account", "tos_acceptance.date", "tos_acceptance.ip"} <= set(due)
    assert account["controller"]["fees"]["payer"] == payer
    assert account["controller"]["stripe_dashboard"] == {"type": dashboard}
    assert ("login_links" in account) is (kind == "express")


async def test_a_controller_takes_the_place_of_a_type(stripe: Stripe) -> None:
    wanted = {"fees": {"payer": "application"}, "losses": {"payments": "application"},
              "stripe_dashboard": {"type": "express"}}  # fmt: skip
    account = await stripe.post("accounts", controller=wanted)
    assert (account["type"], account["controller"]["fees"]["payer"]) == ("none", "application")
    await stripe.error("POST", "accounts", 400, type="custom", controller=wanted)


async def test_what_an_account_tells_later_enables_it(stripe: Stripe) -> None:
    account = await stripe.post("accounts", type="custom", capabilities=ASKED)
    key = account["id"]
    rest = {name: value for name, value in connect.COMPLETE.items() if name not in ("type", "country", "capabilities")}
    enabled = await stripe.post(f"accounts/{key}", **rest)
    assert enabled["capabilities"] == {"card_payments": "active", "transfers": "active"}
    events = (await stripe.get("events", headers=connect.on(key)))["data"]
    assert [each["type"] for each in reversed(events)] == [
        "account.external_account.created", "capability.updated", "capability.updated", "account.updated",
    ]  # fmt: skip
    before = events[0]["data"]["previous_attributes"]
    assert (before["charges_enabled"], before["capabilities"]["transfers"]) == (False, "inactive")
    assert events[0]["account"] == key
    assert (await stripe.get("events"))["data"] == []


async def test_nothing_is_told_of_an_update_that_changes_nothing(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    await stripe.post(f"accounts/{account['id']}", email="")
    assert (await stripe.get("events", headers=connect.on(account["id"])))["data"] == []


async def test_accounts_are_listed_and_deleted(stripe: Stripe) -> None:
    one, other = await connect.account(stripe), await connect.account(stripe)
    assert [each["id"] for each in (await stripe.get("accounts"))["data"]] == [other["id"], one["id"]]
    assert await stripe.delete(f"accounts/{one['id']}") == {"id": one["id"], "object": "account", "deleted": True}
    assert [each["id"] for each in (await stripe.get("accounts"))["data"]] == [other["id"]]
    assert (await stripe.get("accounts", headers=connect.on(other["id"])))["data"] == []
    assert (await stripe.error("GET", "accounts/acct_none", 403))["code"] == "account_invalid"


async def test_a_rejected_account_may_do_nothing(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    rejected = await stripe.post(f"accounts/{account['id']}/reject", reason="terms_of_service")
    assert rejected["requirements"]["disabled_reason"] == "rejected.terms_of_service"
    assert (rejected["charges_enabled"], rejected["payouts_enabled"]) == (False, False)
    again = await stripe.post(f"accounts/{account['id']}/unreject")
    assert again["charges_enabled"] is True
    standard = await stripe.post("accounts", type="standard")
    await stripe.error("POST", f"accounts/{standard['id']}/reject", 400, reason="fraud_other")


async def test_settings_profile_and_company_are_merged(stripe: Stripe) -> None:
    account = await stripe.post(
        "accounts", type="custom", country="DE", business_type="company",
        company={"name": "Lampen GmbH", "tax_id": "DE123", "address": {"city": "Berlin"}},
        settings={"payouts": {"schedule": {"interval": "manual"}}, "payments": {"statement_descriptor": "LAMPEN"}},
    )  # fmt: skip
    assert account["company"]["tax_id_provided"] is True
    assert account["company"]["address"]["country"] == "DE"
    assert account["default_currency"] == "eur"
    assert account["settings"]["payouts"]["schedule"] == {"delay_days": 2, "interval": "manual"}
    changed = await stripe.post(
        f"accounts/{account['id']}", business_profile={"name": "Lampen", "support_email": "help@lampen.example"},
        company={"phone": "+4930123456"}, settings={"branding": {"primary_color": "#000000"}},
    )  # fmt: skip
    assert changed["company"]["name"] == "Lampen GmbH"
    assert changed["settings"]["payments"]["statement_descriptor"] == "LAMPEN"
    assert changed["business_profile"]["support_email"] == "help@lampen.example"


@pytest.mark.parametrize(
    ("params", "param"),
    [({"country": "Utopia"}, "country"), ({"external_account": "btok_none"}, "external_account"),
     ({"business_type": "company", "individual": {"first_name": "J"}}, "individual")],
)  # fmt: skip
async def test_a_refused_account_leaves_nothing(stripe: Stripe, params: dict[str, object], param: str) -> None:
    before = stripe.records() if list(stripe.folder.glob("**/state.db")) else []
    error = await stripe.error("POST", "accounts", 400, type="custom", **params)
    assert error["param"] == param
    assert stripe.records() == before
