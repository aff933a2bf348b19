"""What else is done with an invoice: changed, sent, given up, read line by line. https://docs.stripe.com/api/invoices
(2026-11)."""

from __future__ import annotations

from mocks.stripe import clocks, discounts, dues, invoice_lines, invoices, payment_methods, standing, taxes
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import exclusive, invalid
from mocks.stripe.lists import sliced
from mocks.stripe.metadata import merged

#: Parameters that are kept as they come; an empty string clears them.
PLAIN = (
    "custom_fields", "default_payment_method", "default_source", "description", "footer", "on_behalf_of",
    "statement_descriptor",
)  # fmt: skip
#: "Once you finalize the invoice, monetary values, as well as collection_method, become uneditable":
#: https://docs.stripe.com/api/invoices/update.
FROZEN = frozenset(
    ["application_fee_amount", "automatic_tax", "collection_method", "default_tax_rates", "discounts", "number",
     "shipping_cost"]
)  # fmt: skip


def uneditable() -> Exception:
    """A call that wants to change what is final."""
    return invalid("This invoice is no longer editable", code="invoice_not_editable")


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(invoices.KIND, call.path("invoice"))
    await clocks.enter(call, old)
    if old["status"] != "draft" and FROZEN & set(body):
        raise uneditable()
    if body.get("due_date") and body.get("days_until_due"):
        raise exclusive("due_date", "days_until_due")
    if given(body, "default_payment_method"):
        await call.referred(payment_methods.KIND, body["default_payment_method"], "default_payment_method")
    changes: Object = {name: given(body, name) for name in PLAIN if name in body}
    changes |= {name: body[name] for name in ("auto_advance", "collection_method") if name in body}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("due_date"):
        changes["due_date"] = body["due_date"]
    elif body.get("days_until_due"):
        changes["due_date"] = call.timestamp + body["days_until_due"] * 86_400
    if "auto_advance" in changes and old["status"] == "draft":
        changes["automatically_finalizes_at"] = call.timestamp + 3600 if changes["auto_advance"] else None
    if "default_tax_rates" in body:
        changes["default_tax_rates"] = await taxes.named(call, given(body, "default_tax_rates"), "default_tax_rates")
    planned = await discounts.asked(call, old["customer"])
    new = {**old, **changes}
    if planned is not None:
        begun = await discounts.begin(call, planned, old["customer"], invoice=old["id"])
        new = {**new, "discounts": [each["id"] for each in begun]}
    if planned is not None or new["default_tax_rates"] != old["default_tax_rates"]:
        new = await discounts.with_lines(call, new, old["lines"]["data"])
    _, previous = changed(old, new)
    await invoice_lines.store(call, new)
    if new["automatically_finalizes_at"] != old["automatically_finalizes_at"] and new["automatically_finalizes_at"]:
        await clocks.appoint(call, new["automatically_finalizes_at"], new)
    if new["due_date"] != old["due_date"]:
        await dues.awaited(call, new)
    if previous:
        call.event("invoice.updated", new, previous)
    return new


async def send(call: StripeCall) -> Object:
    """In test mode nothing is mailed, but the event comes: https://docs.stripe.com/api/invoices/send."""
    invoice = await call.named(invoices.KIND, call.path("invoice"))
    await clocks.enter(call, invoice)
    if invoice["collection_method"] != "send_invoice":
        raise invalid("You can only manually send an invoice if its collection method is 'send_invoice'.")
    if invoice["status"] not in ("draft", "open"):
        raise invalid(f"You can only send an invoice that is a draft or open. This invoice is {invoice['status']}.")
    if invoice["status"] == "draft":
        invoice = await invoices.finalized(call, invoice)
    call.event("invoice.sent", invoice)
    return invoice


async def mark_uncollectible(call: StripeCall) -> Object:
    invoice = await call.named(invoices.KIND, call.path("invoice"))
    await clocks.enter(call, invoice)
    if invoice["status"] != "open":
        raise invalid(f"You can only pass in open invoices. This invoice isn't open; it is {invoice['status']}.")
    given_up = await invoices.given_up(call, invoice)
    await standing.cleared(call, invoice["customer"])
    if (key := invoice_lines.subscription_of(invoice)) is not None:
        await standing.given_up(call, key, given_up)
    return given_up


async def list_lines(call: StripeCall) -> Object:
    invoice = await call.named(invoices.KIND, call.path("invoice"))
    return sliced(call, invoice["lines"]["data"], "line_item", f"/v1/invoices/{invoice['id']}/lines")
