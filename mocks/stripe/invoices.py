"""Invoices: https://docs.stripe.com/api/invoices (2026-11). Made, finalized, paid, listed; no taxes or discounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import ServiceError
from mocks.stripe import confirmation, customers, invoice_items, invoice_lines, money, payment_intents, payment_methods
from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.errors import invalid, missing
from mocks.stripe.invoice_lines import lines, store, subscription_of, with_lines
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first

KIND = invoice_lines.INVOICE
PAYMENT = "invoice_payment"
#: Which payment intent asks for an invoice.
HIDDEN = "invoice_details"

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
) -> Object:
    """A draft without lines."""
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
        "default_tax_rates": [],
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
        "starting_balance": customer["balance"],
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
    if customer is not None:
        sequence, prefix = customer["next_invoice_sequence"], customer["invoice_prefix"]
        await customers.store(
            call, {**customer, "currency": invoice["currency"], "next_invoice_sequence": sequence + 1}
        )
    address = f"https://invoice.stripe.com/i/{invoice['id']}"
    rendering = invoice["rendering"]
    opened = {
        **invoice,
        "automatically_finalizes_at": None,
        "effective_at": call.timestamp,
        "ending_balance": min(0, invoice["starting_balance"] + invoice["total"]),
        "hosted_invoice_url": address,
        "invoice_pdf": f"https://pay.stripe.com/invoice/{invoice['id']}/pdf",
        "number": f"{prefix}-{sequence:04}",
        "rendering": rendering and {**rendering, "pdf": {"page_size": "letter"}},
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "finalized_at": call.timestamp},
    }
    call.event("invoice.finalized", opened)
    if opened["amount_due"] == 0:
        return await settled(call, {**opened, "attempted": True})
    await store(call, opened)
    return opened


async def settled(call: StripeCall, invoice: Object, paid: int = 0) -> Object:
    """A paid invoice. Stored."""
    done = {
        **invoice,
        "amount_paid": paid,
        "amount_remaining": 0,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": call.timestamp},
    }
    await store(call, done)
    call.event("invoice.paid", done)
    call.event("invoice.payment_succeeded", done)
    return done


async def payer(call: StripeCall, invoice: Mapping[str, Any], customer: Object) -> Object | None:
    """The payment method that pays an invoice or a subscription, in Stripe's order:
    https://docs.stripe.com/billing/subscriptions/payment-methods-setting#payment-method-priority."""
    for key in (
        invoice.get("default_payment_method"),
        invoice.get("default_source"),
        customer["invoice_settings"]["default_payment_method"],
        customer["default_source"],
    ):
        if key:
            return await call.state.get(payment_methods.KIND, key)
    return None


