"""What customers use, told event by event, and taken back: the v1 and v2 APIs and the stream.

https://docs.stripe.com/api/billing/meter-event, https://docs.stripe.com/api/v2/billing/meter-event and
https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api (2026-11). Events are counted at once;
what is wrong with one is answered, except on the stream, "including validation": there an event of the v2 API reports
it. Codes and the first two sentences are those of that documentation, the others are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mocks.base import Reply, ServiceError
from mocks.stripe import clocks, customers, meters, thin_events, usage, usage_records, wire
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.errors import invalid, missing_param

KIND = "billing.meter_event"
#: "within the past 35 calendar days or up to 5 minutes in the future".
OLDEST, AHEAD = 35 * 86_400, 300
#: "Stripe enforces uniqueness within a rolling period of at least 24 hours"; as long can an event be canceled.
UNIQUE_FOR = 24 * 3600
#: A session's token is good for 15 minutes; the mock takes the account's own key for one and does not look at the time.
SESSION_FOR = timedelta(minutes=15)


class Wrong(NamedTuple):
    """Why an event is not counted: a code of error reports, a sentence, the parameter, and the meter if any."""

    code: str
    message: str
    param: str
    meter: Object | None = None


async def create(call: StripeCall) -> Object:
    body = call.body
    if call.request.original is not None:
        # The address of usage records, which older versions of the API have.
        return {"object": KIND, **await usage_records.recorded(call), "created": call.timestamp}
    event = await _sent(call, body, body.get("timestamp"))
    return {"object": KIND, **event, "created": call.timestamp}


async def create_v2(call: StripeCall) -> Object:
    body = call.body
    event = await _sent(call, body, _seconds(body.get("timestamp"), "timestamp"))
    times = {
        "created": thin_events.text(call.now),
        "timestamp": thin_events.text(datetime.fromtimestamp(event["timestamp"], UTC)),
    }
    return {"object": f"v2.{KIND}", **event, **times}


async def _sent(call: StripeCall, body: Mapping[str, Any], at: int | None) -> Object:
    found = await _counted(call, body, at)
    if isinstance(found, Wrong):
        raise invalid(found.message, param=found.param)
    return found


async def _counted(call: StripeCall, body: Mapping[str, Any], at: int | None) -> Object | Wrong:
    """The event as it is shown, or what is wrong with it."""
    name, payload = body["event_name"], body["payload"]
    meter = await meters.active(call, name)
    if meter is None:
        meter = await meters.retired(call, name)
        if meter is not None:
            return Wrong("archived_meter", f"The meter of event_name {name} is inactive.", "event_name", meter)
        return Wrong("no_meter", f"No meter was found matching event_name {name}.", "event_name")
    who, what = meter["customer_mapping"]["event_payload_key"], meter["value_settings"]["event_payload_key"]
    counts = meter["default_aggregation"]["formula"] == "count"
    if not payload.get(who):
        words = f"Customer mapping key {who} not found in payload."
        return Wrong("meter_event_no_customer_defined", words, f"payload[{who}]", meter)
    customer = await call.state.get(customers.KIND, payload[who])
    if customer is None:
        words = f"No such customer: '{payload[who]}'"
        return Wrong("meter_event_customer_not_found", words, f"payload[{who}]", meter)
    if what not in payload and not counts:
        words = f"Value key {what} not found in payload."
        return Wrong("meter_event_value_not_found", words, f"payload[{what}]", meter)
    try:
        value = int(payload.get(what, "1"))
    except ValueError:
        words = f"The value of {what} is not a whole number: {payload[what]}"
        return Wrong("meter_event_invalid_value", words, f"payload[{what}]", meter)
    now = call.timestamp
    await clocks.enter(call, customer)
    here, call.timestamp = call.timestamp, now
    at = here if at is None else at
    if at < here - OLDEST:
        return Wrong("timestamp_too_far_in_past", "The timestamp is more than 35 days in the past.", "timestamp", meter)
    if at > here + AHEAD:
        return Wrong("timestamp_in_future", "The timestamp is more than 5 minutes in the future.", "timestamp", meter)
    identifier = body.get("identifier") or call.new_id("", 32)
    known = await call.state.get(KIND, identifier)
    if known is not None and known["received"] > now - UNIQUE_FOR:
        # Seen in github.com/langfuse/langfuse/pull/16292.
        return Wrong("", f"An event already exists with identifier {identifier}.", "identifier", meter)
    order = f"{call.now.timestamp():017.6f}{call.new_id('', 8)}"
    key = await usage.note(call, usage.stream_of(meter["id"], customer["id"]), at, value, order)
    await call.state.put(KIND, identifier, {"event_name": name, "use": key, "received": now})
    return {"event_name": name, "identifier": identifier, "livemode": False, "payload": payload, "timestamp": at}


async def adjust(call: StripeCall) -> Object:
    event = await _canceled(call)
    return {"object": "billing.meter_event_adjustment", **event}


async def adjust_v2(call: StripeCall) -> Object:
    event = await _canceled(call)
    key = call.new_id("mtr_event_adj_", 24)
    return {"id": key, "object": "v2.billing.meter_event_adjustment", **event, "created": thin_events.text(call.now)}


async def _canceled(call: StripeCall) -> Object:
    """ "You can only cancel events within 24 hours of Stripe receiving them"."""
    body = call.body
    identifier = (body.get("cancel") or {}).get("identifier")
    if not identifier:
        raise missing_param("cancel[identifier]")
    known = await call.state.get(KIND, identifier)
    if known is None or known["event_name"] != body["event_name"]:
        raise invalid(f"No such meter event: '{identifier}'", code="resource_missing", param="cancel[identifier]")
    if known["received"] <= int(call.now.timestamp()) - UNIQUE_FOR:
        raise invalid("A meter event can be canceled within 24 hours only.", param="cancel[identifier]")
    if not await call.state.delete(usage.USE, known["use"]):
        raise invalid("This meter event is already canceled.", param="cancel[identifier]")
    return {
        "cancel": {"identifier": identifier},
        "event_name": body["event_name"],
        "livemode": False,
        "status": "pending",
        "type": body["type"],
    }


async def open_session(call: StripeCall) -> Object:
    presented = wire.credential(call.request)
    return {
        "id": call.new_id("mes_test_61", 30),
        "object": "v2.billing.meter_event_session",
        "authentication_token": presented.key if presented else "",
        "created": thin_events.text(call.now),
        "expires_at": thin_events.text(call.now + SESSION_FOR),
        "livemode": False,
    }


async def stream(call: StripeCall) -> Reply:
    """ "Events are processed asynchronously, including validation": every one is taken, errors are told by events."""
    wrong: dict[tuple[str, str], list[tuple[Wrong, str]]] = {}
    for event in call.body["events"]:
        try:
            found = await _counted(call, event, _seconds(event.get("timestamp"), "timestamp"))
        except ServiceError as refused:
            found = Wrong("meter_event_invalid_value", refused.message, "timestamp")
        # An event that came before is the same event again.
        if isinstance(found, Wrong) and found.code:
            meter = found.meter["id"] if found.meter else ""
            wrong.setdefault((meter, found.code), []).append((found, event.get("identifier", "")))
    for meter in sorted({meter for meter, _ in wrong}):
        await _report(call, meter, {code: each for (of, code), each in wrong.items() if of == meter})
    return Reply({})


async def _report(call: StripeCall, meter: str, wrong: Mapping[str, list[tuple[Wrong, str]]]) -> None:
    """An event of the v2 API, as https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api shows
    it."""
    count = sum(len(each) for each in wrong.values())
    types = [
        {
            "code": code,
            "error_count": len(found),
            "sample_errors": [
                {"error_message": each.message, "request": {"identifier": identifier}} for each, identifier in found[:5]
            ],
        }
        for code, found in wrong.items()
    ]
    kind = "error_report_triggered" if meter else "no_meter_found"
    related = {"id": meter, "type": meters.KIND, "url": f"/v1/billing/meters/{meter}"} if meter else None
    plural = "There is 1 invalid event" if count == 1 else f"There are {count} invalid events"
    reason = {"error_count": count, "error_types": types}
    ends = {
        "validation_end": thin_events.text(call.now),
        "validation_start": thin_events.text(call.now - timedelta(seconds=10)),
    }
    data = {"developer_message_summary": plural, "reason": reason, **ends}
    await thin_events.store(call, f"v1.billing.meter.{kind}", data, related)


def _seconds(sent: str | None, param: str) -> int | None:
    """A time of the v2 API; raises ServiceError."""
    if sent is None:
        return None
    try:
        found = datetime.fromisoformat(sent)
    except ValueError:
        raise invalid(f"Invalid timestamp: {sent}", param=param) from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


HANDLERS: dict[str, StripeHandler] = {
    "billing.meter_event_adjustments.create": adjust,
    "billing.meter_events.create": create,
    "v2.billing.meter_event_adjustments.create": adjust_v2,
    "v2.billing.meter_event_session.create": open_session,
    "v2.billing.meter_event_stream.create": stream,
    "v2.billing.meter_events.create": create_v2,
}
