"""Until basil an invoice had one payment, a subscription one period and one discount.

docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices,
/deprecate-subscription-current-period-start-and-end, /deprecate-singular-coupon-promotion-code,
/adds-new-parent-field-to-invoicing-objects, /invoice-pricing-configurations and /deprecate-legacy-usage-based-billing.
What basil added (``parent``, ``pricing``, the periods of items) older versions have as well: additions are in all of
them (docs.stripe.com/upgrades).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe import invoice_payments
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.prices import plan_of
from mocks.stripe.versions.parameters import Pair, Path, every, renamed

BEFORE = "2025-03-31"


async def _asking(call: StripeCall, intent: str | None) -> str | None:
    """The invoice that a payment intent asks for."""
    if intent is None:
        return None
    found = await call.state.get(invoice_payments.ASKED, intent)
    return found["invoice"] if found else None


async def paid_for(call: StripeCall, object: Object) -> Object:
    """``invoice``: null for what no invoice has asked for."""
    if "invoice" in object:
        return object
    intent = object["id"] if object["object"] == "payment_intent" else object.get("payment_intent")
    return {**object, "invoice": await _asking(call, intent if isinstance(intent, str) else None)}


async def _first(call: StripeCall, object: Object) -> Object | None:
    """The discount that was the only one, whole."""
    found = next(iter(object.get("discounts") or ()), None)
    loaded = await call.state.get("discount", found) if isinstance(found, str) else found
    return loaded if isinstance(loaded, dict) else None


async def subscription(call: StripeCall, object: Object) -> Object:
    """``current_period_start`` and ``current_period_end`` stood on the subscription, and ``discount`` was one."""
    data = (object.get("items") or {}).get("data")
    found = object if "discount" in object else {"discount": await _first(call, object), **object}
    if not data:
        return found
    names = ("current_period_start", "current_period_end")
    return {**found, **{name: data[0].get(name) for name in names}}


async def invoice(call: StripeCall, object: Object) -> Object:
    """What is known today by the invoice's payments, its parent and its taxes."""
    if object.get("deleted") or "paid" in object:
        return object
    hidden: Mapping[str, Any] = await call.state.get(invoice_payments.HIDDEN, object.get("id", "")) or {}
    intent = hidden.get("payment_intent")
    held = await call.state.get("payment_intent", intent) if intent else None
    parent: Mapping[str, Any] = object.get("parent") or {}
    details: Mapping[str, Any] = parent.get("subscription_details") or {}
    taxes = object.get("total_taxes") or []
    paid = object["status"] == "paid"
    return {
        "application_fee_amount": None,
        "charge": held["latest_charge"] if held else None,
        "discount": await _first(call, object),
        "paid": paid,
        "paid_out_of_band": paid and object["amount_paid"] > 0 and (held is None or held["status"] != "succeeded"),
        "payment_intent": intent,
        "quote": (parent.get("quote_details") or {}).get("quote"),
        "subscription": details.get("subscription"),
        "subscription_details": {"metadata": details.get("metadata")},
        "tax": sum(tax["amount"] for tax in taxes) if taxes else None,
        "total_tax_amounts": [_tax(tax) for tax in taxes],
        "transfer_data": None,
        **object,
    }


def _tax(tax: Mapping[str, Any]) -> Object:
    return {
        "amount": tax["amount"],
        "inclusive": tax.get("tax_behavior") == "inclusive",
        "tax_rate": (tax.get("tax_rate_details") or {}).get("tax_rate"),
        "taxability_reason": tax.get("taxability_reason"),
        "taxable_amount": tax.get("taxable_amount"),
    }


async def _priced(call: StripeCall, object: Object) -> Object:
    """``price`` and ``plan``, whole: a plan only of what recurs."""
    key = ((object.get("pricing") or {}).get("price_details") or {}).get("price")
    price = await call.state.get("price", key) if isinstance(key, str) else None
    return {"plan": plan_of(price) if price and price["type"] == "recurring" else None, "price": price}


async def line_item(call: StripeCall, object: Object) -> Object:
    """A line named its price and what it came from itself."""
    if "parent" not in object or "type" in object:  # a Checkout session's line is of this kind as well
        return object
    parent: Mapping[str, Any] = object["parent"] or {}
    item: Mapping[str, Any] = parent.get("invoice_item_details") or {}
    subscribed: Mapping[str, Any] = parent.get("subscription_item_details") or {}
    details = item or subscribed
    pricing: Mapping[str, Any] = object.get("pricing") or {}
    found = {
        "amount_excluding_tax": object["amount"],
        **await _priced(call, object),
        "proration": details.get("proration", False),
        "proration_details": details.get("proration_details") or {"credited_items": None},
        "subscription": details.get("subscription"),
        "tax_amounts": [_tax(tax) for tax in object.get("taxes") or ()],
        "tax_rates": [],
        "type": "subscription" if subscribed else "invoiceitem",
        "unit_amount_excluding_tax": pricing.get("unit_amount_decimal"),
        **object,
    }
    if details.get("invoice_item"):
        found["invoice_item"] = details["invoice_item"]
    if details.get("subscription_item"):
        found["subscription_item"] = details["subscription_item"]
    return found


