"""How a paused subscription goes on: https://docs.stripe.com/api/subscriptions/resume and
https://docs.stripe.com/billing/subscriptions/pause#resume-subscriptions (2026-11).

"If Stripe doesn't generate a resumption invoice, the subscription becomes active immediately. When a resumption invoice
is generated, Stripe finalizes it immediately. If the invoice is paid or marked uncollectible, the subscription becomes
active." "If there is no payment attempt within 23 hours, Stripe voids the invoice and the subscription stays paused."
"""

from __future__ import annotations

from mocks.base import ServiceError
from mocks.stripe import clocks, customers, endings, invoices, periods, prorations, renewals, standing
from mocks.stripe import subscription_items as items
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid

#: Wordings ours.
NOT_PAUSED = "Only a subscription that is paused can be resumed; this one is {}."
SENT = "Only a subscription whose `collection_method` is `charge_automatically` can be resumed."


async def resume(call: StripeCall) -> Object:
    old = await call.named(endings.KIND, call.path("subscription"))
    await clocks.enter(call, old)
    if old["status"] != "paused":
        raise invalid(NOT_PAUSED.format(old["status"]))
    if old["collection_method"] != "charge_automatically":
        raise invalid(SENT)
    if (call.body.get("billing_cycle_anchor") or {}).get("type") == "unchanged":
        return await _within_its_cycle(call, old)
    begun, found = await _anew(call, old)
    return await _asked(call, begun, found)


async def foretold(call: StripeCall, old: Object) -> Object:
    """The resumption invoice of a paused subscription that goes on from now, a draft that is not stored."""
    begun, found = await _anew(call, old)
    return await prorations.drafted(call, begun, found)


async def _anew(call: StripeCall, old: Object) -> tuple[Object, list[Object]]:
    """In a period that begins now, and its items, which are stored."""
    found = [items.begun(call.timestamp, item) for item in old["items"]["data"]]
    begun = {**old, "billing_cycle_anchor": call.timestamp, "billing_cycle_anchor_config": None}
    await items.store(call, found)
    return {**begun, "items": items.listed(found, old["id"])}, found


async def _within_its_cycle(call: StripeCall, old: Object) -> Object:
    """In "the period that surrounds the current time", of which the rest is asked for."""
    found = [_surrounding(old, item, call.timestamp) for item in old["items"]["data"]]
    moved = {**old, "items": items.listed(found, old["id"])}
    await items.store(call, found)
    behaviour = call.body.get("proration_behavior", "create_prorations")
    if behaviour != "none":
        at = int(call.body.get("proration_date") or call.timestamp)
        made = await prorations.asked_for(call, moved, at)
        if made and behaviour == "always_invoice":
            return await _asked(call, moved, [])
    return await standing.resumed(call, moved)


def _surrounding(subscription: Object, item: Object, now: int) -> Object:
    while (later := periods.rolled(subscription, item, now)) is not item:
        item = later
    return item


async def _asked(call: StripeCall, begun: Object, found: list[Object]) -> Object:
    """With its resumption invoice. Only ``resume_on_payment_success`` tries to collect it at once."""
    customer = await call.referred(customers.KIND, begun["customer"], "customer")
    invoice = await prorations.drafted(call, begun, found)
    begun = {**begun, "latest_invoice": invoice["id"]}
    await endings.store(call, begun)
    call.event("invoice.created", invoice)
    invoice = await invoices.finalized(call, invoice)
    if invoice["status"] == "open":
        await clocks.appoint(call, call.timestamp + renewals.INCOMPLETE_FOR, invoice)
        method = await invoices.payer(call, invoice, customer, begun)
        if call.body.get("payment_behavior") == "resume_on_payment_success" and method is not None:
            await call.state.put(standing.PAID_FIRST, invoice["id"], {"id": invoice["id"]})
            try:
                await invoices.collect(call, invoice, method, off_session=True)
            except ServiceError:
                pass  # "The subscription stays `paused` until payment succeeds".
    return await call.named(endings.KIND, begun["id"])
