"""What time does to subscriptions and invoices: trials end, periods roll, drafts are finalized, payments are retried.

How a renewal goes: a draft at the end of the period, finalized and paid an hour later.
https://docs.stripe.com/billing/invoices/subscription, https://docs.stripe.com/billing/subscriptions/webhooks (2026-11).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mocks.base import ServiceError
from mocks.stripe import (
    automatic_payouts,
    captures,
    charges,
    checkout_sessions,
    clocks,
    credit_ledger,
    customers,
    discounts,
    dues,
    endings,
    events,
    intervals,
    invoice_items,
    invoice_lines,
    invoice_payments,
    invoices,
    payment_intents,
    payout_schedule,
    payouts,
    pending_calls,
    periods,
    pricing,
    prorations,
    settlement,
    standing,
    topups,
    unbilled,
    usage,
)
from mocks.stripe import subscription_items as items
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed

#: A first payment that is not made in this time ends the subscription.
INCOMPLETE_FOR = 23 * 3600
#: "three days before the trial period ends".
NOTICE = 3 * 86_400

#: Operations before which time does what it has to do without a test clock: renewals, answers of banks, payouts.
TIMELY = (
    "balance", "billing.credit", "charges.", "checkout.", "customers.", "disputes.", "events.", "invoice", "mandates.",
    "payment_intents.", "payouts.", "refunds.", "setup_intents.", "sources.", "subscription", "topups.", "transfers.",
    "quotes.",
)  # fmt: skip


def next_look(subscription: Object, now: int, told: int | None = None) -> int | None:
    """When time does something to a subscription; None for never. ``told`` is when to tell of its renewal."""
    if subscription["status"] in (*endings.ENDED, "paused"):
        return None
    times: list[int] = [item["current_period_end"] for item in subscription["items"]["data"]]
    if subscription["cancel_at"]:
        times.append(subscription["cancel_at"])
    if subscription["status"] == "incomplete":
        times.append(subscription["created"] + INCOMPLETE_FOR)
    if subscription["status"] == "trialing" and subscription["trial_end"] - NOTICE > now:
        times.append(subscription["trial_end"] - NOTICE)
    if subscription["pending_update"]:
        times.append(subscription["pending_update"]["expires_at"])
    if told is not None and told > now:
        times.append(told)
    if subscription["next_pending_invoice_item_invoice"]:
        times.append(subscription["next_pending_invoice_item_invoice"])
    paused = subscription["pause_collection"]
    if paused and paused["resumes_at"]:
        times.append(paused["resumes_at"])
    return max(now + 1, min(times))


async def appointed(call: StripeCall, subscription: Object) -> None:
    """Make sure that a subscription is looked at when its time comes."""
    at = next_look(subscription, call.timestamp, dues.upcoming_at(call, subscription))
    if at is not None:
        await clocks.appoint(call, at, subscription)


async def begun(call: StripeCall, subscription: Object) -> None:
    """A new subscription, or one with another trial: a trial that is shorter than the notice is told of at once."""
    if subscription["status"] == "trialing" and subscription["trial_end"] - NOTICE <= call.timestamp:
        call.event("customer.subscription.trial_will_end", subscription)
    await appointed(call, subscription)


async def look_at_subscription(call: StripeCall, key: str) -> None:
    found = await call.state.get(endings.KIND, key)
    if found is None or found["status"] in (*endings.ENDED, "paused"):
        return
    found = await _due(call, found)
    await appointed(call, found)


async def _due(call: StripeCall, subscription: Object) -> Object:
    now = call.timestamp
    if subscription["pending_update"] and subscription["pending_update"]["expires_at"] <= now:
        subscription = await pending_calls.discarded(call, subscription)
    if subscription["status"] == "incomplete":
        if now >= subscription["created"] + INCOMPLETE_FOR:
            return await _expired(call, subscription)
        return subscription
    if subscription["cancel_at"] and subscription["cancel_at"] <= now:
        if await unbilled.noted(call, subscription, subscription["items"]["data"]):
            subscription = await prorations.invoiced(call, subscription, [], "subscription_cycle")
        return await endings.ended(call, subscription, subscription["cancellation_details"], at_its_time=True)
    paused = subscription["pause_collection"]
    if paused and paused["resumes_at"] and paused["resumes_at"] <= now:
        subscription, previous = changed(subscription, {"pause_collection": None})
        await endings.store(call, subscription)
        call.event("customer.subscription.updated", subscription, previous)
    if subscription["status"] == "trialing" and now == subscription["trial_end"] - NOTICE:
        call.event("customer.subscription.trial_will_end", subscription)
    if now == dues.upcoming_at(call, subscription):
        invoice = await upcoming(call.rehearsed({}), subscription)
        if invoice is not None:
            dues.announced(call, invoice)
    if any(item["current_period_end"] <= now for item in subscription["items"]["data"]):
        subscription = await _renewed(call, subscription)
    return (
        subscription
        if subscription["status"] in (*endings.ENDED, "paused")
        else await intervals.look(call, subscription)
    )


async def _expired(call: StripeCall, subscription: Object) -> Object:
    """https://docs.stripe.com/billing/subscriptions/overview: incomplete_expired is final, its invoice is void."""
    expired, previous = changed(subscription, {"ended_at": call.timestamp, "status": "incomplete_expired"})
    await endings.store(call, expired)
    call.event("customer.subscription.updated", expired, previous)
    invoice = await call.state.get(invoices.KIND, subscription["latest_invoice"] or "")
    if invoice is not None and invoice["status"] == "open":
        await invoices.voided(call, invoice)
    return expired


