"""A subscription's items by themselves: https://docs.stripe.com/api/subscription_items (2026-11). Each change is one of
the subscription, too."""

from __future__ import annotations

from mocks.stripe import clocks, endings, pending_calls, renewals, subscriptions
from mocks.stripe import subscription_items as items
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page


async def create(call: StripeCall) -> Object:
    body = call.body
    old = await call.referred(endings.KIND, body["subscription"], "subscription")
    await pending_calls.checked(call, old, pending_calls.BY_ITSELF)
    known = {item["id"] for item in old["items"]["data"]}
    found = await items.merge(call, old, {"": {name: value for name, value in body.items() if name != "id"}})
    await _keep(call, old, found)
    return next(item for item in found if item["id"] not in known)


async def retrieve(call: StripeCall) -> Object:
    return await call.named(items.KIND, call.path("item"))


async def update(call: StripeCall) -> Object:
    item, old = await _own(call)
    await pending_calls.checked(call, old, pending_calls.BY_ITSELF)
    found = await items.merge(call, old, {"": {**call.body, "id": item["id"], "deleted": False}})
    new = await _keep(call, old, found)
    return next(each for each in new["items"]["data"] if each["id"] == item["id"])


async def delete(call: StripeCall) -> Object:
    item, old = await _own(call)
    await _keep(call, old, await items.merge(call, old, {"": {**call.body, "id": item["id"], "deleted": True}}))
    return {"id": item["id"], "object": items.KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    subscription = await call.referred(endings.KIND, call.body["subscription"], "subscription")
    return await page(call, items.KIND, {"subscription": subscription["id"]})


async def _own(call: StripeCall) -> tuple[Object, Object]:
    item = await call.named(items.KIND, call.path("item"))
    return item, await call.named(endings.KIND, item["subscription"])


async def _keep(call: StripeCall, old: Object, found: list[Object]) -> Object:
    if old["status"] in endings.ENDED:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.")
    await clocks.enter(call, old)
    new, _ = changed(old, await subscriptions.with_items(call, old, found))
    await endings.store(call, new)
    new, previous = changed(old, await pending_calls.settled(call, old, new))
    await endings.store(call, new)
    if previous:
        call.event("customer.subscription.updated", new, previous)
        await renewals.appointed(call, new)
    return new
