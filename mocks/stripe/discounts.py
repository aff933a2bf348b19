"""Discounts: a coupon at work on a customer, a subscription or an invoice. https://docs.stripe.com/api/discounts and
https://docs.stripe.com/billing/subscriptions/coupons (2026-11).

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mocks.stripe import coupons, endings, invoice_lines, promotion_codes, taxes
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.discount_sums import Terms, shares
from mocks.stripe.errors import exclusive, invalid, missing
from mocks.stripe.subscription_items import later

KIND = "discount"
#: What a discount takes off, kept with it: its coupon may be deleted while it goes on.
TERMS = "discount_terms"


@dataclass(frozen=True, slots=True)
class Planned:
    """A discount that will be: one that is there already (``id``), or a coupon that may be redeemed."""

    terms: Terms
    id: str = ""
    coupon: Object | None = None
    code: Object | None = None


async def granted(call: StripeCall, sent: Mapping[str, Any], customer: str | None, param: str = "") -> Planned | None:
    """What ``coupon`` or ``promotion_code`` in some parameters stands for, if a customer may redeem it; ``param`` is
    where they stand. Raises ServiceError."""
    coupon, code = sent.get("coupon") or None, sent.get("promotion_code") or None
    if coupon and code:
        raise exclusive("coupon", "promotion_code")
    if code:
        named = f"{param}[promotion_code]" if param else "promotion_code"
        found, behind = await promotion_codes.redeemable(call, code, named, customer)
        return Planned(await _terms(call, behind), coupon=behind, code=found)
    if coupon:
        behind = await coupons.redeemable(call, coupon, f"{param}[coupon]" if param else "coupon")
        return Planned(await _terms(call, behind), coupon=behind)
    return None


async def asked(call: StripeCall, customer: str | None) -> list[Planned] | None:
    """What a call's ``discounts`` say, or ``coupon`` and ``promotion_code`` of older versions: None when nothing, an
    empty list when there shall be none. Raises ServiceError."""
    body = call.body
    if "discounts" not in body:
        if "coupon" not in body and "promotion_code" not in body:
            return None
        one = await granted(call, body, customer)
        return [] if one is None else [one]
    found = []
    for place, each in enumerate(body["discounts"] or ()):
        param = f"discounts[{place}]"
        if each.get("discount"):
            found.append(await _there(call, each["discount"], f"{param}[discount]"))
        elif (grant := await granted(call, each, customer, param)) is not None:
            found.append(grant)
    return found


async def _there(call: StripeCall, key: str, param: str) -> Planned:
    terms = await call.state.get(TERMS, key)
    if terms is None:
        raise missing(KIND, key, param)
    return Planned(Terms(**terms), key)


async def _terms(call: StripeCall, coupon: Object) -> Terms:
    hidden = await coupons.details(call, coupon)
    off = {currency: option["amount_off"] for currency, option in hidden.get("currency_options", {}).items()}
    return Terms(coupon["duration"], coupon["percent_off"], off, (hidden.get("applies_to") or {}).get("products"))


async def of_customer(call: StripeCall, customer: Object) -> list[Planned]:
    """The customer's own discount, while it lasts: it works on subscriptions and invoices that have none."""
    discount = customer["discount"]
    if discount is None or _over(call, discount):
        return []
    return [await _there(call, discount["id"], "customer")]


def _over(call: StripeCall, discount: Object) -> bool:
    return discount["end"] is not None and bool(discount["end"] <= call.timestamp)


async def begin(call: StripeCall, planned: Sequence[Planned], customer: str, **of: str) -> list[Object]:
    """The discounts, begun on what ``of`` names (``subscription``, ``invoice``), each a redemption of its coupon.
    Stored."""
    return [await _begun(call, each, customer, of) for each in planned]


async def _begun(call: StripeCall, planned: Planned, customer: str, of: Mapping[str, str]) -> Object:
    if planned.coupon is None:
        return await call.named(KIND, planned.id)
    discount = await _noted(call, planned, planned.coupon, customer, of)
    await coupons.redeemed(call, planned.coupon["id"])
    if planned.code is not None:
        await promotion_codes.redeemed(call, planned.code["id"])
    if "invoice" not in of:
        call.event("customer.discount.created", discount)
    return discount


async def offered(call: StripeCall, planned: Sequence[Planned], customer: str | None) -> list[tuple[str, Terms]]:
    """What a quote offers, by the ids of its discounts. Stored; nothing is redeemed yet."""
    return [
        (each.id if each.coupon is None else (await _noted(call, each, each.coupon, customer, {}))["id"], each.terms)
        for each in planned
    ]


