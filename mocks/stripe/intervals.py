"""Invoices of what waits between renewals: ``pending_invoice_item_interval``, "analogous to calling Create an invoice
for the given subscription at the specified interval". https://docs.stripe.com/api/subscriptions/object (2026-11).

Not documented and so a guess: the intervals are counted from the billing cycle's anchor.
"""

from __future__ import annotations

from typing import Any

from mocks.stripe import clocks, endings, invoice_items, invoice_lines, periods, prorations
from mocks.stripe.calls import Object, StripeCall, changed

REASON = "automatic_pending_invoice_item_invoice"


def next_at(anchor: int, interval: Any, now: int) -> int | None:
    """When what waits is invoiced next, for ``next_pending_invoice_item_invoice``."""
    return periods.end_after(anchor, now, interval) if interval else None


async def look(call: StripeCall, subscription: Object) -> Object:
    """The subscription after what waits was invoiced, where its time has come. Stored."""
    at, now = subscription["next_pending_invoice_item_invoice"], call.timestamp
    if not at or at > now:
        return subscription
    following = next_at(subscription["billing_cycle_anchor"], subscription["pending_invoice_item_interval"], now)
    changes: Object = {"next_pending_invoice_item_invoice": following}
    if any(_own(subscription, item) for item in await invoice_items.waiting(call, subscription["customer"])):
        changes["latest_invoice"] = await _drafted(call, subscription)
    new, previous = changed(subscription, changes)
    await endings.store(call, new)
    call.event("customer.subscription.updated", new, previous)
    return new


def _own(subscription: Object, item: Object) -> bool:
    of = invoice_items.subscription_of(item)
    return item["currency"] == subscription["currency"] and of in (None, subscription["id"])


async def _drafted(call: StripeCall, subscription: Object) -> str:
    """A draft, which time finalizes and collects as it does a renewal's."""
    invoice = await prorations.drafted(call, subscription, [], REASON)
    at = call.timestamp + 3600
    charged = invoice["collection_method"] == "charge_automatically"
    advancing = {"auto_advance": True, "automatically_finalizes_at": at}
    invoice = {**invoice, **advancing, "next_payment_attempt": at if charged else None}
    await invoice_lines.store(call, invoice)
    call.event("invoice.created", invoice)
    await clocks.appoint(call, at, invoice)
    return str(invoice["id"])
