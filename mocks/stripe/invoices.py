"""Invoices: https://docs.stripe.com/api/invoices (2026-11). Made, finalized, paid, listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe import (
    clocks,
    credit_ledger,
    customer_balance,
    customers,
    discounts,
    dues,
    invoice_items,
    invoice_lines,
    money,
    payment_methods,
    pending,
    taxes,
)
from mocks.stripe.calls import Object, StripeCall, changed, given
from mocks.stripe.errors import invalid, missing
from mocks.stripe.invoice_lines import lines, store
from mocks.stripe.invoice_payments import INCLUDES as INCLUDES
from mocks.stripe.invoice_payments import PAYMENT as PAYMENT
from mocks.stripe.invoice_payments import collect as collect
from mocks.stripe.invoice_payments import intent_for as intent_for
from mocks.stripe.invoice_payments import list_payments as list_payments
from mocks.stripe.invoice_payments import payer as payer
from mocks.stripe.invoice_payments import settled as settled
from mocks.stripe.lists import page
from mocks.stripe.metadata import first

KIND = invoice_lines.INVOICE

#: The mock's account, as invoices show it.
ACCOUNT = {"account_country": "US", "account_name": "Mock account", "account_tax_ids": None}

NO_METHOD = (
    "There is no `default_payment_method` set on this Customer or Invoice. Please set the `default_payment_method` on "
    "the Customer or Invoice before paying the Invoice."
)


def build(
    call: StripeCall,
    customer: Object,
    *,
    reason: str,
    currency: str,
    body: Mapping[str, Any],
    subscription: Object | None = None,
    auto_advance: bool = False,
    rates: Sequence[Object] = (),
) -> Object:
    """A draft without lines. ``rates`` are its own default tax rates."""
    key = call.new_id("in_1", 23)
    collection = body.get("collection_method") or "charge_automatically"
    days = body.get("days_until_due")
    return {
        "id": key,
        "object": KIND,
        **ACCOUNT,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": auto_advance,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": call.timestamp + 3600 if auto_advance else None,
        "billing_reason": reason,
        "collection_method": collection,
        "created": call.timestamp,
        "currency": currency,
        "custom_fields": given(body, "custom_fields"),
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "default_payment_method": given(body, "default_payment_method"),
        "default_source": given(body, "default_source"),
        "default_tax_rates": rates if rates or subscription is None else subscription["default_tax_rates"] or [],
        "description": given(body, "description"),
        "discounts": [],
        "due_date": body.get("due_date") or (call.timestamp + days * 86_400 if days else None),
        "effective_at": None,
        "ending_balance": None,
        "footer": given(body, "footer"),
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": lines(key, []),
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "next_payment_attempt": call.timestamp + 3600 if auto_advance and collection != "send_invoice" else None,
        "number": None,
        "on_behalf_of": given(body, "on_behalf_of"),
        "parent": _parent(subscription),
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": call.timestamp,
        "period_start": subscription["created"] if subscription else call.timestamp,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None
        if subscription and reason != "manual"
        else {"amount_tax_display": None, "pdf": {"page_size": "auto"}, "template": None, "template_version": None},
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": _balance(customer, currency),
        "statement_descriptor": given(body, "statement_descriptor"),
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": customer["test_clock"],
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": call.timestamp,
    }


def _parent(subscription: Object | None) -> Object | None:
    if subscription is None:
        return None
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


async def finalized(call: StripeCall, invoice: Object) -> Object:
    """An open invoice with its number; paid at once when there is nothing to pay. Stored."""
    customer = await call.state.get(customers.KIND, invoice["customer"])
    sequence = 1
    prefix = invoice["id"][-8:].upper()
    ending = min(0, invoice["starting_balance"] + invoice["total"])
    if customer is not None:
        sequence, prefix = customer["next_invoice_sequence"], customer["invoice_prefix"]
        invoice = await credit_ledger.applied(call, invoice)
        invoice = invoice_lines.due_with(invoice, _balance(customer, invoice["currency"]))
        ending = await _applied(call, customer, invoice)
    rendering = invoice["rendering"]
    opened = {
        **invoice,
        "automatically_finalizes_at": None,
        "effective_at": call.timestamp,
        "ending_balance": ending,
        "hosted_invoice_url": call.hosted(f"i/{invoice['id']}"),
        "invoice_pdf": call.hosted(f"i/{invoice['id']}/pdf"),
        "number": f"{prefix}-{sequence:04}",
        "rendering": rendering and {**rendering, "pdf": {"page_size": "letter"}},
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "finalized_at": call.timestamp},
    }
    call.event("invoice.finalized", opened)
    if opened["amount_due"] == 0:
        return await settled(call, {**opened, "attempted": True})
    await store(call, opened)
    await dues.awaited(call, opened)
    return opened


def _balance(customer: Object, currency: str) -> int:
    """A customer's balance is of its own currency."""
    return int(customer["balance"]) if customer["currency"] in (None, currency) else 0


async def _applied(call: StripeCall, customer: Object, invoice: Object) -> int:
    """What is left of a customer's balance after an invoice: https://docs.stripe.com/billing/customer/balance. Stored,
    with the number of the invoice counted."""
    counted = {**customer, "next_invoice_sequence": customer["next_invoice_sequence"] + 1}
    currency, starting = invoice["currency"], customer["balance"]
    ending = invoice_lines.left_over(invoice)
    if customer["currency"] not in (None, currency):
        await customers.store(call, counted)
        return 0
    if ending == starting:
        new, previous = changed(counted, {"currency": currency})
        await customers.store(call, new)
        # Seen where it is charged, and not where it is sent: https://github.com/stripe/stripe-python/issues/933 and
        # https://github.com/mozilla/fxa/pull/12297 (2026-11).
        if previous and invoice["collection_method"] == "charge_automatically":
            call.event("customer.updated", new, previous)
        return ending
    kind = "invoice_too_small" if ending > 0 else "applied_to_invoice"
    _, new = await customer_balance.record(
        call, counted, ending - starting, kind, currency=currency, invoice=invoice["id"]
    )
    await customers.store(call, new)
    call.event("customer.updated", new, {"balance": starting})
    return ending


