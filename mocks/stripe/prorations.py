"""Prorations: what a change in the middle of a period gives back and asks for, to the cent.

"Stripe calculates prorations down to the second": the part of the period that is left, of the old amount as a credit
and of the new one as a debit. https://docs.stripe.com/billing/subscriptions/prorations (2026-11).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mocks.base import ServiceError
from mocks.stripe import (
    customers,
    discounts,
    invoice_items,
    invoice_lines,
    invoices,
    periods,
    pricing,
    standing,
    unbilled,
    usage,
)
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid

#: Statuses in which a period is paid for, so that a part of it can be given back.
BILLED = ("active", "past_due", "unpaid")


async def part(call: StripeCall, subscription: Object, item: Object, at: int) -> int:
    """The part of an item's amount for what is left of its period at a time. Before the anchor, the period itself is
    but a part of a whole one."""
    anchor, day = subscription["billing_cycle_anchor"], periods.day_of(subscription)
    share = periods.worth(anchor, at, item["current_period_end"], item["price"]["recurring"], day)
    return await pricing.cost(call, item, subscription["currency"], share)


def moment(call: StripeCall, old: Object) -> int:
    """When the change counts from; raises ServiceError for a time outside of the period."""
    at = call.body.get("proration_date") or call.timestamp
    period = old["items"]["data"][0]
    if not period["current_period_start"] <= at <= period["current_period_end"]:
        raise invalid("Cannot specify `proration_date` outside of the current billing period.", param="proration_date")
    return int(at)


async def settled(call: StripeCall, old: Object, new: Object) -> Object:
    """The subscription after what a change costs was noted, and invoiced where that cannot wait. ``new`` is stored."""
    begun = await noted(call, old, new)
    return new if begun is None else await invoiced(call, new, begun)


async def noted(call: StripeCall, old: Object, new: Object) -> list[Object] | None:
    """Note what a change costs: answers the items whose period begins with an invoice at once, None where all waits for
    the next one."""
    behaviour = call.body.get("proration_behavior", "create_prorations")
    ended = old["status"] == "trialing" and new["status"] == "active"
    again = new["billing_cycle_anchor"] != old["billing_cycle_anchor"] and new["status"] in BILLED
    made = await unbilled.removed(call, old, new)
    if behaviour != "none" and old["status"] in BILLED and new["status"] in BILLED:
        made += await _noted(call, old, new, moment(call, old), again=again)
        made += 0 if again else await _shortened(call, old, new)
    if again or ended:
        found: list[Object] = new["items"]["data"]
        return found
    return [] if made and behaviour == "always_invoice" else None


async def given_back(call: StripeCall, subscription: Object, at: int) -> None:
    """Note what is unused of all items from a time on."""
    gone = {**subscription, "items": {**subscription["items"], "data": []}}
    await _noted(call, subscription, gone, at, again=False)


async def asked_for(call: StripeCall, subscription: Object, at: int) -> int:
    """Note what is left of the period of all items from a time on; answers how many."""
    none = {**subscription, "items": {**subscription["items"], "data": []}}
    return await _noted(call, none, subscription, at, again=False)


async def _noted(call: StripeCall, old: Object, new: Object, at: int, *, again: bool) -> int:
    """Store the credits and debits as items that wait for an invoice; answers how many."""
    before = {item["id"]: item for item in old["items"]["data"]}
    after = {item["id"]: item for item in new["items"]["data"]}
    changes: list[tuple[Object, int, str]] = []
    for key, item in before.items():
        if again or key not in after or _costs(after[key]) != _costs(item):
            changes.append((item, -await part(call, old, item, at), "Unused time on"))
    if not again:
        for key, item in after.items():
            if key not in before or _costs(before[key]) != _costs(item):
                changes.append((item, await part(call, old, item, at), "Remaining time on"))
    changes = [change for change in changes if change[1]]
    for item, amount, words in changes:
        made = await _item(call, old, item, amount, words, at)
        await invoice_items.store(call, made)
        call.event("invoiceitem.created", made)
    return len(changes)


async def _shortened(call: StripeCall, old: Object, new: Object) -> int:
    """What another end inside of the period gives back or asks for: "If set to a date before the current period has
    ended, this will cause a proration". https://docs.stripe.com/api/subscriptions/update#update_subscription-cancel_at"""
    made = 0
    for item in new["items"]["data"] if "cancel_at" in call.body else ():
        before, after = _served(old, item), _served(new, item)
        amount = await part(call, new, item, before) - await part(call, new, item, after)
        if amount:
            words = "Unused time on" if amount < 0 else "Remaining time on"
            waits = await _item(call, new, item, amount, words, min(before, after))
            await invoice_items.store(call, waits)
            call.event("invoiceitem.created", waits)
            made += 1
    return made


