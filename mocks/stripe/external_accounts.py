"""Where an account's payouts go: bank accounts and debit cards.

https://docs.stripe.com/api/external_accounts (2026-11). Each is a record of its own kind in the account that it
belongs to, and one of the kind ``external_account``, by which they are listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import cards, money, plastic, scope
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import invalid, missing
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged
from mocks.stripe.testcards import fingerprint

KIND = "external_account"

NOTHING_DUE: Object = {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}

#: Country -> the currency of its bank accounts, where none is said. Others of the euro: see ``currency_of``.
CURRENCIES = {
    "AU": "aud", "BR": "brl", "CA": "cad", "CH": "chf", "CZ": "czk", "DK": "dkk", "GB": "gbp", "HK": "hkd", "HU": "huf",
    "IN": "inr", "JP": "jpy", "LI": "chf", "MX": "mxn", "MY": "myr", "NO": "nok", "NZ": "nzd", "PL": "pln", "RO": "ron",
    "SE": "sek", "SG": "sgd", "TH": "thb", "US": "usd", "AE": "aed",
}  # fmt: skip


def currency_of(country: str) -> str:
    """What accounts of a country settle in."""
    return CURRENCIES.get(country, "eur")


async def build(call: StripeCall, sent: Any, account: str, param: str) -> Object:
    """The external account that a parameter stands for: a token's id, or a hash. Not stored yet."""
    if isinstance(sent, Mapping) and sent.get("token"):
        sent = sent["token"]
    if isinstance(sent, Mapping):
        if sent.get("object") == "card":
            _, details = plastic.from_number(call, sent)
            return _card(cards.build(call, details, sent), account, given(sent, "currency"))
        return _bank(call, sent, account)
    token = await call.inside(None).state.get("token", str(sent))
    if token is None:
        found = plastic.from_test_token(call, str(sent))
        if found is None:
            raise missing("token", str(sent), param)
        return _card(cards.build(call, found, {}), account, None)
    if token["used"]:
        raise invalid(f"You cannot use a Stripe token more than once: {sent}.", code="token_already_used", param=param)
    await cards.use_token(call.inside(None), token)
    if token.get("bank_account"):
        return {**_bank_of(token["bank_account"], account), "id": call.new_id("ba_1", 23)}
    if token.get("card"):
        return _card(token["card"], account, None)
    raise invalid(f"The token {sent} does not hold a bank account or a card.", param=param)


def _bank(call: StripeCall, sent: Mapping[str, Any], account: str) -> Object:
    number, routing = str(sent["account_number"]).replace(" ", ""), given(sent, "routing_number")
    country = sent["country"].upper()
    shown: Object = {
        "id": call.new_id("ba_1", 23),
        "object": "bank_account",
        "account_holder_name": given(sent, "account_holder_name"),
        "account_holder_type": given(sent, "account_holder_type"),
        "account_type": None,
        "bank_name": "STRIPE TEST BANK",
        "country": country,
        "currency": money.known_currency(sent.get("currency") or currency_of(country), "external_account[currency]"),
        "fingerprint": fingerprint(f"{routing}:{number}"),
        "last4": number[-4:],
        "routing_number": routing,
    }
    return _bank_of(shown, account)


def _bank_of(shown: Object, account: str) -> Object:
    names = (
        "id", "object", "account_holder_name", "account_holder_type", "account_type", "bank_name", "country",
        "currency", "fingerprint", "last4", "routing_number",
    )  # fmt: skip
    found = {name: shown[name] for name in names}
    return {
        **found,
        "account": account,
        "available_payout_methods": ["standard"],
        "default_for_currency": False,
        "future_requirements": NOTHING_DUE,
        "metadata": {},
        "requirements": NOTHING_DUE,
        "status": "new",
    }


def _card(card: Object, account: str, currency: str | None) -> Object:
    return {
        **card,
        "account": account,
        "available_payout_methods": ["standard", "instant"],
        "currency": currency or "usd",
        "customer": None,
        "default_for_currency": False,
    }


