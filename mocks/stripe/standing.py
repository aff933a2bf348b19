"""Whether a customer owes: what a failed and a late payment of an invoice do to a subscription and its customer.

https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses and
https://docs.stripe.com/billing/revenue-recovery/smart-retries (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import clocks, endings, pending
from mocks.stripe.calls import Object, StripeCall, changed

#: Days from a failed attempt to the next one: the account's own schedule, up to three retries.
RETRIES = (3, 5, 7)
#: Resumption invoices that leave their subscription paused after a failed attempt.
PAID_FIRST = "resumption_paid_first"
#: What the last failed attempt does: "cancel", "unpaid", or "past_due", which leaves it as it is.
AT_LAST = "cancel"


def settings(call: StripeCall) -> Mapping[str, Any]:
    """The account's settings of failed payments, as the policy's ``options.billing`` says them."""
    found = call.options.get("billing")
    return found if isinstance(found, Mapping) else {}


def next_attempt(call: StripeCall, failed: int) -> int | None:
    """When to try again after that many failed attempts; None for never."""
    days = settings(call).get("retries", RETRIES)
    return call.timestamp + int(days[failed - 1] * 86_400) if failed <= len(days) else None


async def owes(call: StripeCall, subscription: Object, *, last: bool) -> Object:
    """After a renewal was not paid: past due, and after the last attempt what the account's settings say."""
    await _delinquent(call, subscription["customer"], True)
    at_last = settings(call).get("at_last", AT_LAST)
    if last and at_last == "cancel":
        return await endings.ended(call, subscription, reason="payment_failed")
    status = "unpaid" if last and at_last == "unpaid" else "past_due"
    return await _moved(call, subscription, status, ("active", "past_due"))


async def late(call: StripeCall, customer: str, key: str | None) -> None:
    """An invoice's due date has passed. "If subscription ``collection_method=send_invoice`` it becomes ``past_due``
    when its invoice is not paid by the due date", and "passing the ``invoice.due_date``" makes a customer delinquent:
    https://docs.stripe.com/api/subscriptions/object#subscription_object-status and
    https://docs.stripe.com/api/customers/object#customer_object-delinquent (2026-11)."""
    await _delinquent(call, customer, True)
    subscription = await call.state.get(endings.KIND, key) if key else None
    if subscription is not None:
        await _moved(call, subscription, "past_due", ("active",))


async def cleared(call: StripeCall, customer: str) -> None:
    """ "Paying an invoice or marking it uncollectible via the API will set this field to false"."""
    await _delinquent(call, customer, False)


async def resumed(call: StripeCall, paused: Object, status: str = "active") -> Object:
    """A subscription that is no longer paused. Stored."""
    new, previous = changed(paused, {"status": status})
    await endings.store(call, new)
    call.event("customer.subscription.resumed", new, previous)
    # What it is due for next is found out there.
    await clocks.appoint(call, call.timestamp, new)
    return new


async def tried(call: StripeCall, key: str, invoice: Object) -> None:
    """An attempt to collect a resumption invoice failed: ``resume_on_payment_attempt`` goes on after it, past due.
    https://docs.stripe.com/changelog/dahlia/2026-05-27/pause-subscriptions (2026-11)."""
    paused = await resuming(call, key, invoice)
    if paused is not None and await call.state.get(PAID_FIRST, invoice["id"]) is None:
        await resumed(call, paused, "past_due")


async def given_up(call: StripeCall, key: str, invoice: Object) -> None:
    """A resumption invoice that is marked uncollectible lets its subscription go on."""
    paused = await resuming(call, key, invoice)
    if paused is not None:
        await resumed(call, paused)


async def resuming(call: StripeCall, key: str, invoice: Object) -> Object | None:
    """The paused subscription whose resumption invoice that is."""
    found = await call.state.get(endings.KIND, key)
    fits = found is not None and found["status"] == "paused" and found["latest_invoice"] == invoice["id"]
    return found if fits else None


async def under_way(call: StripeCall, key: str, invoice: Object) -> None:
    """While a bank debit is processing a subscription is active: https://docs.stripe.com/billing/subscriptions/ach-debit
    ("Manage subscription status")."""
    subscription = await call.state.get(endings.KIND, key)
    if subscription is not None and subscription["latest_invoice"] == invoice["id"]:
        await _moved(call, subscription, "active", ("incomplete",))


async def paid(call: StripeCall, key: str, invoice: Object) -> None:
    """After an invoice of a subscription was paid: a subscription whose latest one it is, is active again."""
    subscription = await call.state.get(endings.KIND, key)
    if subscription is None:
        return
    subscription = await pending.applied(call, subscription, invoice["id"])
    if subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] == "paused":
        await resumed(call, subscription)
    await _moved(call, subscription, "active", ("incomplete", "past_due", "unpaid"))
    await _delinquent(call, subscription["customer"], False)


async def _moved(call: StripeCall, old: Object, status: str, before: tuple[str, ...]) -> Object:
    if old["status"] not in before or old["status"] == status:
        return old
    new, previous = changed(old, {"status": status})
    await endings.store(call, new)
    call.event("customer.subscription.updated", new, previous)
    return new


async def _delinquent(call: StripeCall, key: str, owing: bool) -> None:
    customer = await call.state.get("customer", key)
    if customer is None or customer["delinquent"] == owing:
        return
    new, previous = changed(customer, {"delinquent": owing})
    await call.state.put("customer", key, new)
    call.event("customer.updated", new, previous)