def _served(subscription: Object, item: Object) -> int:
    """Until when an item's period is served."""
    return int(min(item["current_period_end"], subscription["cancel_at"] or item["current_period_end"]))


def _costs(item: Object) -> tuple[str, int | None]:
    return item["price"]["id"], item.get("quantity")


async def _item(call: StripeCall, subscription: Object, item: Object, amount: int, words: str, at: int) -> Object:
    quantity = item.get("quantity", 1)
    name = await invoice_items.name_of(call, item["price"]) or item["price"]["product"]
    many = f"{quantity} × " if quantity != 1 else ""  # noqa: RUF001 - Stripe's own sign
    day = datetime.fromtimestamp(at, UTC).strftime("%d %b %Y")
    period = {"period": {"start": at, "end": item["current_period_end"]}}
    customer = subscription["customer"]
    waits = invoice_items.build(call, period, customer, item["price"], quantity, f"{words} {many}{name} after {day}")
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    return {
        **waits,
        "amount": amount,
        "discountable": False,
        "parent": {"subscription_details": details, "type": "subscription_details"},
        "proration": True,
        "tax_rates": item["tax_rates"],
        "test_clock": subscription["test_clock"],
    }


async def drafted(call: StripeCall, new: Object, begun: list[Object], reason: str = "subscription_update") -> Object:
    """An invoice of what waits, and of the periods that begin; not stored."""
    customer = await call.referred(customers.KIND, new["customer"], "customer")
    invoice = invoices.build(
        call,
        customer,
        reason=reason,
        currency=new["currency"],
        body={"collection_method": new["collection_method"], "days_until_due": new["days_until_due"]},
        subscription=new,
    )
    lines = [
        await invoice_items.taken(call, item, invoice["id"])
        for item in await invoice_items.waiting(call, customer["id"])
        if item["currency"] == new["currency"] and invoice_items.subscription_of(item) in (None, new["id"])
    ]
    for item in usage.shown(new, begun):
        share = periods.share_of(new, item)
        lines += await invoice_lines.of_subscription(call, invoice["id"], item, new["currency"], share=share)
    return await discounts.with_lines(call, await discounts.inherited(call, invoice, customer, new), lines)


async def invoiced(call: StripeCall, new: Object, begun: list[Object], reason: str = "subscription_update") -> Object:
    """The subscription with an invoice at once."""
    customer = await call.referred(customers.KIND, new["customer"], "customer")
    invoice = await drafted(call, new, begun, reason)
    call.event("invoice.created", invoice)
    new = {**new, "latest_invoice": invoice["id"]}
    if new["collection_method"] != "charge_automatically":
        await invoice_lines.store(call, invoice)
        return new
    invoice = await invoices.finalized(call, invoice)
    if invoice["status"] == "open" and not await _collected(call, new, invoice, customer):
        return {**new, "status": "past_due"}
    return new


async def _collected(call: StripeCall, new: Object, invoice: Object, customer: Object) -> bool:
    method = await invoices.payer(call, invoice, customer, new)
    if method is None:
        return False
    # A pending update waits for the customer, who may authenticate; nothing is retried by itself.
    waits = call.body.get("payment_behavior") == "pending_if_incomplete"
    again = None if waits else standing.next_attempt(call, invoice["attempt_count"] + 1)
    try:
        done = await invoices.collect(call, invoice, method, off_session=not waits, again=again)
    except ServiceError as refused:
        if call.body.get("payment_behavior") == "error_if_incomplete":
            # "returns an HTTP 402 and doesn't update the subscription": nothing of this call stays, and an idempotency
            # key keeps nothing of it either, since that would commit what was written.
            refused.keep, call.finished = False, True
            raise
        return False
    return bool(done["status"] == "paid")