async def _renewed(call: StripeCall, old: Object) -> Object:
    customer = await call.state.get(customers.KIND, old["customer"])
    if customer is None:
        return old
    tried = old["status"] == "trialing"
    if tried and await invoice_payments.payer(call, old, customer) is None:
        ending = old["trial_settings"]["end_behavior"]["missing_payment_method"]
        if ending == "cancel":
            return await endings.ended(call, old, reason="payment_failed")
        if ending == "pause":
            paused, previous = changed(old, {"status": "paused"})
            await endings.store(call, paused)
            call.event("customer.subscription.paused", paused, previous)
            return paused
    found = [periods.rolled(old, item, call.timestamp) for item in old["items"]["data"]]
    due = [(new, before) for new, before in zip(found, old["items"]["data"], strict=True) if new is not before]
    invoice = await _draft(call, old, customer, due)
    await items.store(call, [new for new, _ in due])
    changes: Object = {"items": {**old["items"], "data": found}, "latest_invoice": invoice["id"]}
    left = await discounts.after(call, await discounts.lasting(call, old["discounts"]), invoice)
    if left != old["discounts"]:
        changes["discounts"] = left
    if tried:
        changes["status"] = "active"
    new, previous = changed(old, changes)
    await endings.store(call, new)
    call.event("customer.subscription.updated", new, previous)
    return await _uncollected(call, new, invoice)


async def upcoming(call: StripeCall, subscription: Object) -> Object | None:
    """The invoice that the next renewal will draft, in a call that is rehearsed; None where no renewal is to come.
    Afterwards the call is in the time of the renewal."""
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    customer = await call.state.get(customers.KIND, subscription["customer"])
    if customer is None or subscription["status"] in endings.ENDED:
        return None
    if subscription["cancel_at"] and subscription["cancel_at"] <= min(ends):
        return None
    call.timestamp = max(call.timestamp, min(ends))
    found = [periods.rolled(subscription, item, call.timestamp) for item in subscription["items"]["data"]]
    before = subscription["items"]["data"]
    due = [(new, old) for new, old in zip(found, before, strict=True) if new is not old]
    return await _draft(call, subscription, customer, due)


async def _draft(call: StripeCall, old: Object, customer: Object, due: list[tuple[Object, Object]]) -> Object:
    """The invoice of a period that begins, and of what waited for it."""
    paused = old["pause_collection"]
    kept = old["status"] == "unpaid" or bool(paused and paused["behavior"] == "keep_as_draft")
    invoice = invoices.build(
        call,
        customer,
        reason="subscription_cycle",
        currency=old["currency"],
        body={"collection_method": old["collection_method"], "days_until_due": old["days_until_due"]},
        subscription=old,
        auto_advance=not kept,
    )
    start = min(before["current_period_start"] for _, before in due)
    invoice = {**invoice, "period_end": call.timestamp, "period_start": start}
    lines = [
        await invoice_items.taken(call, item, invoice["id"])
        for item in await invoice_items.waiting(call, customer["id"])
        if item["currency"] == old["currency"] and invoice_items.subscription_of(item) in (None, old["id"])
    ]
    for new, before in due:
        lines += await _lines(call, old, invoice["id"], new, before)
    invoice = await discounts.with_lines(call, await discounts.inherited(call, invoice, customer, old), lines)
    await invoice_lines.store(call, invoice)
    call.event("invoice.created", invoice)
    if invoice["automatically_finalizes_at"]:
        await clocks.appoint(call, invoice["automatically_finalizes_at"], invoice)
    return invoice