async def add(call: StripeCall, found: Object, *, default: bool = False) -> Object:
    """Store an external account in the account that ``call`` is about; the first of a currency is its default."""
    current = await of_currency(call, found["currency"])
    if current is not None and default:
        await store(call, {**current, "default_for_currency": False})
    found = {**found, "default_for_currency": current is None or default}
    await store(call, found)
    return found


async def store(call: StripeCall, found: Object) -> None:
    """Write an external account under both of its kinds."""
    index = {"currency": found["currency"], "type": found["object"]}
    await call.state.put(KIND, found["id"], found, index)
    await call.state.put(found["object"], found["id"], found, {})


async def errored(call: StripeCall, found: Object) -> None:
    """ "If a payout fails, the status is set to `errored` and scheduled payouts are stopped until account details are
    updated": https://docs.stripe.com/api/external_account_bank_accounts/object."""
    if found["object"] == "bank_account" and call.account is not None and found["status"] != "errored":
        new, previous = changed(found, {"status": "errored"})
        await store(call, new)
        call.event("account.external_account.updated", new, previous)


async def one(call: StripeCall, key: str) -> Object | None:
    """An account's external account by its id."""
    if call.account is None and key == _platforms(call, "usd")["id"]:
        return _platforms(call, "usd")
    return await call.state.get(KIND, key)


async def of_currency(call: StripeCall, currency: str) -> Object | None:
    """Where payouts in a currency go. The platform's account has a bank account for each."""
    if call.account is None:
        return _platforms(call, currency)
    found = await call.state.page(KIND, where={"currency": currency}, limit=100)
    return next((each for each in found if each["default_for_currency"]), None)


def _platforms(call: StripeCall, currency: str) -> Object:
    return {"id": scope.own(call, "bank", "ba_1", 23), "object": "bank_account", "currency": currency, "last4": "6789"}


async def listed(call: StripeCall) -> Object:
    """What the account shows of them."""
    found = await call.state.page(KIND, limit=11)
    url = f"/v1/accounts/{call.account}/external_accounts"
    return list_of(found[:10], url, len(found) > 10, total_count=len(found))


async def named(call: StripeCall) -> Object:
    """The external account that the path names."""
    key = call.path("id")
    found = await call.state.get(KIND, key)
    if found is None:
        raise invalid(f"No such external account: '{key}'", code="resource_missing", param="id", status=404)
    return found


async def changed_by(call: StripeCall, old: Object) -> tuple[Object, Object]:
    """The external account after an update's parameters; stored."""
    body = call.body
    names = ("account_holder_name", "account_holder_type", "account_type", "name", *cards.ADDRESS)
    changes: Object = {name: given(body, name) for name in names if name in body and name in old}
    changes |= {name: int(body[name]) for name in ("exp_month", "exp_year") if name in body and name in old}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("default_for_currency"):
        current = await of_currency(call, old["currency"])
        if current is not None and current["id"] != old["id"]:
            await store(call, {**current, "default_for_currency": False})
        changes["default_for_currency"] = True
    new, previous = changed(old, changes)
    await store(call, new)
    return new, previous


async def forget(call: StripeCall, found: Object) -> None:
    """Take an external account away; the only one of the account's own currency stays."""
    if found["default_for_currency"]:
        raise invalid(
            "You cannot delete the default external account for your default currency. Please make another external "
            "account the default using the `default_for_currency` param, and then delete this one."
        )
    await call.state.delete(KIND, found["id"])
    await call.state.delete(found["object"], found["id"])


def metadata_of(body: Mapping[str, Any]) -> Object:
    """The metadata of a new external account."""
    return first(body.get("metadata"))


async def list_all(call: StripeCall) -> Object:
    """Those of the account that ``call`` is about, by their type."""
    wanted = call.body.get("object")
    url = f"/v1/accounts/{call.account}/external_accounts"
    return await page(call, KIND, {"type": wanted} if wanted else None, url=url)