async def intent_for(call: StripeCall, invoice: Object, method: Object | None) -> Object:
    """The payment intent that asks for an open invoice, made when there is none yet."""
    hidden = await call.state.get(HIDDEN, invoice["id"]) or {}
    if "payment_intent" in hidden:
        return await call.named(payment_intents.KIND, hidden["payment_intent"])
    subscribed = subscription_of(invoice) is not None
    body: dict[str, Any] = {
        "amount": invoice["amount_due"],
        "customer": invoice["customer"],
        "capture_method": "automatic",
        "description": "Subscription creation" if subscribed else "Payment for Invoice",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    }
    if subscribed:
        body["setup_future_usage"] = "off_session"
    intent = payment_intents.build(call, body, invoice["currency"], method)
    payment: Object = {
        "id": call.new_id("inpay_1", 30),
        "object": PAYMENT,
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": call.timestamp,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    call.event("payment_intent.created", intent)
    await payment_intents.store(call, intent)
    await call.state.put(PAYMENT, payment["id"], payment, {"invoice": invoice["id"]})
    await call.state.put(HIDDEN, invoice["id"], {"payment_intent": intent["id"], "payment": payment["id"]})
    return intent


async def collect(call: StripeCall, invoice: Object, method: Object, *, off_session: bool) -> Object:
    """Try to pay an open invoice: a paid one, or the open one when the customer has to act. Raises a kept 402."""
    intent = await intent_for(call, invoice, method)
    tried = {**invoice, "attempt_count": invoice["attempt_count"] + 1, "attempted": True}
    terms = confirmation.Terms(off_session, None, use_stripe_sdk=True, error_on_requires_action=off_session)
    try:
        done = await confirmation.attempt(call, {**intent, "payment_method": method["id"]}, method, terms)
    except ServiceError:
        await store(call, tried)
        call.event("invoice.payment_failed", tried)
        raise
    if done["status"] != "succeeded":
        await store(call, tried)
        call.event("invoice.payment_action_required", tried)
        return tried
    hidden = await call.state.get(HIDDEN, invoice["id"]) or {}
    payment = await call.named(PAYMENT, hidden["payment"])
    transitions = {**payment["status_transitions"], "paid_at": call.timestamp}
    paid = {**payment, "amount_paid": invoice["amount_due"], "status": "paid", "status_transitions": transitions}
    await call.state.put(PAYMENT, payment["id"], paid, {"invoice": invoice["id"]})
    call.event("invoice_payment.paid", paid)
    return await settled(call, tried, invoice["amount_due"])


async def create(call: StripeCall) -> Object:
    body = call.body
    if not given(body, "customer"):
        raise invalid(
            "You must pass a `customer` or `from_invoice` parameter.", code="parameter_missing", param="customer"
        )
    customer = await call.referred(customers.KIND, body["customer"], "customer")
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
    )
    invoice = with_lines(invoice, [await invoice_items.taken(call, item, invoice["id"]) for item in waiting])
    await store(call, invoice)
    call.event("invoice.created", invoice)
    return invoice


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("invoice"))


async def finalize(call: StripeCall) -> Object:
    invoice = await call.named(KIND, call.path("invoice"))
    if invoice["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.",
                      code="invoice_not_editable")  # fmt: skip
    if "auto_advance" in call.body:
        invoice = {**invoice, "auto_advance": call.body["auto_advance"]}
    return await finalized(call, invoice)


async def pay(call: StripeCall) -> Object:
    body = call.body
    invoice = await call.named(KIND, call.path("invoice"))
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
    if invoice["status"] not in ("open", "uncollectible"):
        raise invalid(
            f"You can only pass in open or uncollectible invoices. This invoice isn't open or uncollectible; it is "
            f"{invoice['status']}."
        )
    transitions = {**invoice["status_transitions"], "voided_at": call.timestamp}
    voided, _ = changed(invoice, {"auto_advance": False, "status": "void", "status_transitions": transitions})
    await store(call, voided)
    call.event("invoice.voided", voided)
    return voided


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


async def list_payments(call: StripeCall) -> Object:
    body = call.body
    wanted = body.get("payment") or {}

    def keep(payment: Object) -> bool:
        if body.get("status") and payment["status"] != body["status"]:
            return False
        return all(payment["payment"].get(name) == value for name, value in wanted.items())

    return await page(call, PAYMENT, {"invoice": body["invoice"]} if body.get("invoice") else None, keep=keep)


async def _payments(call: StripeCall, invoice: Object) -> Object:
    found = await call.state.page(PAYMENT, where={"invoice": invoice["id"]}, limit=10)
    return list_of(found, f"/v1/invoices/{invoice['id']}/payments")


async def _confirmation_secret(call: StripeCall, invoice: Object) -> Object | None:
    hidden = await call.state.get(HIDDEN, invoice["id"]) or {}
    if "payment_intent" not in hidden:
        return None
    intent = await call.named(payment_intents.KIND, hidden["payment_intent"])
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


INCLUDES: dict[tuple[str, str], Loader] = {
    (KIND, "payments"): _payments,
    (KIND, "confirmation_secret"): _confirmation_secret,
}
