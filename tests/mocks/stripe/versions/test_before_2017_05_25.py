"""Accounts were managed, and events named their request by its id."""

from __future__ import annotations

from mocks.stripe.versions.before_2017_05_25 import event
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2017-04-06"}


async def test_managed_accounts(stripe: Stripe) -> None:
    made = await stripe.post("accounts", managed=True, country="US", headers=OLD)
    assert (made["managed"], made["type"]) == (True, "custom")
    own = await stripe.post("accounts", country="US", headers=OLD)
    assert (own["managed"], own["type"]) == (False, "standard")
    express = await stripe.post("accounts", type="express", headers=OLD)
    assert (express["managed"], express["type"]) == (False, "express")


async def test_events_of_an_old_account(stripe: Stripe) -> None:
    stripe.harness.environment.policy["services"] = {"stripe": {"options": {"api_version": "2017-04-06"}}}
    await stripe.post("customers")
    [told] = (await stripe.get("events"))["data"]
    assert (told["api_version"], told["request"][:4]) == ("2017-04-06", "req_")


def test_the_envelope() -> None:
    told = event({"object": "event", "request": {"id": None, "idempotency_key": None}, "account": "acct_1"})
    assert told == {"object": "event", "request": None, "account": "acct_1", "user_id": "acct_1"}
