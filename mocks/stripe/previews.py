"""Previews of invoices: https://docs.stripe.com/api/invoices/create_preview and
https://docs.stripe.com/billing/invoices/preview (2026-11).

What will happen is done in a rehearsal, by the code that will do it. Nothing is stored and nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import (
    beginnings,
    clocks,
    customers,
    discounts,
    dues,
    endings,
    invoice_items,
    invoices,
    prorations,
    renewals,
    resuming,
    subscriptions,
)
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import invalid

#: What of ``subscription_details`` a change of a subscription knows by the same name.
CHANGES = (
    "billing_cycle_anchor", "cancel_at", "cancel_at_period_end", "default_tax_rates", "items", "proration_behavior",
    "proration_date", "trial_end",
)  # fmt: skip
#: The sentence of the endpoint that was there before (seen).
WHOSE = "You must either provide a `customer` or a `subscription` to the upcoming invoice endpoint."


async def create(call: StripeCall) -> Object:
    """``POST /v1/invoices/create_preview``."""
    return dues.foretold(await _made(call))


async def _made(call: StripeCall) -> Object:
    """The invoice, as it would be stored. Raises ServiceError."""
    body = call.body
    details: Mapping[str, Any] = body.get("subscription_details") or {}
    old = None
    if given(body, "subscription"):
        old = await call.referred(endings.KIND, body["subscription"], "subscription")
    key = given(body, "customer") or (old["customer"] if old else None)
    if key is None and not body.get("customer_details"):
        raise invalid(WHOSE)
    asked = {name: details[name] for name in CHANGES if name in details}
    trial = call.rehearsed(asked)
    if key is None:
        about = {name: value for name, value in body["customer_details"].items() if name != "tax_ids"}
        customer = await customers.create(trial.as_if(about))
    else:
        customer = await call.referred(customers.KIND, key, "customer")
        customer = await _as_told(trial, customer, body.get("customer_details"))
    if old is not None and old["customer"] != customer["id"]:
        raise invalid(f"The subscription {old['id']} does not belong to the customer.", param="subscription")
    await clocks.enter(trial, customer)
    await _with_items(trial, customer, body.get("invoice_items") or ())
    if old is None and not details.get("items"):
        old = await _soonest(trial, customer)
    invoice = await _invoice(trial, customer, old, details)
    if "discounts" in body:
        invoice = await _discounted(trial.as_if({"discounts": body["discounts"]}), invoice)
    if body.get("preview_mode") == "recurring":
        invoice = await _recurring(trial, invoice)
    return invoice


async def _as_told(call: StripeCall, customer: Object, told: Mapping[str, Any] | None) -> Object:
    """The customer with what the preview says of it instead."""
    if not told:
        return customer
    changes = {name: given(told, name) for name in ("address", "shipping", "tax_exempt") if name in told}
    customer = {**customer, **changes}
    await customers.store(call, customer)
    return customer


async def _with_items(call: StripeCall, customer: Object, sent: Any) -> None:
    """What the preview adds to the items that wait, or changes of them."""
    for place, each in enumerate(sent):
        if each.get("invoiceitem"):
            item = await call.referred(invoice_items.KIND, each["invoiceitem"], f"invoice_items[{place}][invoiceitem]")
            changes = {
                name: each[name] for name in ("amount", "description", "discountable", "quantity") if name in each
            }
            await invoice_items.store(call, {**item, **changes})
            continue
        body = {name: value for name, value in each.items() if name not in ("price", "unit_amount")}
        if each.get("price"):
            body["pricing"] = {"price": each["price"]}
        if "unit_amount" in each:
            body["unit_amount_decimal"] = each["unit_amount"]
        await invoice_items.create(call.as_if({**body, "customer": customer["id"]}))


async def _soonest(call: StripeCall, customer: Object) -> Object | None:
    """The customer's subscription that renews first."""
    found = await call.state.page(endings.KIND, where={"customer": customer["id"]}, limit=100, order="oldest")
    live = [each for each in found if each["status"] not in endings.ENDED and not each["cancel_at_period_end"]]
    return min(live, key=lambda each: min(i["current_period_end"] for i in each["items"]["data"]), default=None)


async def _invoice(call: StripeCall, customer: Object, old: Object | None, details: Mapping[str, Any]) -> Object:
    if old is None:
        return await (_first if details.get("items") else _waiting)(call, customer)
    if details.get("cancel_now"):
        if details.get("proration_behavior") != "none" and old["status"] in prorations.BILLED:
            await prorations.given_back(call, old, prorations.moment(call, old))
        return await prorations.drafted(call, old, [])
    if details.get("resume_at") == "now" and old["status"] == "paused":
        # "setting ``subscription_details.resume_at`` to ``now`` will preview the invoice that will be generated if the
        # subscription is resumed": https://docs.stripe.com/api/invoices/create_preview (2026-11).
        return await resuming.foretold(call, old)
    new = old
    if call.body:
        if old["status"] in endings.ENDED:
            raise _nothing(customer)
        new = await subscriptions.amended(call, old)
        begun = await prorations.noted(call, old, new)
        if begun is not None:
            return await prorations.drafted(call, new, begun)
    found = await renewals.upcoming(call, new)
    if found is not None:
        return found
    if new["status"] not in endings.ENDED and await invoice_items.waiting(call, customer["id"]):
        return await prorations.drafted(call, new, [])
    raise _nothing(customer)


def _nothing(customer: Object) -> Exception:
    """https://docs.stripe.com/error-codes#invoice-upcoming-none; wording ours."""
    return invalid(f"No upcoming invoices for customer: {customer['id']}", code="invoice_upcoming_none", status=404)


async def _first(call: StripeCall, customer: Object) -> Object:
    """The first invoice of a subscription that begins now."""
    body = {name: value for name, value in call.body.items() if name != "proration_date"}
    anchor = body.pop("billing_cycle_anchor", None)
    if anchor and anchor.get("timestamp"):
        body["billing_cycle_anchor"] = anchor["timestamp"]
    plan = await beginnings.planned(call.as_if({**body, "customer": customer["id"]}))
    subscription, invoice = await beginnings.drafted(call, plan)
    return invoice or await prorations.drafted(call, subscription, [])


async def _waiting(call: StripeCall, customer: Object) -> Object:
    """An invoice of what waits for the customer, who has no subscription."""
    waiting = await invoice_items.waiting(call, customer["id"])
    if not waiting:
        raise _nothing(customer)
    currency = waiting[0]["currency"]
    invoice = invoices.build(call, customer, reason="upcoming", currency=currency, body={})
    lines = [await invoice_items.taken(call, item, invoice["id"]) for item in waiting if item["currency"] == currency]
    return await discounts.with_lines(call, await discounts.inherited(call, invoice, customer, None), lines)


async def _discounted(call: StripeCall, invoice: Object) -> Object:
    planned = await discounts.asked(call, invoice["customer"])
    made = await discounts.begin(call, planned or (), invoice["customer"], invoice=invoice["id"])
    bare = {**invoice, "discounts": [each["id"] for each in made]}
    return await discounts.with_lines(call, bare, invoice["lines"]["data"])


async def _recurring(call: StripeCall, invoice: Object) -> Object:
    """Without what comes but once: "next_recurring" invoices have neither prorations nor items that waited."""
    kept = [line for line in invoice["lines"]["data"] if _recurs(line)]
    return await discounts.with_lines(call, invoice, kept)


def _recurs(line: Object) -> bool:
    details = (line["parent"] or {}).get("subscription_item_details") or {}
    return bool(details) and not details["proration"] and not details["invoice_item"]
