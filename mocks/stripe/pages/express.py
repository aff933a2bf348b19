"""The Express dashboard that a login link leads to: https://docs.stripe.com/connect/express-dashboard (2026-11). What
the account has and what it was paid, to be read."""

from __future__ import annotations

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import account_links, accounts, balance, payouts
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.pages.markup import absent, amount, day, document, notice, redirect, rows, text
from mocks.stripe.pages.stage import segment, staged


async def _enter(call: StripeCall, refused: ServiceError | None) -> Response:
    token = segment(call, 2)
    link = await account_links.link_of(call, segment(call, 1), token)
    if link is None or link["type"] != "login":
        return absent()
    if not account_links.good(call, link):
        return _over()
    if call.request.method == "HEAD":
        return document("Express", "")
    return redirect(f"{call.address}{call.request.path}/{await account_links.opened(call, token, link)}")


def _over() -> Response:
    return notice("This link is no longer active", "Ask the platform for another one.")


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    link = await account_links.link_of(call, segment(call, 1), segment(call, 2))
    if link is None or link["type"] != "login":
        return absent()
    if not await account_links.going_on(call, segment(call, 2), segment(call, 3)):
        return _over()
    account = await call.state.get(accounts.KIND, link["account"])
    if account is None:
        return absent()
    inside = call.inside(account["id"])
    name = text(account["business_profile"]["name"] or account["email"] or account["id"])
    head = f"<h1>{name}<span class=mode>TEST MODE</span></h1><p class=soft>Express dashboard</p>"
    return document("Express", head + await _balance(inside) + await _payouts(inside) + _standing(account))


async def _balance(call: StripeCall) -> str:
    found = await balance.funds(call.as_if({}))
    lines = [
        (f"{text(words)} ({text(each['currency'].upper())})", text(amount(each["amount"], each["currency"])))
        for name, words in (("available", "Available"), ("pending", "On the way"))
        for each in found[name]
    ]
    return f'<section class="box"><h2>Balance</h2>{rows(lines)}</section>'


async def _payouts(call: StripeCall) -> str:
    found = await call.state.page(payouts.KIND, limit=10)
    lines = [
        (f"{text(day(each['arrival_date']))}<small>{text(each['status'].replace('_', ' '))}</small>",
         text(amount(each["amount"], each["currency"])))
        for each in found
    ]  # fmt: skip
    return f'<section class="box"><h2>Payouts</h2>{rows(lines) or "<p class=soft>There are none.</p>"}</section>'


def _standing(account: Object) -> str:
    able = {"charges_enabled": "Payments", "payouts_enabled": "Payouts"}
    lines = [(text(words), "on" if account[name] else "off") for name, words in able.items()]
    return f'<section class="box"><h2>Account</h2>{rows(lines)}</section>'


ENTRANCE = staged(_enter, None)
PAGE = staged(_show, None)
