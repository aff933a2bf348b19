"""How a subscription begins: with its items, its trial and its first invoice.
https://docs.stripe.com/billing/subscriptions/overview (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mocks.base import ServiceError
from mocks.stripe import (
    anchors,
    clocks,
    customers,
    discounts,
    intervals,
    invoice_items,
    invoice_lines,
    invoice_payments,
    invoices,
    payment_methods,
    periods,
    prices,
    pricing,
    renewals,
    taxes,
    usage,
)
from mocks.stripe import subscription_items as items
from mocks.stripe.calls import Object, StripeCall, cleared, given
from mocks.stripe.discount_sums import left_of
from mocks.stripe.endings import KIND, cancellation, store
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.metadata import first

NO_METHOD = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit "
    "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority."
)


@dataclass(frozen=True, slots=True)
class _Sold:
    """Something that is sold once, beside a subscription's items."""

    price: Object
    quantity: int
    rates: list[Object]


@dataclass(frozen=True, slots=True)
class Plan:
    """A subscription before it begins. ``added`` is sold once, beside its items; ``discounts`` are its own."""

    subscription: Object
    customer: Object
    method: Object | None
    times: anchors.Times
    added: list[_Sold]
    discounts: list[discounts.Planned] | None
    prorates: bool

    @property
    def owed(self) -> list[tuple[Object, Fraction]]:
        """Its items as the first invoice has them, and for what part of a whole period each is."""
        found: list[tuple[Object, Fraction]] = []
        shown = usage.shown(self.subscription, self.subscription["items"]["data"])
        if self.subscription["status"] == "trialing":
            return [(item, pricing.WHOLE) for item in shown]
        for item in shown:
            recurring = item["price"]["recurring"]
            if self.times.elapsed is not None:
                start, end = self.times.elapsed
                share = periods.worth(self.times.anchor, start, end, recurring)
                before = {**item, "current_period_start": start, "current_period_end": end}
                found.append((before, share))
            ends = self.subscription["cancel_at"]
            if ends and ends < item["current_period_end"] and self.prorates:
                # https://docs.stripe.com/api/subscriptions/create#create_subscription-cancel_at (2026-11).
                item = {**item, "current_period_end": ends}
            share = periods.share_of(self.subscription, item)
            if not (self.times.free and share != 1):
                found.append((item, share))
        return found


async def create(call: StripeCall) -> Object:
    plan = await planned(call)
    automatic = plan.subscription["collection_method"] == "charge_automatically"
    waits = call.body.get("payment_behavior") == "default_incomplete"
    if automatic and plan.method is None and not waits and await _due(call, plan):
        raise invalid(NO_METHOD, code="resource_missing")
    subscription, invoice = await drafted(call, plan)
    return await _kept(call, await _opened(call, subscription, invoice, plan.method))


async def planned(call: StripeCall) -> Plan:
    """What a call asks for. Raises ServiceError."""
    body = call.body
    if not given(body, "customer"):
        raise missing_param("customer")
    customer = await call.referred(customers.KIND, body["customer"], "customer")
    if not body.get("items"):
        raise missing_param("items")
    if body.get("payment_behavior") == "pending_if_incomplete":
        # In the words of https://docs.stripe.com/api/subscriptions/create.
        raise invalid(
            "`pending_if_incomplete` is only used with updates and cannot be passed when creating a Subscription.",
            param="payment_behavior",
        )
    if body.get("collection_method") == "send_invoice" and not body.get("days_until_due"):
        raise missing_param("days_until_due")
    await clocks.enter(call, customer)
    key = call.new_id("sub_1", 23)
    prices = [await items.price_of(call, each, f"items[{at}]") for at, each in enumerate(body["items"])]
    items.few(prices)
    currency = body.get("currency") or prices[0]["currency"]
    if not body.get("currency") and len({price["currency"] for price in prices}) > 1:
        raise invalid("All prices on a subscription must have the same `currency`.")
    for price in prices:
        await pricing.payable(call, price, currency, "currency")
    times = anchors.times(call, [price["recurring"] for price in prices])
    found = []
    for at, (price, each) in enumerate(zip(prices, body["items"], strict=True)):
        item = items.build(call, key, price, each, times.first(price["recurring"]))
        found.append(await items.rated(call, item, each, f"items[{at}]"))
    rates = await taxes.named(call, given(body, "default_tax_rates"), "default_tax_rates")
    reducing = await discounts.asked(call, customer["id"])
    method = await method_of(call, body, customer)
    subscription = _new(call, key, customer, found, times, rates)
    if method is not None and given(body, "default_payment_method"):
        subscription = {**subscription, "default_payment_method": method["id"]}
    added = await _added(call, body.get("add_invoice_items") or ())
    prorates = body.get("proration_behavior") != "none"
    return Plan(subscription, customer, method, times, added, reducing, prorates)


