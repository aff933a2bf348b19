"""Sessions of Connect's embedded components."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_an_enabled_component_has_its_usual_features(stripe: Stripe) -> None:
    account = await connect.account(stripe)
    made = await stripe.post(
        "account_sessions",
        account=account["id"],
        components={"payments": {"enabled": True, "features": {"refund_management": False}}},
    )
    assert made["client_secret"].startswith("accs_secret__")
    assert made["expires_at"] > account["created"]
    payments = made["components"]["payments"]
    assert payments["enabled"] is True
    assert payments["features"]["capture_payments"] is True
    assert payments["features"]["refund_management"] is False
    assert payments["features"]["smart_disputes_management"] is True
    assert made["components"]["payouts"]["enabled"] is False
    assert not any(made["components"]["payouts"]["features"].values())


async def test_payouts_are_theirs_who_bear_the_losses(stripe: Stripe) -> None:
    found = []
    for kind in ("standard", "express"):
        account = await stripe.post("accounts", type=kind)
        made = await stripe.post("account_sessions", account=account["id"], components={"payouts": {"enabled": True}})
        found.append(made["components"]["payouts"]["features"])
    assert [each["standard_payouts"] for each in found] == [True, False]
    assert [each["external_account_collection"] for each in found] == [True, True]
    assert [each["disable_stripe_user_authentication"] for each in found] == [False, False]


async def test_what_a_session_is_refused(stripe: Stripe) -> None:
    express = await stripe.post("accounts", type="express")
    nothing = {"payments": {"enabled": False}}
    error = await stripe.error("POST", "account_sessions", 400, account=express["id"], components=nothing)
    assert error["param"] == "components"
    alone = {"payouts": {"enabled": True, "features": {"disable_stripe_user_authentication": True}}}
    error = await stripe.error("POST", "account_sessions", 400, account=express["id"], components=alone)
    assert error["param"] == "components[payouts][features][disable_stripe_user_authentication]"
    await stripe.error("POST", "account_sessions", 403, account="acct_none", components=alone)
    missing = await stripe.error("POST", "account_sessions", 400, account=express["id"])
    assert (missing["code"], missing["param"]) == ("parameter_missing", "components")
