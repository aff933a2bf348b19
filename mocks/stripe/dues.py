"""What time tells of invoices: of one that is to come, and of one that waits to be paid by its due date.

https://docs.stripe.com/billing/subscriptions/webhooks, https://docs.stripe.com/api/events/types#event_types-invoice.upcoming
and https://docs.stripe.com/billing/automations (2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe import clocks, invoice_lines, standing
from mocks.stripe.calls import Object, StripeCall

DAY = 86_400
#: Days before a renewal, "where X is determined by your subscriptions settings". Seen of a real account: seven.
UPCOMING = 7
#: "determined by Automations", which an account has none of from the start:
#: https://docs.stripe.com/changelog/acacia/2024-09-30/billing-due-date-webhooks (2026-11).
AUTOMATIONS: Sequence[int] = ()


def upcoming_at(call: StripeCall, subscription: Object) -> int | None:
    """When to tell of the next renewal; None where none is to come, or its period is no longer than the notice."""
    days = standing.settings(call).get("upcoming", UPCOMING)
    renewed = min(subscription["items"]["data"], key=lambda item: int(item["current_period_end"]))
    end, start = int(renewed["current_period_end"]), int(renewed["current_period_start"])
    if not days or (subscription["cancel_at"] and subscription["cancel_at"] <= end):
        return None
    at = end - int(days * DAY)
    return at if at > start else None


def foretold(invoice: Object) -> Object:
    """A draft as it is shown before there is one: with ids that nothing has."""
    key = f"upcoming_in_{invoice['id'].removeprefix('in_')}"
    lines = [
        {**line, "id": f"il_tmp_{line['id'].removeprefix('il_')}", "invoice": key} for line in invoice["lines"]["data"]
    ]
    charged = invoice["collection_method"] == "charge_automatically"
    return {
        **invoice,
        "id": key,
        "automatically_finalizes_at": None,
        "billing_reason": "upcoming",
        "ending_balance": invoice_lines.left_over(invoice),
        "lines": invoice_lines.lines(key, lines),
        "next_payment_attempt": invoice["created"] + 3600 if charged else None,
        "webhooks_delivered_at": None,
    }


def announced(call: StripeCall, invoice: Object) -> None:
    """Tell of the invoice that is to come: "The received ``Invoice`` object will not have an invoice ID"."""
    shown = foretold(invoice)
    del shown["id"]
    lines = {**shown["lines"], "data": [{**line, "invoice": None} for line in shown["lines"]["data"]]}
    call.event("invoice.upcoming", {**shown, "lines": lines})


def _notices(call: StripeCall, invoice: Object) -> list[tuple[int, str]]:
    """When an invoice with a due date is told of, by which event."""
    due, known = invoice["due_date"], standing.settings(call)
    before = [(due - int(days * DAY), "invoice.will_be_due") for days in known.get("will_be_due", AUTOMATIONS)]
    return before + [(due + int(days * DAY), "invoice.overdue") for days in known.get("overdue", AUTOMATIONS)]


async def awaited(call: StripeCall, invoice: Object) -> None:
    """Look at an open invoice when its due date comes, and when it is to be told of."""
    if invoice["status"] != "open" or not invoice["due_date"]:
        return
    for at in {invoice["due_date"], *(at for at, _ in _notices(call, invoice))}:
        if at > call.timestamp:
            await clocks.appoint(call, at, invoice)


async def look(call: StripeCall, invoice: Object) -> None:
    """What an invoice's due date brings by now."""
    if invoice["status"] != "open" or not invoice["due_date"]:
        return
    for at, event in _notices(call, invoice):
        if at == call.timestamp:
            call.event(event, invoice)
    if invoice["due_date"] == call.timestamp and invoice["collection_method"] == "send_invoice":
        await standing.late(call, invoice["customer"], invoice_lines.subscription_of(invoice))
