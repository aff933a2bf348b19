"""Links that take an account's holder to Stripe: https://docs.stripe.com/api/account_links and
https://docs.stripe.com/api/accounts/login_link (2026-11). Their pages are ``pages/onboarding.py`` and
``pages/express.py``.

A link is good once. Who opens it gets a visit, which the page goes on with: nothing that a link says is asked twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mocks.stripe import accounts
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing_param

#: Seconds: https://docs.stripe.com/api/account_links/object shows five minutes.
VALID = 300
#: Seconds that a visit lasts. The provider does not say.
VISIT = 3600

#: Records of the platform's: a link by its token, and a visit by its own.
LINKS, VISITS = "account_link", "account_link_visit"
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
    expires = call.timestamp + VALID
    told = {name: body[name] for name in ("type", "refresh_url", "return_url")}
    token = await _noted(call, {**told, "account": account["id"], "expires_at": expires})
    return {
        "object": "account_link",
        "created": call.timestamp,
        "expires_at": expires,
        "url": f"{call.address}/setup/{page}/{account['id']}/{token}",
    }


async def login(call: StripeCall) -> Object:
    account = await accounts.connected(call, call.path("account"))
    if account["controller"]["stripe_dashboard"]["type"] != "express":
        # Seen in github.com/stripe/stripe-dotnet/issues/2344.
        raise invalid(f"Cannot create an edit link for the account {account['id']}, which is not an Express account.")
    if not account["details_submitted"]:
        raise invalid("Cannot create a login link for an account that has not completed onboarding.")
    token = await _noted(call, {"account": account["id"], "type": "login", "expires_at": None})
    return {
        "object": "login_link",
        "created": call.timestamp,
        "url": f"{call.address}/express/{account['id']}/{token}",
    }


async def _noted(call: StripeCall, link: Mapping[str, Any]) -> str:
    token = call.new_id("", 24)
    await call.inside(None).state.put(LINKS, token, {**link, "visited": False})
    return token


async def link_of(call: StripeCall, account: str, token: str) -> Object | None:
    """The link of that account, good or not any more."""
    found = await call.state.get(LINKS, token)
    return found if found is not None and found["account"] == account else None


def good(call: StripeCall, link: Object) -> bool:
    """Whether nobody has opened a link yet, and it has not expired."""
    return not link["visited"] and (link["expires_at"] is None or call.timestamp < link["expires_at"])


async def opened(call: StripeCall, token: str, link: Object) -> str:
    """Somebody opens a link: the key of the visit."""
    key = call.new_id("", 24)
    await call.state.put(LINKS, token, {**link, "visited": True})
    await call.state.put(VISITS, key, {"link": token, "expires_at": call.timestamp + VISIT, "over": False})
    return key


async def going_on(call: StripeCall, token: str, key: str) -> bool:
    """Whether that is a visit of the link, and not over."""
    found = await call.state.get(VISITS, key)
    if found is None or found["link"] != token or found["over"]:
        return False
    return bool(call.timestamp < found["expires_at"])


async def ended(call: StripeCall, key: str) -> None:
    """A visit is over."""
    await call.state.put(VISITS, key, {**await call.named(VISITS, key), "over": True})
