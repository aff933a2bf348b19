"""Metered use that no invoice asks for yet, where its item goes or its subscription ends.

https://docs.stripe.com/billing/subscriptions/billing-mode/compare: "Flexible billing mode generates an invoice item for
unbilled usage when you remove a metered subscription item", and https://docs.stripe.com/api/subscriptions/cancel:
``invoice_now`` asks for "any un-invoiced metered usage" (2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe import invoice_items, pricing, products, usage
from mocks.stripe.calls import Object, StripeCall


async def noted(call: StripeCall, subscription: Object, found: Sequence[Object]) -> int:
    """Store what was used of items up to now as invoice items that wait; answers how many."""
    if subscription["status"] == "trialing":
        return 0
    made = 0
    for item in found:
        if not pricing.is_metered(item["price"]):
            continue
        # What was used in this very second counts.
        until = min(call.timestamp + 1, item["current_period_end"])
        used = await usage.of(call, subscription, item, until)
        for part in await pricing.of(call, item["price"], used, subscription["currency"]) if used else ():
            waits = await _item(call, subscription, item, part)
            await invoice_items.store(call, waits)
            call.event("invoiceitem.created", waits)
            made += 1
    return made


async def removed(call: StripeCall, old: Object, new: Object) -> int:
    """What was used of the items that a change takes away or gives another price, or whose period it ends."""
    if old["billing_mode"]["type"] != "flexible":
        return 0
    kept = {(item["id"], item["price"]["id"]) for item in new["items"]["data"]}
    again = new["billing_cycle_anchor"] != old["billing_cycle_anchor"]
    gone = [item for item in old["items"]["data"] if again or (item["id"], item["price"]["id"]) not in kept]
    return await noted(call, old, gone)


async def _item(call: StripeCall, subscription: Object, item: Object, part: pricing.Part) -> Object:
    price, currency = item["price"], subscription["currency"]
    product = await call.state.get(products.KIND, price["product"])
    name, label = (product["name"], product["unit_label"]) if product else (price["product"], None)
    period = {"period": {"start": item["current_period_start"], "end": call.timestamp}}
    words = pricing.words(price, part, name, label, currency)
    waits = invoice_items.build(call, period, subscription["customer"], price, part.quantity, words)
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    return {
        **waits,
        "amount": part.amount,
        "currency": currency,
        "parent": {"subscription_details": details, "type": "subscription_details"},
        "tax_rates": item["tax_rates"],
        "test_clock": subscription["test_clock"],
    }