async def _lines(call: StripeCall, old: Object, invoice: str, new: Object, before: Object) -> list[Object]:
    """The lines of an item: of the period that begins, or of what was used in the one that ends."""
    if not pricing.is_metered(new["price"]):
        if old["cancel_at"] and old["cancel_at"] < new["current_period_end"]:
            # "If set during a future period, this will always cause a proration for that period":
            # https://docs.stripe.com/api/subscriptions/create#create_subscription-cancel_at (2026-11).
            new = {**new, "current_period_end": old["cancel_at"]}
        share = periods.share_of(old, new)
        return await invoice_lines.of_subscription(call, invoice, new, old["currency"], share=share)
    used = None if old["status"] == "trialing" else await usage.of(call, old, before)
    return await invoice_lines.of_subscription(call, invoice, before, old["currency"], used=used)


async def _uncollected(call: StripeCall, subscription: Object, invoice: Object) -> Object:
    """While collection is paused invoices are voided or given up: https://docs.stripe.com/billing/subscriptions/pause"""
    behaviour = (subscription["pause_collection"] or {}).get("behavior")
    if behaviour in ("void", "mark_uncollectible"):
        opened = await invoices.finalized(call, invoice)
        if opened["status"] == "open" and behaviour == "void":
            await invoices.voided(call, opened)
        elif opened["status"] == "open":
            await invoices.given_up(call, opened)
    return subscription


async def look_at_invoice(call: StripeCall, key: str) -> None:
    invoice = await call.state.get(invoices.KIND, key)
    if invoice is None:
        return
    await dues.look(call, invoice)
    if invoice["status"] == "open" and not invoice["attempted"] and await _lapsed(call, invoice):
        await invoices.voided(call, invoice)
        return
    if not invoice["auto_advance"]:
        return
    if invoice["status"] == "draft" and (invoice["automatically_finalizes_at"] or 0) <= call.timestamp:
        invoice = await invoices.finalized(call, invoice)
        if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
            await _tried(call, invoice)
        elif invoice["status"] == "open":
            call.event("invoice.sent", invoice)
    elif invoice["status"] == "open" and 0 < (invoice["next_payment_attempt"] or 0) <= call.timestamp:
        await _tried(call, invoice)


async def _lapsed(call: StripeCall, invoice: Object) -> bool:
    """Whether nobody tried to pay for a subscription to go on in time: https://docs.stripe.com/api/subscriptions/resume."""
    key = invoice_lines.subscription_of(invoice)
    late = call.timestamp >= (invoice["status_transitions"]["finalized_at"] or 0) + INCOMPLETE_FOR
    return late and key is not None and await standing.resuming(call, key, invoice) is not None


async def _tried(call: StripeCall, invoice: Object) -> None:
    """An attempt to collect; a failed one is followed by another, as the account's settings say."""
    key = invoice_lines.subscription_of(invoice)
    subscription = await call.state.get(endings.KIND, key) if key else None
    if subscription is not None and subscription["status"] in endings.ENDED:
        return
    customer = await call.state.get(customers.KIND, invoice["customer"])
    if customer is None:
        return
    again = standing.next_attempt(call, invoice["attempt_count"] + 1)
    method = await invoice_payments.payer(call, invoice, customer, subscription)
    if method is None:
        failed = await invoice_payments.unpaid(call, invoice, again)
    else:
        try:
            done = await invoice_payments.collect(call, invoice, method, off_session=True, again=again)
        except ServiceError:
            failed = await call.named(invoices.KIND, invoice["id"])
        else:
            if done["status"] == "paid" or await invoice_payments.under_way(call, done):
                return
            failed = done
    if again is not None:
        await clocks.appoint(call, again, failed)
    if subscription is not None:
        await standing.owes(call, subscription, last=again is None)


LOOKS: dict[str, clocks.Look] = {
    charges.KIND: captures.look_at_charge,
    checkout_sessions.KIND: checkout_sessions.look,
    credit_ledger.GRANT: credit_ledger.look,
    endings.KIND: look_at_subscription,
    invoices.KIND: look_at_invoice,
    payment_intents.KIND: settlement.look_at_intent,
    payout_schedule.RUN: automatic_payouts.look,
    payouts.KIND: payouts.look,
    topups.KIND: topups.look,
}


def timely(handler: StripeHandler) -> StripeHandler:
    """A handler that sees the subscriptions of the environment's own time as they are by now."""

    async def run(call: StripeCall) -> object:
        if await clocks.due(call, clocks.WALL, call.timestamp) is not None:
            await clocks.run(call, clocks.WALL, call.timestamp, LOOKS)
            # Noted before the handler may refuse: what time did is committed with a refusal that a key keeps.
            await events.store(call)
        return await handler(call)

    return run


def prompt(handler: Callable[[StripeCall], Awaitable[Object]]) -> StripeHandler:
    """A handler of payment intents whose success pays the invoice that the intent asks for."""

    async def run(call: StripeCall) -> Object:
        intent = await handler(call)
        if intent["status"] == "succeeded":
            await invoice_payments.answered(call, intent)
        return intent

    return run