async def invoiceitem(call: StripeCall, object: Object) -> Object:
    """An item named its price, its amount and its subscription itself."""
    if object.get("deleted") or "price" in object:
        return object
    found = await _priced(call, object)
    price: Mapping[str, Any] = found["price"] or {}
    details: Mapping[str, Any] = (object.get("parent") or {}).get("subscription_details") or {}
    return {
        **found,
        "subscription": details.get("subscription"),
        "unit_amount": price.get("unit_amount"),
        "unit_amount_decimal": price.get("unit_amount_decimal"),
        **object,
    }


async def _aggregate(call: StripeCall, key: str, recurring: Mapping[str, Any] | None) -> str | None:
    hidden = await call.state.get("price_details", key) or {}
    uses = recurring is not None and recurring["usage_type"] == "metered" and not recurring["meter"]
    return hidden.get("aggregate_usage") or ("sum" if uses else None)


async def price(call: StripeCall, object: Object) -> Object:
    """How usage records are counted."""
    recurring = object.get("recurring")
    if not recurring:
        return object
    return {**object, "recurring": {"aggregate_usage": await _aggregate(call, object["id"], recurring), **recurring}}


async def plan(call: StripeCall, object: Object) -> Object:
    """As of a price."""
    if object.get("deleted") or "usage_type" not in object:
        return object
    return {"aggregate_usage": await _aggregate(call, object["id"], object), **object}


async def checkout_session(call: StripeCall, object: Object) -> Object:
    """``shipping_details`` stood beside what else was collected."""
    collected: Mapping[str, Any] = object.get("collected_information") or {}
    return {"shipping_details": collected.get("shipping_details"), **object}


def _emptied(pairs: Sequence[Pair]) -> list[Pair]:
    """An empty ``coupon`` takes the discount away: so does an empty ``discounts``."""
    empty = {("discounts", "0", "coupon"), ("discounts", "0", "promotion_code")}
    return [(("discounts",), value) if path in empty and not value else (path, value) for path, value in pairs]


#: An upcoming invoice's parameter -> where a preview has it.
PREVIEW: dict[str, Path] = {
    **{
        f"subscription_{name}": ("subscription_details", name)
        for name in (
            "billing_cycle_anchor", "cancel_at", "cancel_at_period_end", "cancel_now", "default_tax_rates", "items",
            "proration_behavior", "proration_date", "resume_at", "start_date", "trial_end",
        )
    },
    "subscription_plan": ("subscription_details", "items", "0", "plan"),
    "subscription_quantity": ("subscription_details", "items", "0", "quantity"),
}  # fmt: skip


def _prorated(pairs: Sequence[Pair]) -> list[Pair]:
    """``subscription_prorate`` was yes or no until 2020-08-27."""
    words = {"true": "create_prorations", "false": "none"}
    return [
        (("subscription_proration_behavior",), words.get(value, value)) if path == ("subscription_prorate",)
        else (path, value)
        for path, value in pairs
    ]  # fmt: skip


_DISCOUNT = every(
    renamed({"coupon": ("discounts", "0", "coupon"), "promotion_code": ("discounts", "0", "promotion_code")}), _emptied
)
_PRICE = renamed({"price": ("pricing", "price"), "unit_amount": ("unit_amount_decimal",)})


def _used(pairs: Sequence[Pair]) -> list[Pair]:
    """A usage record's parameters: docs.stripe.com/api/usage_records/create?api-version=2024-06-20."""
    names: dict[str, Path] = {"quantity": ("payload", "value"), "action": ("payload", "action")}
    return [(names.get(path[0], path), value) for path, value in pairs if (path, value) != (("timestamp",), "now")]


CHANGES = {
    "charge": paid_for,
    "checkout.session": checkout_session,
    "invoice": invoice,
    "invoiceitem": invoiceitem,
    "line_item": line_item,
    "payment_intent": paid_for,
    "plan": plan,
    "price": price,
    "subscription": subscription,
}
SENT = {
    "billing.meter_events.create": _used,
    "invoice_items.create": _PRICE,
    "invoice_items.update": _PRICE,
    "invoices.create_preview": every(_DISCOUNT, _prorated, renamed(PREVIEW)),
    "subscriptions.create": _DISCOUNT,
    "subscriptions.update": _DISCOUNT,
}