async def create(call: StripeCall) -> Object:
    body = call.body
    if not given(body, "customer"):
        raise invalid(
            "You must pass a `customer` or `from_invoice` parameter.", code="parameter_missing", param="customer"
        )
    customer = await call.referred(customers.KIND, body["customer"], "customer")
    await clocks.enter(call, customer)
    subscription = None
    if given(body, "subscription"):
        subscription = await call.referred("subscription", body["subscription"], "subscription")
    waiting = []
    behaviour = body.get("pending_invoice_items_behavior", "exclude" if call.version >= "2022-08-01" else "include")
    if behaviour == "include":
        waiting = await invoice_items.waiting(call, customer["id"])
    currency = body.get("currency") or (waiting[0]["currency"] if waiting else None) or customer["currency"] or "usd"
    invoice = build(
        call,
        customer,
        reason="manual",
        currency=money.known_currency(currency),
        body=body,
        subscription=subscription,
        auto_advance=body.get("auto_advance", False),
        rates=await taxes.named(call, body.get("default_tax_rates"), "default_tax_rates"),
    )
    invoice = await discounts.for_invoice(call, invoice, customer, subscription)
    found = [await invoice_items.taken(call, item, invoice["id"]) for item in waiting]
    invoice = await discounts.with_lines(call, invoice, found)
    await store(call, invoice)
    call.event("invoice.created", invoice)
    return invoice


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("invoice"))


async def finalize(call: StripeCall) -> Object:
    invoice = await call.named(KIND, call.path("invoice"))
    await clocks.enter(call, invoice)
    if invoice["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.",
                      code="invoice_not_editable")  # fmt: skip
    if "auto_advance" in call.body:
        invoice = {**invoice, "auto_advance": call.body["auto_advance"]}
    return await finalized(call, invoice)


async def pay(call: StripeCall) -> Object:
    body = call.body
    invoice = await call.named(KIND, call.path("invoice"))
    await clocks.enter(call, invoice)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid")
    if invoice["status"] in ("void", "uncollectible") and not body.get("paid_out_of_band"):
        raise invalid("Voided invoices cannot be paid." if invoice["status"] == "void" else "This invoice is not open.")
    if invoice["status"] == "draft":
        invoice = await finalized(call, invoice)
    if invoice["status"] == "paid":
        return invoice
    if body.get("paid_out_of_band"):
        return await settled(call, invoice, invoice["amount_due"])
    customer = await call.referred(customers.KIND, invoice["customer"], "customer")
    named = given(body, "payment_method") or given(body, "source")
    method: Object | None = None
    if named:
        method = await payment_methods.usable(call, named, "payment_method")
    else:
        method = await payer(call, invoice, customer)
    if method is None:
        raise invalid(NO_METHOD)
    return await collect(call, invoice, method, off_session=body.get("off_session", True))


async def void(call: StripeCall) -> Object:
    invoice = await call.named(KIND, call.path("invoice"))
    await clocks.enter(call, invoice)
    if invoice["status"] not in ("open", "uncollectible"):
        raise invalid(
            f"You can only pass in open or uncollectible invoices. This invoice isn't open or uncollectible; it is "
            f"{invoice['status']}."
        )
    return await voided(call, invoice)


async def voided(call: StripeCall, invoice: Object) -> Object:
    """An invoice that nobody has to pay any more: what it took from the customer's balance comes back. Stored."""
    customer = await call.state.get(customers.KIND, invoice["customer"])
    taken = invoice["starting_balance"] - (invoice["ending_balance"] or 0)
    if customer is not None and taken and customer["currency"] == invoice["currency"]:
        _, new = await customer_balance.record(
            call, customer, taken, "unapplied_from_invoice", currency=invoice["currency"], invoice=invoice["id"]
        )
        await customers.store(call, new)
        call.event("customer.updated", new, {"balance": customer["balance"]})
    await credit_ledger.given_back(call, invoice)
    done = await _closed(call, invoice, "void", "voided_at", "invoice.voided")
    if (subscription := invoice_lines.subscription_of(invoice)) is not None:
        await pending.dropped(call, subscription, invoice["id"])
    return done


async def given_up(call: StripeCall, invoice: Object) -> Object:
    """An invoice that will not be collected. Stored."""
    return await _closed(call, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


async def _closed(call: StripeCall, invoice: Object, status: str, at: str, event: str) -> Object:
    transitions = {**invoice["status_transitions"], at: call.timestamp}
    done = {**invoice, "auto_advance": False, "next_payment_attempt": None, "status": status,
            "status_transitions": transitions}  # fmt: skip
    await store(call, done)
    call.event(event, done)
    return done


async def delete(call: StripeCall) -> Object:
    invoice = await call.named(KIND, call.path("invoice"))
    if invoice["status"] != "draft":
        raise invalid("You can only delete draft invoices. To void an open invoice, use the void endpoint.")
    await call.state.delete(KIND, invoice["id"])
    call.event("invoice.deleted", invoice)
    return {"id": invoice["id"], "object": KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    body = call.body
    customer = body.get("customer")
    if customer and not (
        await call.state.get(customers.KIND, customer) or await call.state.get("deleted_customer", customer)
    ):
        raise missing("customer", customer, "customer")
    names = ("customer", "subscription", "status", "collection_method")
    return await page(call, KIND, {name: body[name] for name in names if body.get(name)} or None)
