"""How a subscription is kept and how it ends: https://docs.stripe.com/api/subscriptions/cancel (2026-11)."""

from __future__ import annotations

from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.schedule_records import bereft

KIND = "subscription"
ENDED = ("canceled", "incomplete_expired")


async def store(call: StripeCall, subscription: Object) -> None:
    """Write a subscription."""
    index = {"customer": subscription["customer"], "status": subscription["status"]}
    index["collection_method"] = subscription["collection_method"]
    await call.state.put(KIND, subscription["id"], subscription, index)


async def ended(
    call: StripeCall,
    old: Object,
    details: Any = None,
    *,
    reason: str = "cancellation_requested",
    at_its_time: bool = False,
) -> Object:
    """A canceled subscription; ``at_its_time`` when it ends as it was to, which it goes on to say. Stored."""
    canceled = {
        **old,
        **({} if at_its_time else {"cancel_at_period_end": False, "cancel_at": None}),
        "canceled_at": old["canceled_at"] or call.timestamp,
        "cancellation_details": cancellation(reason, details),
        "ended_at": call.timestamp,
        "status": "incomplete_expired" if old["status"] == "incomplete" else "canceled",
    }
    await store(call, canceled)
    call.event("customer.subscription.deleted", canceled)
    await bereft(call, canceled)
    return canceled


def cancellation(reason: str | None, sent: Any = None) -> Object:
    details = sent or {}
    return {
        "comment": details.get("comment") or None,
        "feedback": details.get("feedback") or None,
        "reason": reason,
    }


async def end_all(call: StripeCall, customer: str) -> None:
    """End what a customer had, who is deleted: https://docs.stripe.com/api/customers/delete."""
    for each in await call.state.page(KIND, where={"customer": customer}, limit=100, order="oldest"):
        if each.get("status") not in ENDED and "cancellation_details" in each:
            await ended(call, each)
