"""The phases of a subscription schedule: what is asked for, when each begins and ends, and what each makes of the
subscription. https://docs.stripe.com/api/subscription_schedules/create (2026-11). Wording ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe import coupons, payment_methods, periods, promotion_codes, taxes
from mocks.stripe import subscription_items as items
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import exclusive, invalid, missing_param
from mocks.stripe.metadata import first

#: Members that are kept as they come.
PLAIN = ("application_fee_percent", "billing_cycle_anchor", "collection_method", "description", "on_behalf_of",
         "transfer_data")  # fmt: skip
#: "up to 10 current or future phases": https://docs.stripe.com/billing/subscriptions/subscription-schedules (2026-11).
MOST = 10


async def built(call: StripeCall, sent: Sequence[Mapping[str, Any]], start: int, customer: str) -> list[Object]:
    """Phases one after the other, from a time on. Raises ServiceError."""
    if len(sent) > MOST:
        raise invalid(f"A schedule can have up to {MOST} current or future phases.", param="phases")
    found: list[Object] = []
    for at, each in enumerate(sent):
        param = f"phases[{at}]"
        if "iterations" in each and call.version >= "2025-09-30":
            # https://docs.stripe.com/changelog/clover/2025-09-30/remove-iterations
            unknown = f"{param}[iterations]"
            raise invalid(f"Received unknown parameter: {unknown}", code="parameter_unknown", param=unknown)
        begins = each.get("start_date", start)
        begins = call.timestamp if begins == "now" else int(begins)
        if found and begins != start:
            raise invalid("A phase begins where the one before it ends.", param=f"{param}[start_date]")
        phase = await _phase(call, each, begins, param, customer)
        if found and phase["currency"] != found[0]["currency"]:
            raise invalid("All phases have the same currency.", param=f"{param}[currency]")
        found.append(phase)
        start = phase["end_date"]
    return found


async def _phase(call: StripeCall, sent: Mapping[str, Any], start: int, param: str, customer: str) -> Object:
    if not sent.get("items"):
        raise missing_param(f"{param}[items]")
    items.few(sent["items"])
    prices = [await items.price_of(call, each, f"{param}[items][{at}]") for at, each in enumerate(sent["items"])]
    end = _end(call, sent, start, prices[0]["recurring"], param)
    if sent.get("trial") and sent.get("trial_end"):
        raise exclusive(f"{param}[trial]", f"{param}[trial_end]")
    trial_end = end if sent.get("trial") else given(sent, "trial_end")
    if trial_end is not None and not start < int(trial_end) <= end:
        raise invalid("A trial ends within its phase.", param=f"{param}[trial_end]")
    if given(sent, "default_payment_method"):
        method = await payment_methods.usable(call, sent["default_payment_method"], f"{param}[default_payment_method]")
        if method["customer"] != customer:
            raise invalid("The payment method belongs to another customer.", param=f"{param}[default_payment_method]")
    settings = sent.get("invoice_settings")
    return {
        **{name: given(sent, name) for name in PLAIN},
        "add_invoice_items": [_added(each) for each in sent.get("add_invoice_items") or ()],
        "billing_thresholds": None,
        "currency": sent.get("currency") or prices[0]["currency"],
        "default_payment_method": given(sent, "default_payment_method"),
        "default_tax_rates": await taxes.named(call, given(sent, "default_tax_rates"), f"{param}[default_tax_rates]"),
        "discounts": await _discounts(call, given(sent, "discounts"), f"{param}[discounts]", customer),
        "end_date": end,
        "invoice_settings": settings
        and {"account_tax_ids": None, "days_until_due": settings.get("days_until_due"), "issuer": None},
        "items": [
            await _item(call, each, price, f"{param}[items][{at}]", customer)
            for at, (each, price) in enumerate(zip(sent["items"], prices, strict=True))
        ],
        "metadata": first(sent.get("metadata")),
        "proration_behavior": sent.get("proration_behavior", "create_prorations"),
        "start_date": start,
        "trial_end": None if trial_end is None else int(trial_end),
    }


def _end(call: StripeCall, sent: Mapping[str, Any], start: int, recurring: Mapping[str, Any], param: str) -> int:
    """When a phase ends: at a date, or after a time that is one period of its price when nobody says."""
    asked = [name for name in ("end_date", "duration", "iterations") if sent.get(name) is not None]
    if len(asked) > 1:
        raise exclusive(*(f"{param}[{name}]" for name in asked))
    end = sent.get("end_date")
    if end is None:
        lasts = dict(sent.get("duration") or recurring)
        lasts["interval_count"] = lasts.get("interval_count", 1) * sent.get("iterations", 1)
        return periods.end_after(start, start, lasts)
    end = call.timestamp if end == "now" else int(end)
    if end <= start:
        raise invalid("A phase ends after it begins.", param=f"{param}[end_date]")
    return end


async def _item(call: StripeCall, sent: Mapping[str, Any], price: Object, param: str, customer: str) -> Object:
    metered = price["recurring"]["usage_type"] == "metered"
    return {
        "billing_thresholds": None,
        "discounts": await _discounts(call, given(sent, "discounts"), f"{param}[discounts]", customer),
        "metadata": first(sent.get("metadata")),
        "plan": price["id"],
        "price": price["id"],
        **({} if metered else {"quantity": sent.get("quantity", 1)}),
        "tax_rates": await taxes.named(call, given(sent, "tax_rates"), f"{param}[tax_rates]"),
    }


def _added(sent: Mapping[str, Any]) -> Object:
    period = {"end": {"type": "min_item_period_end"}, "start": {"type": "max_item_period_start"}}
    return {
        "discounts": [],
        "metadata": first(sent.get("metadata")),
        "period": sent.get("period") or period,
        "price": sent.get("price"),
        "quantity": sent.get("quantity", 1),
        "tax_rates": [],
    }


async def _discounts(call: StripeCall, sent: Any, param: str, customer: str) -> list[Object]:
    found: list[Object] = []
    for at, each in enumerate(sent or ()):
        if each.get("coupon"):
            await coupons.redeemable(call, each["coupon"], f"{param}[{at}][coupon]")
        if each.get("promotion_code"):
            await promotion_codes.redeemable(call, each["promotion_code"], f"{param}[{at}][promotion_code]", customer)
        found.append({name: each.get(name) for name in ("coupon", "discount", "promotion_code")})
    return found


def of_subscription(subscription: Object) -> Object:
    """The phase that a subscription is in, for a schedule that is made from it."""
    found = subscription["items"]["data"]
    return {
        **dict.fromkeys(PLAIN),
        "add_invoice_items": [],
        "billing_thresholds": None,
        "collection_method": subscription["collection_method"],
        "currency": subscription["currency"],
        "default_payment_method": subscription["default_payment_method"],
        "default_tax_rates": subscription["default_tax_rates"],
        "discounts": [{"coupon": None, "discount": key, "promotion_code": None} for key in subscription["discounts"]],
        "end_date": found[0]["current_period_end"],
        "invoice_settings": None,
        "items": [
            {
                "billing_thresholds": None,
                "discounts": [],
                "metadata": item["metadata"],
                "plan": item["price"]["id"],
                "price": item["price"]["id"],
                **({"quantity": item["quantity"]} if "quantity" in item else {}),
                "tax_rates": item["tax_rates"],
            }
            for item in found
        ],
        "metadata": subscription["metadata"],
        "proration_behavior": "create_prorations",
        "start_date": found[0]["current_period_start"],
        "trial_end": subscription["trial_end"] if subscription["status"] == "trialing" else None,
    }


def asked(phase: Object, defaults: Object) -> Object:
    """What a phase asks of a subscription, in the words of its own parameters."""
    method = phase["collection_method"] or defaults["collection_method"]
    days = (phase["invoice_settings"] or defaults["invoice_settings"]).get("days_until_due")
    body: Object = {
        "collection_method": method,
        "default_payment_method": phase["default_payment_method"] or defaults["default_payment_method"] or "",
        "default_tax_rates": [rate["id"] for rate in phase["default_tax_rates"]] or "",
        "description": phase["description"] or defaults["description"] or "",
        "discounts": [_named(each) for each in phase["discounts"]] or "",
        "metadata": phase["metadata"],
        "proration_behavior": phase["proration_behavior"],
    }
    if method == "send_invoice":
        body["days_until_due"] = days
    if phase["trial_end"] is not None:
        body["trial_end"] = phase["trial_end"]
    return body


def wanted(item: Object) -> Object:
    """An item of a phase in the words of a subscription's."""
    return {
        "metadata": item["metadata"],
        "price": item["price"],
        **({"quantity": item["quantity"]} if "quantity" in item else {}),
        "tax_rates": [rate["id"] for rate in item["tax_rates"]] or "",
    }


def _named(discount: Object) -> Object:
    return {name: value for name, value in discount.items() if value}
