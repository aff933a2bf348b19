"""Sources, the older form of payment methods: https://docs.stripe.com/api/sources and https://docs.stripe.com/sources
(2026-11).

A source is ``chargeable`` at once, or after its customer authorised it on a page (``redirect``); one that is for a single
use is ``consumed`` by its charge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import banks, cards, money, plastic
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed, given
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import NO_ADDRESS

KIND = "source"

#: Types whose customer authorises a payment elsewhere, and the currency that they are for.
REDIRECTS = {
    "alipay": None, "bancontact": "eur", "eps": "eur", "giropay": "eur", "ideal": "eur", "multibanco": "eur", "p24": None,
    "sofort": "eur", "three_d_secure": None, "wechat": None,
}  # fmt: skip
#: Types that a customer can be charged by again.
REUSABLE = ("ach_credit_transfer", "card", "sepa_debit")
TYPES = (*REUSABLE, *REDIRECTS)


async def create(call: StripeCall) -> Object:
    body = call.body
    kind = "card" if body.get("token") and not body.get("type") else body.get("type")
    if not kind:
        raise missing_param("type")
    if kind not in TYPES:
        # Wording ours.
        raise invalid(f"The type {kind} of sources is not supported here.", param="type")
    currency = money.known_currency(body["currency"]) if body.get("currency") else None
    redirects = kind in REDIRECTS
    if redirects:
        for name in ("amount", "currency", "redirect"):
            if not body.get(name):
                raise missing_param(name if name != "redirect" else "redirect[return_url]")
        wanted = REDIRECTS[kind]
        if wanted is not None and currency != wanted:
            # Wording ours.
            raise invalid(f"Sources of the type {kind} are in {wanted} alone.", param="currency")
    source = _built(call, body, kind, currency, await _details(call, kind, body))
    if redirects:
        source["redirect"] = {
            "failure_reason": None,
            "return_url": body["redirect"]["return_url"],
            "status": "pending",
            "url": call.hosted(f"redirect/authenticate/{source['id']}", client_secret=source["client_secret"]),
        }
    await store(call, source)
    if source["status"] == "chargeable":
        call.event("source.chargeable", source)
    return source


def _built(call: StripeCall, body: Mapping[str, Any], kind: str, currency: str | None, details: Object) -> Object:
    key = call.new_id("src_1", 23)
    usage = "reusable" if kind in REUSABLE else "single_use"
    receiver = kind == "ach_credit_transfer"
    source: Object = {
        "id": key,
        "object": KIND,
        "amount": body.get("amount"),
        kind: details,
        "client_secret": f"src_client_secret_{call.new_id('', 24)}",
        "created": call.timestamp,
        "currency": currency,
        "flow": "redirect" if kind in REDIRECTS else "receiver" if receiver else "none",
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "owner": owner(body.get("owner")),
        "statement_descriptor": given(body, "statement_descriptor"),
        "status": "pending" if kind in REDIRECTS or receiver else "chargeable",
        "type": kind,
        "usage": body.get("usage") or usage,
    }
    if receiver:
        source["receiver"] = {
            "address": f"110000000-{details['account_number']}",
            "amount_charged": 0,
            "amount_received": 0,
            "amount_returned": 0,
            "refund_attributes_method": "email",
            "refund_attributes_status": "missing",
        }
    return source


def owner(sent: Any, old: Mapping[str, Any] | None = None) -> Object:
    """Whose a source is; what is verified of them stays unknown."""
    names = ("address", "email", "name", "phone")
    found: Object = {**dict.fromkeys(names), **{f"verified_{name}": None for name in names}, **(old or {})}
    for name, value in (sent or {}).items():
        found[name] = {**NO_ADDRESS, **(found["address"] or {}), **value} if name == "address" and value else value or None
    return dict(sorted(found.items()))


async def _details(call: StripeCall, kind: str, body: Mapping[str, Any]) -> Object:
    """What is shown of the type: a card's, an account's, or nothing yet."""
    sent = body.get(kind) or {}
    match kind:
        case "card":
            if not body.get("token"):
                raise missing_param("token")
            return card_shown(await cards.from_source(call, body["token"], None, "token"))
        case "sepa_debit":
            details = banks.details("sepa_debit", sent)
            names = ("bank_code", "branch_code", "country", "fingerprint", "last4")
            url = f"https://hooks.stripe.com/adapter/sepa_debit/file/{call.new_id('src_', 24)}"
            reference = call.new_id("", 16).upper()
            return {**{name: details[name] for name in names}, "mandate_reference": reference, "mandate_url": url}
        case "ach_credit_transfer":
            number = f"test_{call.new_id('', 12).lower()}"
            return {
                "account_number": number,
                "bank_name": "TEST BANK",
                "fingerprint": call.new_id("", 16),
                "refund_account_holder_name": None,
                "refund_account_holder_type": None,
                "refund_routing_number": None,
                "routing_number": "110000000",
                "swift_code": "TSTEZ122",
            }
        case "three_d_secure":
            known = await call.state.get(KIND, str(sent.get("card") or "")) if sent else None
            if known is None or known["type"] != "card":
                raise missing_param("three_d_secure[card]")
            return {**known["card"], "authenticated": None, "card": known["id"], "customer": known.get("customer")}
        case _:
            return {**sent, "statement_descriptor": None}


def card_shown(card: Mapping[str, Any]) -> Object:
    """A card as a source shows it."""
    names = (
        "address_line1_check", "address_zip_check", "brand", "country", "cvc_check", "dynamic_last4", "exp_month",
        "exp_year", "fingerprint", "funding", "last4", "name", "tokenization_method",
    )  # fmt: skip
    test = plastic.behind(card)
    asked = "required" if test is not None and test.authentication in ("required", "always") else "optional"
    return {**{name: card[name] for name in names}, "three_d_secure": asked}


async def store(call: StripeCall, source: Object) -> None:
    """Write a source."""
    await call.state.put(KIND, source["id"], source, {"customer": source["customer"]} if source.get("customer") else {})


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("source"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("source"))
    changes: Object = {}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("owner"):
        changes["owner"] = owner(body["owner"], old["owner"])
    if "amount" in body:
        changes["amount"] = body["amount"]
    new, previous = changed(old, changes)
    await store(call, new)
    if previous and new.get("customer"):
        call.event("customer.source.updated", new, previous)
    return new


async def authorised(call: StripeCall, source: Object, *, well: bool) -> Object:
    """The customer came back from the page. Stored."""
    status = "chargeable" if well else "failed"
    redirect = {**source["redirect"], "status": "succeeded" if well else "failed"}
    if not well:
        redirect["failure_reason"] = "user_abort"
    changes: Object = {"redirect": redirect, "status": status}
    if source["type"] == "three_d_secure":
        changes["three_d_secure"] = {**source["three_d_secure"], "authenticated": well}
    new, _ = changed(source, changes)
    await store(call, new)
    call.event(f"source.{status}", new)
    return new


async def consumed(call: StripeCall, source: Object) -> None:
    """A source for one use after its charge, or one that was taken from its customer. Stored."""
    await store(call, {**source, "status": "consumed"})


HANDLERS: dict[str, StripeHandler] = {
    "sources.create": create,
    "sources.retrieve": retrieve,
    "sources.update": update,
}
