"""Coupons: https://docs.stripe.com/api/coupons (2026-11).

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.errors import exclusive, invalid, missing, missing_param
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.money import known_currency

KIND = "coupon"
#: Where that is kept which only expansion shows: ``applies_to`` and ``currency_options``.
HIDDEN = "coupon_details"

LONGEST_NAME = 40


async def create(call: StripeCall) -> Object:
    body = call.body
    key = body.get("id") or call.new_id("", 16)[-8:]
    if "id" in body and await call.state.get(KIND, key) is not None:
        raise invalid("Coupon already exists.", code="resource_already_exists")
    amount, percent = body.get("amount_off"), body.get("percent_off")
    _check_off(body)
    duration = body.get("duration", "once")
    _check_duration(body, duration)
    _check_limits(call, body)
    coupon: Object = {
        "id": key,
        "object": KIND,
        "amount_off": amount,
        "created": call.timestamp,
        "currency": None if amount is None else known_currency(body["currency"]),
        "duration": duration,
        "duration_in_months": body.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": body.get("max_redemptions"),
        "metadata": first(body.get("metadata")),
        "name": _name(body),
        "percent_off": None if percent is None else float(percent),
        "redeem_by": body.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    hidden: Object = {"currency_options": _options(coupon, body.get("currency_options"))}
    if (body.get("applies_to") or {}).get("products"):
        for place, product in enumerate(body["applies_to"]["products"]):
            await call.referred("product", product, f"applies_to[products][{place}]")
        hidden["applies_to"] = {"products": list(body["applies_to"]["products"])}
    await call.state.put(KIND, key, coupon)
    await call.state.put(HIDDEN, key, hidden)
    call.event("coupon.created", coupon)
    return coupon


def _check_off(body: Mapping[str, Any]) -> None:
    """Either a percentage, or an amount in a currency."""
    amount, percent = body.get("amount_off"), body.get("percent_off")
    if amount is not None and percent is not None:
        raise exclusive("percent_off", "amount_off")
    if amount is None and percent is None:
        raise missing_param("percent_off")
    if amount is not None:
        _positive(body, "amount_off")
        if not body.get("currency"):
            raise missing_param("currency")
    if percent is not None and not 0 < float(percent) <= 100:
        raise invalid("Invalid percent_off: must be greater than 0 and at most 100.", param="percent_off")


def _check_duration(body: Mapping[str, Any], duration: str) -> None:
    months = body.get("duration_in_months")
    if duration == "repeating" and months is None:
        raise missing_param("duration_in_months")
    if duration != "repeating" and months is not None:
        raise invalid(
            "You can only set `duration_in_months` when `duration` is `repeating`.", param="duration_in_months"
        )
    _positive(body, "duration_in_months")


def _check_limits(call: StripeCall, body: Mapping[str, Any]) -> None:
    _positive(body, "max_redemptions")
    if body.get("redeem_by") is not None and body["redeem_by"] <= call.timestamp:
        raise invalid("Invalid redeem_by: must be in the future.", param="redeem_by")


def _positive(body: Mapping[str, Any], name: str) -> None:
    if body.get(name) is not None and body[name] < 1:
        raise invalid("This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=name)


def _name(body: Mapping[str, Any]) -> str | None:
    name = given(body, "name")
    if name is not None and len(name) > LONGEST_NAME:
        raise invalid(f"Invalid string: {name[:60]}; must be at most {LONGEST_NAME} characters", param="name")
    return None if name is None else str(name)


def _options(coupon: Object, sent: Any) -> Object:
    """The coupon's own currency first, then those that were sent."""
    if coupon["amount_off"] is None:
        if sent:
            raise invalid("You can only set `currency_options` together with `amount_off`.", param="currency_options")
        return {}
    found: Object = {coupon["currency"]: {"amount_off": coupon["amount_off"]}}
    for currency, option in (sent or {}).items():
        found[known_currency(currency, f"currency_options[{currency}]")] = {"amount_off": option["amount_off"]}
    return found


def current(call: StripeCall, coupon: Object) -> Object:
    """The coupon with ``valid`` as it is by now."""
    late = coupon["redeem_by"] is not None and coupon["redeem_by"] <= call.timestamp
    spent = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    return {**coupon, "valid": not (late or spent)}


async def retrieve(call: StripeCall) -> Object:
    return current(call, await call.named(KIND, call.path("coupon")))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("coupon"))
    changes: Object = {}
    if "name" in body:
        changes["name"] = _name(body)
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("currency_options"):
        added = _options(old, body["currency_options"])
        hidden = await call.state.get(HIDDEN, old["id"]) or {}
        await call.state.put(
            HIDDEN, old["id"], {**hidden, "currency_options": {**hidden.get("currency_options", {}), **added}}
        )
    new, previous = changed(old, changes)
    await call.state.put(KIND, new["id"], new)
    if previous:
        call.event("coupon.updated", new, previous)
    return current(call, new)


async def delete(call: StripeCall) -> Object:
    """Discounts that were given by it stay: https://docs.stripe.com/api/coupons/delete."""
    coupon = await call.named(KIND, call.path("coupon"))
    await call.state.delete(KIND, coupon["id"])
    call.event("coupon.deleted", coupon)
    return {"id": coupon["id"], "object": KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    found = await page(call, KIND)
    return {**found, "data": [current(call, coupon) for coupon in found["data"]]}


async def redeemable(call: StripeCall, key: str, param: str) -> Object:
    """The coupon that a parameter names, while it can be redeemed. Raises ServiceError."""
    coupon = await call.state.get(KIND, key)
    if coupon is None:
        raise missing(KIND, key, param)
    if not current(call, coupon)["valid"]:
        # https://docs.stripe.com/error-codes#coupon-expired
        raise invalid(f"Coupon expired: {key}", code="coupon_expired", param=param)
    return coupon


async def redeemed(call: StripeCall, key: str) -> None:
    """One redemption more. Stored."""
    coupon = await call.named(KIND, key)
    await call.state.put(KIND, key, current(call, {**coupon, "times_redeemed": coupon["times_redeemed"] + 1}))


async def details(call: StripeCall, coupon: Object) -> Object:
    """What a coupon hides: ``applies_to`` and ``currency_options``, where it has them."""
    return await call.state.get(HIDDEN, coupon["id"]) or {}


async def _applies_to(call: StripeCall, coupon: Object) -> Any:
    return (await details(call, coupon)).get("applies_to")


async def _currency_options(call: StripeCall, coupon: Object) -> Any:
    return (await details(call, coupon)).get("currency_options") or None


INCLUDES: dict[tuple[str, str], Loader] = {
    (KIND, "applies_to"): _applies_to,
    (KIND, "currency_options"): _currency_options,
}
