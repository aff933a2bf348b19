"""How a subscription schedule is kept and how it ends: https://docs.stripe.com/api/subscription_schedules/object
(2026-11)."""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall, changed

KIND = "subscription_schedule"
#: Statuses in which a schedule still does something.
OPEN = ("not_started", "active")


async def store(call: StripeCall, schedule: Object) -> None:
    """Write a schedule."""
    await call.state.put(KIND, schedule["id"], schedule, {"customer": schedule["customer"]})


async def closed(call: StripeCall, old: Object, status: str, changes: Object) -> Object:
    """A schedule that does nothing any more. Stored and told."""
    now = call.timestamp
    new, previous = changed(old, {**changes, "current_phase": None, "status": status, f"{status}_at": now})
    await store(call, new)
    call.event(f"{KIND}.{status}", new, previous)
    return new


async def bereft(call: StripeCall, subscription: Object) -> None:
    """The subscription of a schedule has ended: so has the schedule."""
    key = subscription["schedule"]
    found = await call.state.get(KIND, key) if key else None
    if found is not None and found["status"] in OPEN:
        await closed(call, found, "canceled", {})
