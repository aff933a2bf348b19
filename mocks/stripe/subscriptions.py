"""Subscriptions: https://docs.stripe.com/api/subscriptions (2026-11). Changed, ended, listed.

How they begin is in ``beginnings.py``, what time does to them in ``renewals.py``.
"""

from __future__ import annotations

from mocks.base import Missing
from mocks.stripe import (
    beginnings,
    clocks,
    customers,
    discounts,
    intervals,
    pending_calls,
    prorations,
    renewals,
    taxes,
    unbilled,
)
from mocks.stripe import subscription_items as items
from mocks.stripe.calls import Object, StripeCall, changed, cleared, given
from mocks.stripe.endings import ENDED, KIND, cancellation, ended, store
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page
from mocks.stripe.metadata import merged

#: Parameters that are kept as they come; an empty string clears them.
PLAIN = (
    "application_fee_percent", "days_until_due", "default_source", "description", "on_behalf_of",
)  # fmt: skip


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("subscription_exposed_id"))


async def update(call: StripeCall) -> Object:
    old = await call.named(KIND, call.path("subscription_exposed_id"))
    await clocks.enter(call, old)
    await pending_calls.checked(call, old)
    new, previous = changed(old, await pending_calls.settled(call, old, await amended(call, old)))
    await store(call, new)
    if previous:
        call.event("customer.subscription.updated", new, previous)
        await (renewals.begun if "trial_end" in previous else renewals.appointed)(call, new)
    return new


async def amended(call: StripeCall, old: Object) -> Object:
    """A subscription as a call wants it, before anything is invoiced. Stored. Raises ServiceError."""
    body = call.body
    if old["status"] in ENDED:
        allowed = {"metadata", "cancellation_details", "expand"}
        if not set(body) <= allowed:
            raise invalid("A canceled subscription can only update its cancellation_details and metadata.")
    if old["schedule"] and ("cancel_at" in body or "cancel_at_period_end" in body):
        # Seen in github.com/dust-tt/dust/pull/32051.
        raise invalid(
            f"The subscription is managed by the subscription schedule `{old['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead."
        )
    changes: Object = {name: given(body, name) for name in PLAIN if name in body}
    if "pending_invoice_item_interval" in body:
        interval = beginnings.pending_interval(body)
        at = intervals.next_at(old["billing_cycle_anchor"], interval, call.timestamp)
        changes |= {"next_pending_invoice_item_invoice": at, "pending_invoice_item_interval": interval}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if given(body, "default_payment_method"):
        customer = await call.referred(customers.KIND, old["customer"], "customer")
        method = await beginnings.method_of(call, body, customer)
        changes["default_payment_method"] = method and method["id"]
    elif "default_payment_method" in body:
        changes["default_payment_method"] = None
    planned = await discounts.asked(call, old["customer"])
    if "pause_collection" in body:
        paused = given(body, "pause_collection")
        changes["pause_collection"] = paused and {
            "behavior": paused["behavior"],
            "resumes_at": paused.get("resumes_at"),
        }
    if "collection_method" in body:
        changes["collection_method"] = body["collection_method"]
    changes |= _trial_changes(call, old)
    changes |= await _item_changes(call, {**old, **changes})
    changes |= _end_changes(call, {**old, **changes})
    if "default_tax_rates" in body:
        changes["default_tax_rates"] = await taxes.named(call, given(body, "default_tax_rates"), "default_tax_rates")
    for name in ("payment_settings", "trial_settings"):
        if body.get(name):
            changes[name] = {**old[name], **cleared(body[name])}
    if planned is not None:
        changes["discounts"] = await discounts.replaced(call, old, planned)
    new, _ = changed(old, changes)
    await store(call, new)
    return new


def _trial_changes(call: StripeCall, old: Object) -> Object:
    wanted = call.body.get("trial_end")
    if wanted in (None, ""):
        return {}
    if wanted == "now":
        return {"status": "active", "trial_end": call.timestamp} if old["status"] == "trialing" else {}
    return {"status": "trialing", "trial_end": int(wanted), "billing_cycle_anchor": int(wanted)}


async def _item_changes(call: StripeCall, old: Object) -> Object:
    """Items, and the period: another interval, or the end of a trial, begins a new one."""
    body, found = call.body, list(old["items"]["data"])
    before = found[0]
    if body.get("items"):
        found = await items.merge(call, old, {f"items[{at}]": each for at, each in enumerate(body["items"])})
    keys = ("interval", "interval_count")
    moved = any(found[0]["price"]["recurring"][key] != before["price"]["recurring"][key] for key in keys)
    changes: Object = {}
    if moved or body.get("trial_end") == "now" or (body.get("billing_cycle_anchor") or {}).get("type") == "now":
        changes["billing_cycle_anchor"] = call.timestamp
        found = [items.begun(call.timestamp, item) for item in found]
        changes["billing_cycle_anchor_config"] = None
    elif old["status"] == "trialing" and body.get("trial_end"):
        period = {"current_period_end": old["trial_end"], "current_period_start": call.timestamp}
        found = [{**item, **period} for item in found]
    return changes if found == old["items"]["data"] else {**changes, **await with_items(call, old, found)}


async def with_items(call: StripeCall, old: Object, found: list[Object]) -> Object:
    """What changes of a subscription with its items, which are stored."""
    await items.store(call, found)
    summed = items.summed({**old, "items": items.listed(found, old["id"])})
    return {name: summed[name] for name in ("items", "plan", "quantity")}


def _end_changes(call: StripeCall, old: Object) -> Object:
    body = call.body
    changes: Object = {}
    if "cancel_at_period_end" in body:
        ends = body["cancel_at_period_end"]
        changes |= {
            "cancel_at_period_end": ends,
            "cancel_at": old["items"]["data"][0]["current_period_end"] if ends else None,
            "canceled_at": call.timestamp if ends else None,
        }
    if "cancel_at" in body:
        at = items.ending(given(body, "cancel_at"), old["items"]["data"])
        changes |= {"cancel_at": at, "canceled_at": call.timestamp if at else None}
    details = body.get("cancellation_details")
    if changes or details:
        known = old["cancellation_details"]
        reason = known["reason"]
        if changes:
            reason = "cancellation_requested" if changes["canceled_at"] else None
        changes["cancellation_details"] = {**known, **cancellation(reason, {**known, **(details or {})})}
    return changes


async def cancel(call: StripeCall) -> Object:
    key = call.path("subscription_exposed_id")
    old = await call.named(KIND, key)
    await clocks.enter(call, old)
    if old["status"] in ENDED:
        raise Missing(KIND, key)
    if call.body.get("prorate") and old["status"] in prorations.BILLED:
        await prorations.given_back(call, old, call.timestamp)
    if call.body.get("invoice_now"):
        await unbilled.noted(call, old, old["items"]["data"])
        old = await prorations.invoiced(call, old, [])
    return await ended(call, old, call.body.get("cancellation_details"))


async def list_all(call: StripeCall) -> Object:
    """All that have not ended, unless ``status`` says otherwise."""
    body = call.body
    status = body.get("status")
    where = {name: body[name] for name in ("customer", "collection_method") if body.get(name)}
    if status and status not in ("all", "ended"):
        where["status"] = status

    def keep(subscription: Object) -> bool:
        found = subscription["items"]["data"]
        if status is None and subscription["status"] in ENDED:
            return False
        if status == "ended" and subscription["status"] not in ENDED:
            return False
        return not any(
            body.get(name) and all(item[name]["id"] != body[name] for item in found) for name in ("price", "plan")
        )

    return await page(call, KIND, where or None, keep=keep)
