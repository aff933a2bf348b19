"""Test clocks: https://docs.stripe.com/api/test_clocks (2026-11).

An advance answers as one that has begun, and all that it brings has happened when the clock is looked at again.
"""

from __future__ import annotations

from mocks.stripe import clocks, customers, renewals
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page

#: "Simulations are automatically deleted 30 days after creation."
KEPT_FOR = 30 * 86_400


async def create(call: StripeCall) -> Object:
    clock: Object = {
        "id": call.new_id("clock_1", 23),
        "object": clocks.KIND,
        "created": call.timestamp,
        "deletes_after": call.timestamp + KEPT_FOR,
        "frozen_time": call.body["frozen_time"],
        "livemode": False,
        "name": given(call.body, "name"),
        "status": "ready",
        "status_details": {},
    }
    await call.state.put(clocks.KIND, clock["id"], clock)
    call.event("test_helpers.test_clock.created", clock)
    return clock


async def retrieve(call: StripeCall) -> Object:
    return await call.named(clocks.KIND, call.path("test_clock"))


async def list_all(call: StripeCall) -> Object:
    return await page(call, clocks.KIND)


async def advance(call: StripeCall) -> Object:
    clock = await call.named(clocks.KIND, call.path("test_clock"))
    target = call.body["frozen_time"]
    if target <= clock["frozen_time"]:
        raise invalid(
            "The `frozen_time` must be after the test clock's current `frozen_time`.",
            param="frozen_time",
        )
    begun = {**clock, "status": "advancing", "status_details": {"advancing": {"target_frozen_time": target}}}
    call.event("test_helpers.test_clock.advancing", begun)
    call.timestamp = clock["frozen_time"]
    await clocks.run(call, clock["id"], target, renewals.LOOKS)
    done = {**clock, "frozen_time": target}
    await call.state.put(clocks.KIND, clock["id"], done)
    call.automatic = True
    call.timestamp = int(call.now.timestamp())
    call.event("test_helpers.test_clock.ready", done)
    return begun


async def delete(call: StripeCall) -> Object:
    """With its customers, whose subscriptions end."""
    clock = await call.named(clocks.KIND, call.path("test_clock"))
    await clocks.forget(call, clock["id"])
    while found := await call.state.page(customers.KIND, where={"test_clock": clock["id"]}, limit=100):
        for customer in found:
            await customers.removed(call, customer)
    await call.state.delete(clocks.KIND, clock["id"])
    call.event("test_helpers.test_clock.deleted", clock)
    return {"id": clock["id"], "object": clocks.KIND, "deleted": True}
