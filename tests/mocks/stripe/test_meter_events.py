"""Use that is told event by event:
https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import value
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.metering import meter, used

DAY = 86_400


async def counted(stripe: Stripe, one: Any, customer: Any) -> Any:
    """All that a meter has counted for a customer."""
    start = customer["created"] // 60 * 60
    asked = {"customer": customer["id"], "start_time": start - 40 * DAY, "end_time": start + 600}
    found = await stripe.get(f"billing/meters/{one['id']}/event_summaries", **asked)
    return found["data"][0]["aggregated_value"]


async def v2(stripe: Stripe, path: str, expect: int = 200, **body: Any) -> Any:
    headers = {"authorization": "Bearer sk_test_one"}
    response = await stripe.harness.call("POST", f"/v2/billing/{path}", json=body, headers=headers)
    assert response.status == expect, response.body
    return value(response)


async def test_an_event_is_shown_and_counted(stripe: Stripe) -> None:
    one, customer = await meter(stripe), await stripe.customer()
    made = await used(stripe, customer, 25)
    assert (made["object"], made["event_name"], made["payload"]["value"]) == ("billing.meter_event", "calls", "25")
    assert made["timestamp"] == made["created"]
    assert len(made["identifier"]) == 32
    await used(stripe, customer, -5)
    assert await counted(stripe, one, customer) == 20


async def test_an_identifier_is_counted_once(stripe: Stripe) -> None:
    one, customer = await meter(stripe), await stripe.customer()
    await used(stripe, customer, 1, identifier="first")
    refused = await used(stripe, customer, 1, identifier="first", expect=400)
    assert refused["error"]["message"] == "An event already exists with identifier first."
    assert await counted(stripe, one, customer) == 1


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"event_name": "steps"}, "event_name"),
        ({"payload": {"value": "1"}}, "payload[stripe_customer_id]"),
        ({"payload": {"stripe_customer_id": "cus_none", "value": "1"}}, "payload[stripe_customer_id]"),
        ({"value": "1.5"}, "payload[value]"),
        ({"ago": 36 * DAY}, "timestamp"),
        ({"ago": -600}, "timestamp"),
    ],
)
async def test_what_cannot_be_counted_is_refused(stripe: Stripe, changes: dict[str, Any], param: str) -> None:
    one, customer = await meter(stripe), await stripe.customer()
    more = {name: each for name, each in changes.items() if name not in ("value", "ago")}
    if "ago" in changes:
        more["timestamp"] = customer["created"] - changes["ago"]
    refused = await used(stripe, customer, changes.get("value", 1), expect=400, **more)
    assert refused["error"]["param"] == param
    assert await counted(stripe, one, customer) == 0


async def test_an_inactive_meter_counts_nothing(stripe: Stripe) -> None:
    one, customer = await meter(stripe), await stripe.customer()
    await stripe.post(f"billing/meters/{one['id']}/deactivate")
    await used(stripe, customer, 1, expect=400)
    assert await counted(stripe, one, customer) == 0


async def test_an_event_is_taken_back_once(stripe: Stripe) -> None:
    one, customer = await meter(stripe), await stripe.customer()
    await used(stripe, customer, 3, identifier="kept")
    await used(stripe, customer, 4, identifier="gone")
    asked = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "gone"}}
    made = await stripe.post("billing/meter_event_adjustments", **asked)
    assert (made["status"], made["cancel"]) == ("pending", {"identifier": "gone"})
    assert await counted(stripe, one, customer) == 3
    await stripe.post("billing/meter_event_adjustments", expect=400, **asked)
    await stripe.post("billing/meter_event_adjustments", expect=400, **{**asked, "cancel": {"identifier": "none"}})


async def test_the_second_api_counts_for_the_same_meter(stripe: Stripe) -> None:
    one, customer = await meter(stripe), await stripe.customer()
    payload = {"stripe_customer_id": customer["id"], "value": "6"}
    made = await v2(stripe, "meter_events", event_name="calls", payload=payload, identifier="v2")
    assert (made["object"], made["created"]) == ("v2.billing.meter_event", made["timestamp"])
    await v2(stripe, "meter_events", expect=400, event_name="calls", payload=payload, timestamp="yesterday")
    assert await counted(stripe, one, customer) == 6
    canceled = await v2(
        stripe, "meter_event_adjustments", event_name="calls", type="cancel", cancel={"identifier": "v2"}
    )
    assert canceled["object"] == "v2.billing.meter_event_adjustment"
    assert await counted(stripe, one, customer) == 0


async def test_a_stream_tells_of_errors_by_events(stripe: Stripe) -> None:
    one, customer = await meter(stripe), await stripe.customer()
    session = await v2(stripe, "meter_event_session")
    assert session["authentication_token"] == "sk_test_one"
    good = {"event_name": "calls", "payload": {"stripe_customer_id": customer["id"], "value": "2"}}
    lost = {"event_name": "calls", "payload": {"value": "2"}, "identifier": "lost"}
    await v2(stripe, "meter_event_stream", events=[good, lost, {**good, "event_name": "steps"}])
    assert await counted(stripe, one, customer) == 2
    response = await stripe.harness.call("GET", "/v2/core/events")
    told = {event["type"]: event for event in value(response)["data"]}
    assert set(told) == {"v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"}
    report = told["v1.billing.meter.error_report_triggered"]
    assert report["related_object"]["id"] == one["id"]
    assert report["data"]["reason"]["error_types"] == [
        {
            "code": "meter_event_no_customer_defined",
            "error_count": 1,
            "sample_errors": [
                {
                    "error_message": "Customer mapping key stripe_customer_id not found in payload.",
                    "request": {"identifier": "lost"},
                }
            ],
        }
    ]
