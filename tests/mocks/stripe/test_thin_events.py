"""Events of the v2 API: https://docs.stripe.com/api/v2/core/events."""

from __future__ import annotations

from tests.harness import value
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.metering import meter


async def test_events_are_read_by_id_object_and_type(stripe: Stripe) -> None:
    one = await meter(stripe)
    events = [{"event_name": "calls", "payload": {}}, {"event_name": "steps", "payload": {}}]
    await stripe.harness.call("POST", "/v2/billing/meter_event_stream", json={"events": events})
    both = value(await stripe.harness.call("GET", "/v2/core/events"))["data"]
    assert len(both) == 2
    found = value(await stripe.harness.call("GET", "/v2/core/events", query=f"object_id={one['id']}"))["data"]
    assert [event["type"] for event in found] == ["v1.billing.meter.error_report_triggered"]
    assert value(await stripe.harness.call("GET", f"/v2/core/events/{found[0]['id']}")) == found[0]
    assert (await stripe.harness.call("GET", "/v2/core/events/evt_none")).status == 404
    listed = await stripe.harness.call("GET", "/v2/core/events", query="types[0]=v1.billing.meter.no_meter_found")
    assert [event["type"] for event in value(listed)["data"]] == ["v1.billing.meter.no_meter_found"]
