"""Tokens of cards, bank accounts, accounts and persons: https://docs.stripe.com/api/tokens (2026-11). Other kinds are
made without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import bank_accounts, cards, legal_tokens, plastic
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import exclusive, invalid

KIND = "token"

PREFIXES = {"bank_account": "btok_1", **legal_tokens.PREFIXES}


async def create(call: StripeCall) -> Object:
    body = call.body
    kinds = [name for name in ("card", "bank_account", "pii", "account", "person", "cvc_update") if body.get(name)]
    if len(kinds) > 1:
        raise exclusive(*kinds)
    if not kinds:
        raise invalid("You must supply either a card, customer, bank account, or PII data to create a token.")
    token: Object = {
        "id": call.new_id(PREFIXES.get(kinds[0], "tok_1"), 23),
        "object": KIND,
        "client_ip": "127.0.0.1",
        "created": call.timestamp,
        "livemode": False,
        "type": kinds[0],
        "used": False,
    }
    if kinds[0] == "card":
        token["card"] = await _card(call, body["card"])
    elif isinstance(body.get("bank_account"), Mapping):
        token["bank_account"] = bank_accounts.build(call, body["bank_account"])
    await call.state.put(KIND, token["id"], token)
    if kinds[0] in legal_tokens.PREFIXES:
        await legal_tokens.keep(call, token["id"], body[kinds[0]])
    return token


async def _card(call: StripeCall, sent: Any) -> Object:
    """The card of its number and date, or a copy of a customer's."""
    if isinstance(sent, str):
        known = await call.referred(cards.KIND, sent, "card")
        return {**known, "id": call.new_id("card_1", 23), "customer": None}
    _, details = plastic.from_number(call, sent)
    return cards.build(call, details, sent)


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("token"))
