"""Links to Stripe's pages: https://docs.stripe.com/api/account_links and login links."""

from __future__ import annotations

import pytest

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe

URLS = {"refresh_url": "https://shop.example/again", "return_url": "https://shop.example/back"}


@pytest.mark.parametrize(("kind", "letter"), [("express", "e"), ("custom", "c"), ("standard", "s")])
async def test_a_link_to_onboarding_lives_five_minutes(stripe: Stripe, kind: str, letter: str) -> None:
    account = await stripe.post("accounts", type=kind)
    link = await stripe.post("account_links", account=account["id"], type="account_onboarding", **URLS)
    assert link["expires_at"] - link["created"] == 300
    assert link["url"].startswith(f"http://localhost/e/pr-1/stripe/setup/{letter}/{account['id']}/")


async def test_what_a_link_needs(stripe: Stripe) -> None:
    account = (await stripe.post("accounts", type="express"))["id"]
    missing = await stripe.error("POST", "account_links", 400, account=account, type="account_onboarding")
    assert (missing["code"], missing["param"]) == ("parameter_missing", "refresh_url")
    bad = {**URLS, "return_url": "shop"}
    error = await stripe.error("POST", "account_links", 400, account=account, type="account_onboarding", **bad)
    assert (error["code"], error["param"]) == ("url_invalid", "return_url")
    await stripe.error("POST", "account_links", 400, account=account, type="account_update", **URLS)
    await stripe.error("POST", "account_links", 403, account="acct_none", type="account_onboarding", **URLS)


async def test_only_onboarded_express_accounts_log_in(stripe: Stripe) -> None:
    custom = await connect.account(stripe)
    error = await stripe.error("POST", f"accounts/{custom['id']}/login_links", 400)
    assert error["message"] == (
        f"Cannot create an edit link for the account {custom['id']}, which is not an Express account."
    )
    raw = await stripe.post("accounts", type="express")
    assert "onboarding" in (await stripe.error("POST", f"accounts/{raw['id']}/login_links", 400))["message"]
    done = await connect.account(stripe, type="express")
    link = await stripe.post(f"accounts/{done['id']}/login_links")
    assert (link["object"], done["id"] in link["url"]) == ("login_link", True)