async def _noted(
    call: StripeCall, planned: Planned, coupon: Object, customer: str | None, of: Mapping[str, str]
) -> Object:
    months = coupon["duration_in_months"]
    discount: Object = {
        "id": call.new_id("di_1", 23),
        "object": KIND,
        "checkout_session": None,
        "customer": customer,
        "customer_account": None,
        "end": later(call.timestamp, {"interval": "month", "interval_count": months}) if months else None,
        "invoice": of.get("invoice"),
        "invoice_item": None,
        "promotion_code": planned.code and planned.code["id"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": call.timestamp,
        "subscription": of.get("subscription"),
        "subscription_item": None,
    }
    await call.state.put(KIND, discount["id"], discount)
    await call.state.put(TERMS, discount["id"], planned.terms.record())
    return discount


async def ended(call: StripeCall, key: str) -> Object | None:
    """Take a discount away; answers what it was. It stays for the invoices that it worked on."""
    discount = await call.state.get(KIND, key)
    if discount is not None:
        over = {**discount, "end": call.timestamp}
        await call.state.put(KIND, key, over)
        call.event("customer.discount.deleted", over)
    return discount


async def replaced(call: StripeCall, subscription: Object, planned: Sequence[Planned]) -> list[str]:
    """A subscription's discounts after an update: those that it keeps, and new ones. Stored."""
    kept = {each.id for each in planned}
    for each in subscription["discounts"]:
        if each not in kept:
            await ended(call, each)
    made = await begin(call, planned, subscription["customer"], subscription=subscription["id"])
    return [each["id"] for each in made]


async def on_customer(call: StripeCall, customer: str, old: Object | None, planned: Sequence[Planned]) -> Object | None:
    """A customer's discount in place of an old one. Stored."""
    if old is not None:
        await ended(call, old["id"])
    made = await begin(call, planned, customer)
    return made[0] if made else None


async def delete_of_subscription(call: StripeCall) -> Object:
    subscription = await call.named(endings.KIND, call.path("subscription_exposed_id"))
    found = await lasting(call, subscription["discounts"])
    if not found:
        raise invalid(f"No active discount for subscription: {subscription['id']}", code="resource_missing", status=404)
    discount = await call.named(KIND, found[0])
    await ended(call, found[0])
    new, previous = changed(subscription, {"discounts": [each for each in found if each != found[0]]})
    await endings.store(call, new)
    call.event("customer.subscription.updated", new, previous)
    return {**discount, "deleted": True}


async def lasting(call: StripeCall, ids: Sequence[str]) -> list[str]:
    """Those of a subscription's discounts that still run."""
    found = [await call.state.get(KIND, each) for each in ids]
    return [each["id"] for each in found if each is not None and not _over(call, each)]


async def after(call: StripeCall, ids: Sequence[str], invoice: Object) -> list[str]:
    """A subscription's discounts after an invoice: a coupon with the duration ``once`` is used up by the first that it
    takes something off. So is the customer's own."""
    used = {each["discount"] for each in invoice["total_discount_amounts"] if each["amount"]}
    left = []
    for each in ids:
        terms = await call.state.get(TERMS, each)
        if not (terms is not None and terms["duration"] == "once" and each in used):
            left.append(each)
    await _customer_after(call, used, invoice["customer"])
    return left


async def _customer_after(call: StripeCall, used: set[str], key: str) -> None:
    customer = await call.state.get("customer", key)
    if customer is None or customer["discount"] is None or customer["discount"]["id"] not in used:
        return
    terms = await call.state.get(TERMS, customer["discount"]["id"])
    if terms is not None and terms["duration"] == "once":
        await call.state.put("customer", key, {**customer, "discount": None})


async def for_invoice(call: StripeCall, invoice: Object, customer: Object, subscription: Object | None) -> Object:
    """A new invoice with its discounts: those that the call asks for, else the subscription's, else the customer's."""
    planned = await asked(call, customer["id"])
    if planned is not None:
        made = await begin(call, planned, customer["id"], invoice=invoice["id"])
        return {**invoice, "discounts": [each["id"] for each in made]}
    return await inherited(call, invoice, customer, subscription)


async def inherited(call: StripeCall, invoice: Object, customer: Object, subscription: Object | None) -> Object:
    """A new invoice with the subscription's discounts, or the customer's."""
    ids = await lasting(call, subscription["discounts"]) if subscription else []
    return {**invoice, "discounts": ids or [each.id for each in await of_customer(call, customer)]}


async def with_lines(call: StripeCall, invoice: Object, lines: Sequence[Object]) -> Object:
    """The invoice with its lines, what its discounts take off them, their taxes, and the sums."""
    found: list[tuple[str, Terms]] = []
    for each in invoice["discounts"]:
        terms = await call.state.get(TERMS, each)
        if terms is not None:
            found.append((each, Terms(**terms)))
    shared = shares(found, invoice["currency"], lines)
    return invoice_lines.with_lines(invoice, await taxes.taxed(call, invoice, shared))
