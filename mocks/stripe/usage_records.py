"""Usage records, which told use of a subscription's item before there were meters:
https://docs.stripe.com/api/usage_records/create?api-version=2024-06-20 and
https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing. Wording ours.

Their addresses are those of meter events and their summaries to the contract (``versions/addresses.py``).
"""

from __future__ import annotations

from mocks.stripe import clocks, endings, usage
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.lists import sliced
from mocks.stripe.pricing import is_metered

ITEM = "subscription_item"


async def recorded(call: StripeCall) -> Object:
    """A record, as a meter event shows it. "increment" adds to what is there at that very time, "set" overwrites it."""
    body = call.body
    payload = body["payload"]
    item = await call.named(ITEM, body["event_name"])
    if "value" not in payload:
        raise missing_param("quantity")
    if not is_metered(item["price"]) or item["price"]["recurring"]["meter"]:
        raise invalid("Usage records are for prices of use without a meter.", param="subscription_item")
    if not payload["value"].isdigit():
        raise invalid(f"Invalid integer: {payload['value']}", code="parameter_invalid_integer", param="quantity")
    subscription = await call.named(endings.KIND, item["subscription"])
    await clocks.enter(call, subscription)
    at = body.get("timestamp") or call.timestamp
    if at < item["current_period_start"] or at > call.timestamp + 300:
        raise invalid("The timestamp of usage is within the current billing period.", param="timestamp")
    if payload.get("action", "increment") == "set":
        for each in await usage.between(call, item["id"], at, at + 1):
            await call.state.delete(usage.USE, each["key"])
    key = call.new_id("mbur_1", 23)
    await usage.note(call, item["id"], at, int(payload["value"]), f"{call.now.timestamp():017.6f}{key}")
    return {
        "event_name": item["id"],
        "identifier": key,
        "livemode": False,
        "payload": {"value": payload["value"]},
        "timestamp": at,
    }


async def summaries(call: StripeCall) -> Object:
    """Of the current period alone."""
    item = await call.named(ITEM, call.path("id"))
    start, end = item["current_period_start"], item["current_period_end"]
    used = await usage.between(call, item["id"], start, end)
    found = usage.summary(item["id"], item["subscription"], "sum", start, end, used)
    return sliced(call, [found], usage.SUMMARY, call.request.path)
