"""Promotion codes: what customers type to get a coupon. https://docs.stripe.com/api/promotion_codes (2026-11).

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

import re
from typing import Any

from mocks.stripe import coupons
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import exclusive, invalid, missing, missing_param
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.money import known_currency

KIND = "promotion_code"

CODE = re.compile(r"[A-Za-z0-9-]{1,500}\Z")


async def create(call: StripeCall) -> Object:
    body = call.body
    promotion = body.get("promotion") or {}
    if promotion and body.get("coupon"):
        raise exclusive("promotion", "coupon")
    # Until 2025-09-30 the coupon stood beside the rest.
    param = "promotion[coupon]" if promotion else "coupon"
    named = promotion.get("coupon") or body.get("coupon")
    if not named:
        raise missing_param("promotion[coupon]" if promotion else "promotion")
    coupon = await coupons.redeemable(call, named, param)
    customer = body.get("customer") or None
    if customer is not None:
        await call.referred("customer", customer, "customer")
    code = body.get("code") or call.new_id("", 16)[-8:].upper()
    if CODE.match(code) is None:
        raise invalid(
            f"Invalid promotion code: {code[:60]}. Codes can only contain letters, digits and dashes.", param="code"
        )
    _check_limits(call, coupon)
    made: Object = {
        "id": call.new_id("promo_1", 23),
        "object": KIND,
        "active": body.get("active", True),
        "code": code,
        "created": call.timestamp,
        "customer": customer,
        "customer_account": None,
        "expires_at": body.get("expires_at"),
        "livemode": False,
        "max_redemptions": body.get("max_redemptions"),
        "metadata": first(body.get("metadata")),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": _restrictions(body.get("restrictions")),
        "times_redeemed": 0,
    }
    await _free(call, made)
    await _store(call, made)
    call.event("promotion_code.created", made)
    return made


def _check_limits(call: StripeCall, coupon: Object) -> None:
    body = call.body
    if body.get("max_redemptions") is not None and body["max_redemptions"] < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="max_redemptions"
        )
    expires = body.get("expires_at")
    if expires is None:
        return
    if expires <= call.timestamp:
        raise invalid("Invalid expires_at: must be in the future.", param="expires_at")
    if coupon["redeem_by"] is not None and expires > coupon["redeem_by"]:
        raise invalid("Invalid expires_at: must not be after the coupon's `redeem_by`.", param="expires_at")


def _restrictions(sent: Any) -> Object:
    sent = sent or {}
    if sent.get("minimum_amount") is not None and not sent.get("minimum_amount_currency"):
        raise missing_param("restrictions[minimum_amount_currency]")
    currency = sent.get("minimum_amount_currency")
    return {
        "first_time_transaction": sent.get("first_time_transaction", False),
        "minimum_amount": sent.get("minimum_amount"),
        "minimum_amount_currency": currency and known_currency(currency, "restrictions[minimum_amount_currency]"),
    }


async def _free(call: StripeCall, code: Object) -> None:
    """A customer has a code once while it is active, whatever its case."""
    if not code["active"]:
        return
    for other in await call.state.page(KIND, where={"code": code["code"].lower()}):
        if other["id"] != code["id"] and current(call, other)["active"] and other["customer"] == code["customer"]:
            # The sentence comes without code and param, as applications that look for it have seen.
            raise invalid(f"An active promotion code with `code: {code['code']}` already exists.")


async def _store(call: StripeCall, code: Object) -> None:
    index = {"code": code["code"].lower(), "coupon": code["promotion"]["coupon"]}
    if code["customer"]:
        index["customer"] = code["customer"]
    await call.state.put(KIND, code["id"], code, index)


def current(call: StripeCall, code: Object) -> Object:
    """The code with ``active`` as it is by now."""
    late = code["expires_at"] is not None and code["expires_at"] <= call.timestamp
    spent = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    return {**code, "active": code["active"] and not (late or spent)}


async def retrieve(call: StripeCall) -> Object:
    return current(call, await call.named(KIND, call.path("promotion_code")))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("promotion_code"))
    changes: Object = {}
    if "active" in body:
        changes["active"] = body["active"]
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    new, previous = changed(old, changes)
    await _free(call, new)
    await _store(call, new)
    if previous:
        call.event("promotion_code.updated", new, previous)
    return current(call, new)


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {name: body[name] for name in ("coupon", "customer") if body.get(name)}
    if body.get("code"):
        where["code"] = body["code"].lower()
    keep = (lambda code: bool(current(call, code)["active"] == body["active"])) if "active" in body else None
    found = await page(call, KIND, where or None, keep=keep)
    return {**found, "data": [current(call, code) for code in found["data"]]}


async def redeemable(call: StripeCall, key: str, param: str, customer: str | None) -> tuple[Object, Object]:
    """The code that a parameter names and its coupon, while it can be redeemed by a customer. Raises ServiceError."""
    code = await call.state.get(KIND, key)
    if code is None:
        raise missing(KIND, key, param)
    if not current(call, code)["active"] or (code["customer"] and code["customer"] != customer):
        # https://docs.stripe.com/error-codes#coupon-expired
        raise invalid(f"This promotion code cannot be redeemed: {key}", code="coupon_expired", param=param)
    if code["restrictions"]["first_time_transaction"] and customer is not None:
        paid = await call.state.page("charge", where={"customer": customer})
        if any(charge["status"] == "succeeded" for charge in paid):
            # The sentence: github.com/stripe/stripe-php/issues/1146 (2021-06).
            raise invalid(
                "This promotion code cannot be redeemed because the associated customer has prior transactions.",
                param=param,
            )
    return code, await coupons.redeemable(call, code["promotion"]["coupon"], param)


async def redeemed(call: StripeCall, key: str) -> None:
    """One redemption more. Stored."""
    code = await call.named(KIND, key)
    await _store(call, current(call, {**code, "times_redeemed": code["times_redeemed"] + 1}))
