"""The invoice of what was paid once: https://docs.stripe.com/payments/checkout/receipts#paid-invoices (2026-11).

A session with ``invoice_creation`` makes it when its payment has succeeded. Its lines are what was paid for each item,
discounts and taxes within; they are not itemised.
"""

from __future__ import annotations

from mocks.stripe import (
    checkout_sessions,
    customers,
    discounts,
    invoice_items,
    invoice_lines,
    invoice_payments,
    invoices,
)
from mocks.stripe.calls import Object, StripeCall


def wanted(session: Object) -> bool:
    """Whether a session makes an invoice, for the customer that it has."""
    return bool((session["invoice_creation"] or {}).get("enabled")) and session["customer"] is not None


async def made(call: StripeCall, session: Object, intent: Object | None) -> Object:
    """The session with its paid invoice; ``intent`` is what paid it, None where there was nothing to pay."""
    customer = await call.named(customers.KIND, session["customer"])
    details = await call.named(checkout_sessions.HIDDEN, session["id"])
    asked = (details["data"].get("invoice_creation") or {}).get("invoice_data") or {}
    invoice = invoices.build(call, customer, reason="manual", currency=session["currency"], body=asked)
    lines = []
    for item in details["line_items"]:
        own = {"discountable": False}
        waits = invoice_items.build(call, own, customer["id"], item["price"], item["quantity"], item["description"])
        lines.append(await invoice_items.taken(call, {**waits, "amount": item["amount_total"]}, invoice["id"]))
    invoice = _carried(await discounts.with_lines(call, invoice, lines), session["shipping_cost"])
    await invoice_lines.store(call, invoice)
    call.event("invoice.created", invoice)
    opened = await invoices.finalized(call, invoice)
    if intent is not None and opened["status"] == "open":
        await invoice_payments.asks(call, opened, intent)
        await invoice_payments.answered(call, intent)
    return {**session, "invoice": invoice["id"]}


def _carried(invoice: Object, cost: Object | None) -> Object:
    """With what it costs to send it."""
    if not cost or not cost["amount_total"]:
        return invoice
    sums = ("amount_due", "amount_remaining", "total", "total_excluding_tax")
    more = {name: (invoice[name] or 0) + cost["amount_total"] for name in sums}
    shown = {"taxes": [], **cost}
    return {**invoice, **more, "amount_shipping": cost["amount_total"], "shipping_cost": shown}
