"""Links that take an account's holder to Stripe: https://docs.stripe.com/api/account_links and
https://docs.stripe.com/api/accounts/login_link (2026-11). There is no page behind them."""

from __future__ import annotations

from urllib.parse import urlsplit

from mocks.stripe import accounts
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing_param

#: Seconds: https://docs.stripe.com/api/account_links/object shows five minutes.
VALID = 300

#: Dashboard -> the letter in the address.
PAGES = {"none": "c", "express": "e", "full": "s"}


async def create(call: StripeCall) -> Object:
    body = call.body
    account = await accounts.connected(call, body["account"])
    for name in ("refresh_url", "return_url"):
        if name not in body:
            raise missing_param(name)
        parts = urlsplit(body[name])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise invalid("Not a valid URL", code="url_invalid", param=name)
    if body["type"] == "account_update" and account["controller"]["requirement_collection"] != "application":
        raise invalid("You cannot create `account_update` type Account Links for this account.")
    page = PAGES[account["controller"]["stripe_dashboard"]["type"]]
    return {
        "object": "account_link",
        "created": call.timestamp,
        "expires_at": call.timestamp + VALID,
        "url": f"https://connect.stripe.com/setup/{page}/{account['id']}/{call.new_id('', 12)}",
    }


async def login(call: StripeCall) -> Object:
    account = await accounts.connected(call, call.path("account"))
    if account["controller"]["stripe_dashboard"]["type"] != "express":
        # Seen in github.com/stripe/stripe-dotnet/issues/2344.
        raise invalid(f"Cannot create an edit link for the account {account['id']}, which is not an Express account.")
    if not account["details_submitted"]:
        raise invalid("Cannot create a login link for an account that has not completed onboarding.")
    return {
        "object": "login_link",
        "created": call.timestamp,
        "url": f"https://connect.stripe.com/express/{account['id']}/{call.new_id('', 12)}",
    }
