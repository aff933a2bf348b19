"""What an accepted quote becomes: an invoice, a subscription, or a schedule for one that begins later.

https://docs.stripe.com/quotes/overview and https://docs.stripe.com/api/quotes/accept (2026-11). An invoice of what is
sold once is a draft (https://docs.adaptyvbio.com/api-reference/quotes/accept-quote tells so of its quotes).
"""

from __future__ import annotations

from typing import Any

from mocks.stripe import (
    beginnings,
    checkout_items,
    customers,
    discounts,
    invoice_items,
    invoice_lines,
    invoices,
    schedules,
)
from mocks.stripe.calls import Object, StripeCall


async def made(call: StripeCall, quote: Object, hidden: Object) -> Object:
    """The quote's members that name what it became. Raises ServiceError."""
    items = hidden["line_items"]
    if not any(item["price"]["type"] == "recurring" for item in items):
        return {"invoice": await _invoice(call, quote, hidden)}
    begins = quote["subscription_data"]["effective_date"]
    if begins is not None and begins > call.timestamp:
        return {"subscription_schedule": await _schedule(call, quote, hidden)}
    return {"subscription": await _subscription(call, quote, hidden)}


async def _invoice(call: StripeCall, quote: Object, hidden: Object) -> str:
    customer = await call.named(customers.KIND, quote["customer"])
    settings = {name: value for name, value in quote["invoice_settings"].items() if name != "issuer"}
    about = {"collection_method": quote["collection_method"], "on_behalf_of": quote["on_behalf_of"], **settings}
    rates = [await call.named("tax_rate", key) for key in quote["default_tax_rates"]]
    invoice = invoices.build(call, customer, reason="manual", currency=quote["currency"], body=about, rates=rates)
    parent = {"quote_details": {"quote": quote["id"]}, "subscription_details": None, "type": "quote_details"}
    reduced = call.as_if({"discounts": hidden["discounts"]} if hidden["discounts"] else {})
    invoice = await discounts.for_invoice(reduced, {**invoice, "parent": parent}, customer, None)
    lines = []
    for item in hidden["line_items"]:
        sold = invoice_items.build(call, {}, customer["id"], item["price"], item["quantity"], item["description"])
        rates = await checkout_items.rates_of(call, item)
        lines.append(await invoice_items.taken(call, {**sold, "tax_rates": rates}, invoice["id"]))
    invoice = await discounts.with_lines(call, invoice, lines)
    await invoice_lines.store(call, invoice)
    call.event("invoice.created", invoice)
    return str(invoice["id"])


async def _asked(call: StripeCall, item: Object) -> Object:
    """An item as a subscription is asked for it."""
    asked: Object = {"price": item["price"]["id"]}
    if item["quantity"] is not None:
        asked["quantity"] = item["quantity"]
    if rates := await checkout_items.rates_of(call, item):
        asked["tax_rates"] = [rate["id"] for rate in rates]
    return asked


async def _terms(call: StripeCall, quote: Object, hidden: Object) -> dict[str, Any]:
    """What a subscription and the phase of a schedule are asked for alike."""
    found: dict[str, Any] = {"items": [], "add_invoice_items": []}
    for item in hidden["line_items"]:
        place = "items" if item["price"]["type"] == "recurring" else "add_invoice_items"
        found[place].append(await _asked(call, item))
    data = quote["subscription_data"]
    found |= {
        "application_fee_percent": quote["application_fee_percent"],
        "collection_method": quote["collection_method"],
        "default_tax_rates": quote["default_tax_rates"],
        "description": data["description"],
        "metadata": data["metadata"],
        "on_behalf_of": quote["on_behalf_of"],
        "transfer_data": quote["transfer_data"],
    }
    if hidden["discounts"]:
        found["discounts"] = hidden["discounts"]
    return {name: value for name, value in found.items() if value not in (None, [], {})}


async def _subscription(call: StripeCall, quote: Object, hidden: Object) -> str:
    data = quote["subscription_data"]
    asked = {**await _terms(call, quote, hidden), "billing_mode": data["billing_mode"], "customer": quote["customer"]}
    if quote["invoice_settings"]["days_until_due"]:
        asked["days_until_due"] = quote["invoice_settings"]["days_until_due"]
    if data["trial_period_days"]:
        asked["trial_period_days"] = data["trial_period_days"]
    return str((await beginnings.create(call.as_if(asked)))["id"])


async def _schedule(call: StripeCall, quote: Object, hidden: Object) -> str:
    data = quote["subscription_data"]
    phase = await _terms(call, quote, hidden)
    if days := quote["invoice_settings"]["days_until_due"]:
        phase["invoice_settings"] = {"days_until_due": days}
    if data["trial_period_days"]:
        phase["trial_end"] = data["effective_date"] + data["trial_period_days"] * 86_400
        phase["end_date"] = phase["trial_end"]
    asked = {
        "billing_mode": data["billing_mode"],
        "customer": quote["customer"],
        "phases": [phase],
        "start_date": data["effective_date"],
    }
    return str((await schedules.create(call.as_if(asked)))["id"])
