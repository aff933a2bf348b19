"""Shipping rates: https://docs.stripe.com/api/shipping_rates (2026-11). Stripe has no events for them."""

from __future__ import annotations

from typing import Any

from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import empty_param, invalid, missing_param
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.money import known_currency

KIND = "shipping_rate"


async def create(call: StripeCall) -> Object:
    body = call.body
    if not body["display_name"].strip():
        raise empty_param("display_name")
    if not body.get("fixed_amount"):
        raise missing_param("fixed_amount")
    behavior = body.get("tax_behavior", "unspecified")
    rate: Object = {
        "id": call.new_id("shr_1", 23),
        "object": KIND,
        "active": True,
        "created": call.timestamp,
        "delivery_estimate": _estimate(body.get("delivery_estimate")),
        "display_name": body["display_name"],
        "fixed_amount": _fixed(body["fixed_amount"]),
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "tax_behavior": behavior,
        "tax_code": given(body, "tax_code"),
        "type": "fixed_amount",
    }
    await _store(call, rate)
    return rate


async def _store(call: StripeCall, rate: Object) -> None:
    await call.state.put(KIND, rate["id"], rate, {"currency": rate["fixed_amount"]["currency"]})


def _fixed(sent: Any) -> Object:
    found: Object = {
        "amount": _amount(sent["amount"], "fixed_amount[amount]"),
        "currency": known_currency(sent["currency"], "fixed_amount[currency]"),
    }
    if sent.get("currency_options"):
        found["currency_options"] = _options({}, sent["currency_options"])
    return found


def _amount(amount: int, param: str) -> int:
    if amount < 0:
        raise invalid("Invalid non-negative integer", code="parameter_invalid_integer", param=param)
    return amount


def _options(old: Object, sent: Any) -> Object:
    found = dict(old)
    for currency, option in sent.items():
        param = f"fixed_amount[currency_options][{currency}]"
        known = found.get(known_currency(currency, param), {"tax_behavior": "unspecified"})
        if "amount" not in option and "amount" not in known:
            raise missing_param(f"{param}[amount]")
        amount = _amount(option.get("amount", known.get("amount")), f"{param}[amount]")
        found[currency.lower()] = {
            "amount": amount,
            "tax_behavior": option.get("tax_behavior", known["tax_behavior"]),
        }
    return found


def _estimate(sent: Any) -> Object | None:
    if not sent:
        return None
    return {name: sent.get(name) for name in ("maximum", "minimum")}


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("shipping_rate_token"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("shipping_rate_token"))
    changes: Object = {name: body[name] for name in ("active",) if name in body}
    if "tax_behavior" in body:
        if old["tax_behavior"] not in ("unspecified", body["tax_behavior"]):
            raise invalid(
                "You cannot modify the tax_behavior once it is set to inclusive or exclusive.", param="tax_behavior"
            )
        changes["tax_behavior"] = body["tax_behavior"]
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if (body.get("fixed_amount") or {}).get("currency_options"):
        fixed = old["fixed_amount"]
        options = _options(fixed.get("currency_options", {}), body["fixed_amount"]["currency_options"])
        changes["fixed_amount"] = {**fixed, "currency_options": options}
    new = {**old, **changes}
    await _store(call, new)
    return new


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {"currency": body["currency"].lower()} if body.get("currency") else None
    keep = (lambda rate: bool(rate["active"] == body["active"])) if "active" in body else None
    return await page(call, KIND, where, keep=keep)
