"""Pending updates: what a subscription will be once its latest invoice is paid.

https://docs.stripe.com/billing/subscriptions/pending-updates (2026-11): what is not paid stands in ``pending_update``;
"a successful payment immediately applies the changes"; "To cancel a pending update, you need to void the invoice the
update created". The order of an application's events is not told: a guess.
"""

from __future__ import annotations

from mocks.stripe import endings
from mocks.stripe import subscription_items as items
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.metadata import merged

#: What will change, by subscription: the fields, the items as they will be, and the invoice that decides.
KIND = "pending_update"
#: "Otherwise, the expiration is 23 hours from the update request."
HOURS = 23 * 3600
#: What is not put back by an application: it belongs to the subscription as it is by then.
OWN = ("items", "latest_invoice", "metadata", "pending_update")


async def held(call: StripeCall, old: Object, new: Object, invoice: Object) -> Object:
    """The subscription as it was, with what it will be: ``new``, whose items are not stored any more. Not stored."""
    body = call.body
    before, after = old["items"]["data"], new["items"]["data"]
    for item in after:
        await call.state.delete(items.KIND, item["id"])
    await items.store(call, before)
    moved = before != after
    record: Object = {
        "changes": {name: new[name] for name in new if name not in OWN and new[name] != old.get(name)},
        "invoice": invoice["id"],
        "items": after if moved else None,
        "metadata": body.get("metadata") or {},
    }
    await call.state.put(KIND, old["id"], record)
    ends = [item["current_period_end"] for item in before]
    if old["status"] == "trialing":
        ends.append(old["trial_end"])
    anchor = new["billing_cycle_anchor"]
    update: Object = {
        "billing_cycle_anchor": anchor if anchor != old["billing_cycle_anchor"] else None,
        "cancel_at_period_end": body.get("cancel_at_period_end"),
        "discount": None,
        "discounts": None,
        "expires_at": min(call.timestamp + HOURS, *ends),
        "metadata": body.get("metadata") or None,
        "subscription_items": after if moved else None,
        "trial_end": new["trial_end"] if new["trial_end"] != old["trial_end"] else None,
        "trial_from_plan": body.get("trial_from_plan"),
    }
    return {**old, "latest_invoice": invoice["id"], "pending_update": update}


async def forgotten(call: StripeCall, subscription: Object) -> tuple[Object, str | None]:
    """The subscription without its pending update, and the invoice that asked for it. Stored, and not told."""
    record = await call.state.get(KIND, subscription["id"])
    if record is None:
        return subscription, None
    await call.state.delete(KIND, subscription["id"])
    without = {**subscription, "pending_update": None}
    await endings.store(call, without)
    return without, str(record["invoice"])


async def applied(call: StripeCall, old: Object, invoice: str) -> Object:
    """The subscription after an invoice was paid, with what waited for that. Stored."""
    record = await call.state.get(KIND, old["id"])
    if record is None or record["invoice"] != invoice or old["status"] in endings.ENDED:
        return old
    await call.state.delete(KIND, old["id"])
    changes: Object = {**record["changes"], "pending_update": None}
    if record["metadata"]:
        changes["metadata"] = merged(old["metadata"], record["metadata"])
    if (after := record["items"]) is not None:
        kept = {item["id"] for item in after}
        for item in old["items"]["data"]:
            if item["id"] not in kept:
                await call.state.delete(items.KIND, item["id"])
        await items.store(call, after)
        changes |= items.summed({"items": items.listed(after, old["id"])})
    new, previous = changed(old, changes)
    await endings.store(call, new)
    call.event("customer.subscription.pending_update_applied", new)
    call.event("customer.subscription.updated", new, previous)
    return new


async def dropped(call: StripeCall, key: str, invoice: str) -> None:
    """An invoice of a subscription is void: what waited for it will not be."""
    record = await call.state.get(KIND, key)
    old = await call.state.get(endings.KIND, key)
    if record is None or record["invoice"] != invoice or old is None:
        return
    await call.state.delete(KIND, key)
    new, previous = changed(old, {"pending_update": None})
    await endings.store(call, new)
    call.event("customer.subscription.updated", new, previous)
    if call.automatic:
        call.event("customer.subscription.pending_update_expired", new)