async def _due(call: StripeCall, plan: Plan) -> int:
    """What is to be paid at once, taxes apart."""
    costs = [(pricing.plain(each.price, each.quantity), each.price["product"]) for each in plan.added]
    currency = plan.subscription["currency"]
    if plan.subscription["status"] != "trialing":
        for item, share in plan.owed:
            costs.append((await pricing.cost(call, item, currency, share), item["price"]["product"]))
    reducing = await discounts.of_customer(call, plan.customer) if plan.discounts is None else plan.discounts
    return left_of([each.terms for each in reducing], currency, costs)


async def method_of(call: StripeCall, body: Mapping[str, Any], customer: Object) -> Object | None:
    named = given(body, "default_payment_method")
    if named:
        method = await payment_methods.usable(call, named, "default_payment_method")
        if method["customer"] != customer["id"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {named}. The payment method must be attached "
                "to the customer.",
                code="resource_missing",
                param="default_payment_method",
            )
        return method
    return await invoices.payer(call, {"default_source": given(body, "default_source")}, customer)


def _new(
    call: StripeCall,
    key: str,
    customer: Object,
    found: list[Object],
    times: anchors.Times,
    rates: list[Object],
) -> Object:
    body = call.body
    settings, trial = body.get("payment_settings") or {}, body.get("trial_settings")
    cancels = bool(body.get("cancel_at_period_end"))
    trial_end = times.trial_end
    cancel_at = found[0]["current_period_end"] if cancels else items.ending(given(body, "cancel_at"), found)
    subscription: Object = {
        "id": key,
        "object": KIND,
        "application": None,
        "application_fee_percent": given(body, "application_fee_percent"),
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": bool((body.get("automatic_tax") or {}).get("enabled")),
            "liability": None,
        },
        "billing_cycle_anchor": times.anchor,
        "billing_cycle_anchor_config": times.config,
        "billing_mode": billing_mode(call, body.get("billing_mode")),
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": cancel_at,
        "cancel_at_period_end": cancels,
        "canceled_at": call.timestamp if cancel_at else None,
        "cancellation_details": cancellation("cancellation_requested" if cancel_at else None),
        "collection_method": body.get("collection_method") or "charge_automatically",
        "created": call.timestamp,
        "currency": body.get("currency") or found[0]["price"]["currency"],
        "customer": customer["id"],
        "customer_account": None,
        "days_until_due": given(body, "days_until_due"),
        "default_payment_method": None,
        "default_source": given(body, "default_source"),
        "default_tax_rates": rates,
        "description": given(body, "description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": items.listed(found, key),
        "latest_invoice": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": first(body.get("metadata")),
        "next_pending_invoice_item_invoice": intervals.next_at(times.anchor, pending_interval(body), call.timestamp),
        "on_behalf_of": given(body, "on_behalf_of"),
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": cleared(settings.get("payment_method_options")),
            "payment_method_types": settings.get("payment_method_types") or None,
            "save_default_payment_method": settings.get("save_default_payment_method", "off"),
        },
        "pending_invoice_item_interval": pending_interval(body),
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": times.start,
        "status": "trialing" if trial_end else "active",
        "test_clock": customer["test_clock"],
        "transfer_data": given(body, "transfer_data"),
        "trial_end": trial_end,
        "trial_settings": trial or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": call.timestamp if trial_end else None,
    }
    return items.summed(subscription)


def pending_interval(body: Mapping[str, Any]) -> Object | None:
    """How often pending items are invoiced: every interval unless a count says otherwise.

    https://docs.stripe.com/api/subscriptions/create#create_subscription-pending_invoice_item_interval (2026-11)
    """
    sent = given(body, "pending_invoice_item_interval")
    return sent and {"interval_count": 1, **sent}


