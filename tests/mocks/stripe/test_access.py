"""The account that a request names: https://docs.stripe.com/connect/authentication."""

from __future__ import annotations

import pytest

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


@pytest.mark.parametrize(("method", "path"), [("GET", "customers"), ("POST", "customers"), ("GET", "climate/products")])
async def test_an_unknown_account_is_refused(stripe: Stripe, method: str, path: str) -> None:
    response = await stripe.send(
        method,
        path,
        {},
        {"stripe-account": "acct_1Unknown", "authorization": "Bearer sk_test_51abcdefghijklmnopqrstuvwx"},
    )
    assert response.status == 403
    error = response.value["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "account_invalid")
    assert error["message"] == (
        "The provided key 'sk_test_**********************uvwx' does not have access to account 'acct_1Unknown' (or "
        "that account does not exist). Application access may have been revoked."
    )


async def test_a_deleted_account_is_as_good_as_none(stripe: Stripe) -> None:
    key = (await connect.account(stripe))["id"]
    await stripe.delete(f"accounts/{key}")
    await stripe.get("balance", expect=403, headers=connect.on(key))
    await stripe.get(f"accounts/{key}", expect=403)


async def test_the_answer_tells_the_account(stripe: Stripe) -> None:
    key = (await connect.account(stripe))["id"]
    response = await stripe.send("GET", "balance", {}, connect.on(key))
    assert response.header("stripe-account") == key
