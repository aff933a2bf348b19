"""Account tokens and person tokens: https://docs.stripe.com/connect/account-tokens."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_an_account_is_told_of_by_a_token_once(stripe: Stripe) -> None:
    told = {"business_type": "individual", "individual": connect.INDIVIDUAL, "tos_shown_and_accepted": True}
    token = await stripe.post("tokens", account=told)
    assert (token["id"][:4], token["type"]) == ("ct_1", "account")
    assert "Rosen" not in str(stripe.records())
    rest = {name: value for name, value in connect.COMPLETE.items()
            if name not in ("business_type", "individual", "tos_acceptance")}  # fmt: skip
    account = await stripe.post("accounts", **rest, account_token=token["id"])
    assert account["capabilities"] == {"card_payments": "active", "transfers": "active"}
    assert account["individual"]["last_name"] == "Rosen"
    error = await stripe.error("POST", f"accounts/{account['id']}", 400, account_token=token["id"])
    assert (error["code"], error["param"]) == ("token_already_used", "account_token")
    error = await stripe.error("POST", "accounts", 400, type="custom", account_token="ct_none")
    assert (error["code"], error["param"]) == ("resource_missing", "account_token")


async def test_an_account_is_told_of_later(stripe: Stripe) -> None:
    account = await stripe.post("accounts", type="custom")
    token = await stripe.post("tokens", account={"business_type": "company", "company": {"name": "Lamps Inc"}})
    changed = await stripe.post(f"accounts/{account['id']}", account_token=token["id"])
    assert (changed["business_type"], changed["company"]["name"]) == ("company", "Lamps Inc")


async def test_a_person_is_told_of_by_a_token(stripe: Stripe) -> None:
    account = await stripe.post("accounts", type="custom", business_type="company")
    token = await stripe.post("tokens", person={"first_name": "Jane", "relationship": {"owner": True}})
    assert token["id"].startswith("cpt_1")
    person = await stripe.post(f"accounts/{account['id']}/persons", person_token=token["id"])
    assert (person["first_name"], person["relationship"]["owner"]) == ("Jane", True)
