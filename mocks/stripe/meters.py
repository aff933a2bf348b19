"""Billing meters, and what they have counted: https://docs.stripe.com/api/billing/meter and
https://docs.stripe.com/api/billing/meter-event-summary (2026-11). What refusals say here is worded by ourselves, since
the documentation tells none of them."""

from __future__ import annotations

from mocks.stripe import customers, usage, usage_records
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page, sliced

KIND = usage.METER
WINDOWS = {"hour": 3600, "day": 86_400}


async def create(call: StripeCall) -> Object:
    body = call.body
    if await active(call, body["event_name"]) is not None:
        raise invalid(
            f"An active meter with the event name `{body['event_name']}` already exists.",
            code="resource_already_exists",
            param="event_name",
        )
    meter: Object = {
        "id": call.new_id("mtr_test_61", 30),
        "object": KIND,
        "created": call.timestamp,
        "customer_mapping": body.get("customer_mapping")
        or {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "default_aggregation": {"formula": body["default_aggregation"]["formula"]},
        "display_name": body["display_name"],
        "event_name": body["event_name"],
        "event_time_window": body.get("event_time_window"),
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": call.timestamp,
        "value_settings": body.get("value_settings") or {"event_payload_key": "value"},
    }
    await _store(call, meter)
    call.event("billing.meter.created", meter)
    return meter


async def active(call: StripeCall, event_name: str) -> Object | None:
    """The meter that counts events of a name now."""
    found = await call.state.page(KIND, where={"event_name": event_name, "status": "active"}, limit=1)
    return found[0] if found else None


async def retired(call: StripeCall, event_name: str) -> Object | None:
    """A meter that once counted events of a name."""
    found = await call.state.page(KIND, where={"event_name": event_name}, limit=1)
    return found[0] if found else None


async def _store(call: StripeCall, meter: Object) -> None:
    await call.state.put(KIND, meter["id"], meter, {"event_name": meter["event_name"], "status": meter["status"]})


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def list_all(call: StripeCall) -> Object:
    status = call.body.get("status")
    return await page(call, KIND, {"status": status} if status else None)


async def update(call: StripeCall) -> Object:
    old = await call.named(KIND, call.path("id"))
    return await _changed(
        call, old, "updated", {name: call.body[name] for name in ("display_name",) if name in call.body}
    )


async def _changed(call: StripeCall, old: Object, happened: str, changes: Object) -> Object:
    new, previous = changed(old, changes)
    if not previous:
        return old
    new, previous = changed(old, {**changes, "updated": call.timestamp})
    await _store(call, new)
    call.event(f"billing.meter.{happened}", new, previous)
    return new


async def deactivate(call: StripeCall) -> Object:
    """ "No more meter events will be accepted for this meter"."""
    old = await call.named(KIND, call.path("id"))
    if old["status"] == "inactive":
        raise invalid("This meter is already inactive.")
    changes = {"status": "inactive", "status_transitions": {"deactivated_at": call.timestamp}}
    return await _changed(call, old, "deactivated", changes)


async def reactivate(call: StripeCall) -> Object:
    old = await call.named(KIND, call.path("id"))
    if old["status"] == "active":
        raise invalid("This meter is already active.")
    if await active(call, old["event_name"]) is not None:
        raise invalid(f"An active meter with the event name `{old['event_name']}` already exists.")
    changes = {"status": "active", "status_transitions": {"deactivated_at": None}}
    return await _changed(call, old, "reactivated", changes)


async def summaries(call: StripeCall) -> Object:
    """One for the whole time, or one for each hour or day in which there was use, newest first."""
    body = call.body
    if call.request.original is not None:
        # The address of usage record summaries, which older versions of the API have.
        return await usage_records.summaries(call)
    meter = await call.named(KIND, call.path("id"))
    customer = await call.referred(customers.KIND, body["customer"], "customer")
    start, end, window = body["start_time"], body["end_time"], body.get("value_grouping_window")
    unit = WINDOWS[window] if window else 60
    for name, at in (("start_time", start), ("end_time", end)):
        if at % unit:
            raise invalid(f"`{name}` must be aligned with {window or 'minute'} boundaries.", param=name)
    if start >= end:
        raise invalid("`end_time` must be after `start_time`.", param="end_time")
    used = await usage.between(call, usage.stream_of(meter["id"], customer["id"]), start, end)
    of = (meter["id"], customer["id"], meter["default_aggregation"]["formula"])
    found = [usage.summary(*of, start, end, used)]
    if window:
        begins = sorted({each["at"] // unit * unit for each in used}, reverse=True)
        found = [
            usage.summary(*of, at, at + unit, [each for each in used if at <= each["at"] < at + unit]) for at in begins
        ]
    return sliced(call, found, usage.SUMMARY, f"/v1/billing/meters/{meter['id']}/event_summaries")


HANDLERS: dict[str, StripeHandler] = {
    "billing.meters.create": create,
    "billing.meters.deactivate": deactivate,
    "billing.meters.event_summaries.list": summaries,
    "billing.meters.list": list_all,
    "billing.meters.reactivate": reactivate,
    "billing.meters.retrieve": retrieve,
    "billing.meters.update": update,
}