def billing_mode(call: StripeCall, sent: Any) -> Object:
    """How a subscription is billed: flexible since https://docs.stripe.com/changelog/clover/2025-09-30/billing-mode-default-flexible."""
    kind = (sent or {}).get("type") or ("flexible" if call.version >= "2025-09-30" else "classic")
    if kind == "classic":
        return {"flexible": None, "type": kind}
    flexible = {"proration_discounts": ((sent or {}).get("flexible") or {}).get("proration_discounts", "included")}
    return {"flexible": flexible, "type": kind, "updated_at": call.timestamp}


async def drafted(call: StripeCall, plan: Plan) -> tuple[Object, Object | None]:
    """The subscription and its first invoice, a draft that is not stored yet; none where nothing is asked for:
    "Unlike a trial, there is no 0 USD invoice". https://docs.stripe.com/billing/subscriptions/billing-cycle."""
    subscription, customer = plan.subscription, plan.customer
    found = subscription["items"]["data"]
    reducing = plan.discounts or ()
    begun = await discounts.begin(call, reducing, customer["id"], subscription=subscription["id"])
    subscription = {**subscription, "discounts": [each["id"] for each in begun]}
    await items.store(call, found)
    if not plan.owed and not plan.added:
        return subscription, None
    invoice = invoices.build(
        call,
        customer,
        reason="subscription_create",
        currency=subscription["currency"],
        body={"collection_method": subscription["collection_method"], "days_until_due": subscription["days_until_due"]},
        subscription=subscription,
        auto_advance=subscription["collection_method"] == "send_invoice",
    )
    trial = subscription["status"] == "trialing"
    made, currency = list[Object](), subscription["currency"]
    for item, share in plan.owed:
        made += await invoice_lines.of_subscription(call, invoice["id"], item, currency, share=share, trial=trial)
    made += [await _sold(call, invoice, each) for each in plan.added]
    invoice = await discounts.inherited(call, invoice, customer, subscription)
    invoice = await discounts.with_lines(call, invoice, made)
    subscription["latest_invoice"] = invoice["id"]
    subscription["discounts"] = await discounts.after(call, subscription["discounts"], invoice)
    return subscription, invoice


async def _opened(call: StripeCall, subscription: Object, invoice: Object | None, method: Object | None) -> Object:
    """With its first invoice: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses."""
    if invoice is None:
        return subscription
    call.event("invoice.created", invoice)
    if subscription["collection_method"] == "send_invoice":
        await invoice_lines.store(call, invoice)
        await clocks.appoint(call, invoice["automatically_finalizes_at"], invoice)
        return subscription
    invoice = await invoices.finalized(call, invoice)
    if invoice["status"] == "paid":
        return subscription
    if method is not None and call.body.get("payment_behavior") != "default_incomplete":
        invoice = await _first_payment(call, invoice, method)
    else:
        await invoices.intent_for(call, invoice, None)
    if invoice["status"] == "paid" or await invoice_payments.under_way(call, invoice):
        return subscription
    return {**subscription, "status": "incomplete"}


async def _added(call: StripeCall, sent: Any) -> list[_Sold]:
    found = []
    for at, each in enumerate(sent):
        param = f"add_invoice_items[{at}]"
        if each.get("price_data"):
            product = await call.referred("product", each["price_data"]["product"], f"{param}[price_data][product]")
            made = prices.build(call, each["price_data"], product["id"], f"{param}[price_data]")
            await prices.store(call, made)
            price = made.object
        elif each.get("price"):
            price = await call.referred("price", each["price"], f"{param}[price]")
        else:
            continue
        rates = await taxes.named(call, each.get("tax_rates"), f"{param}[tax_rates]")
        found.append(_Sold(price, each.get("quantity", 1), rates))
    return found


async def _sold(call: StripeCall, invoice: Object, sold: _Sold) -> Object:
    """The line of something that is sold once."""
    words = await invoice_items.name_of(call, sold.price)
    item = invoice_items.build(call, {}, invoice["customer"], sold.price, sold.quantity, words)
    return await invoice_items.taken(call, {**item, "tax_rates": sold.rates}, invoice["id"])


async def _first_payment(call: StripeCall, invoice: Object, method: Object) -> Object:
    try:
        return await invoices.collect(call, invoice, method, off_session=bool(call.body.get("off_session")))
    except ServiceError:
        if call.body.get("payment_behavior") == "error_if_incomplete":
            raise
        return await call.named(invoices.KIND, invoice["id"])


async def _kept(call: StripeCall, subscription: Object) -> Object:
    await store(call, subscription)
    call.event("customer.subscription.created", subscription)
    await renewals.begun(call, subscription)
    return subscription
