"""Billing meters: https://docs.stripe.com/api/billing/meter."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.metering import meter, metered, used

HOUR = 3600


async def test_a_meter_is_made_renamed_and_rested(stripe: Stripe) -> None:
    made = await meter(stripe)
    assert (made["status"], made["value_settings"]) == ("active", {"event_payload_key": "value"})
    path = f"billing/meters/{made['id']}"
    renamed = await stripe.post(path, display_name="Calls")
    assert (renamed["display_name"], await stripe.get(path)) == ("Calls", renamed)
    rested = await stripe.post(f"{path}/deactivate")
    assert rested["status_transitions"]["deactivated_at"] == rested["updated"]
    assert (await stripe.get("billing/meters", status="active"))["data"] == []
    assert (await stripe.get("billing/meters", status="inactive"))["data"] == [rested]
    await stripe.post(f"{path}/deactivate", expect=400)
    assert (await metered(stripe, made, expect=400))["error"]["param"] == "recurring[meter]"
    assert (await stripe.post(f"{path}/reactivate"))["status_transitions"] == {"deactivated_at": None}
    assert await stripe.event_types() == [f"billing.meter.{name}" for name in HAPPENED]


HAPPENED = ("created", "updated", "deactivated", "reactivated")


async def test_an_event_name_has_one_active_meter(stripe: Stripe) -> None:
    first = await meter(stripe)
    assert (await meter(stripe, expect=400))["error"]["code"] == "resource_already_exists"
    await stripe.post(f"billing/meters/{first['id']}/deactivate")
    await meter(stripe)
    await stripe.post(f"billing/meters/{first['id']}/reactivate", expect=400)


async def test_what_is_used_without_a_meter_has_no_price(stripe: Stripe) -> None:
    recurring = {"interval": "month", "usage_type": "metered"}
    asked = {"currency": "usd", "unit_amount": 5, "product_data": {"name": "Calls"}}
    refused = await stripe.post("prices", recurring=recurring, expect=400, **asked)
    assert refused["error"]["code"] == "parameter_missing"
    unknown = {**recurring, "meter": "mtr_none"}
    refused = await stripe.post("prices", recurring=unknown, expect=400, **asked)
    assert refused["error"]["code"] == "resource_missing"


async def summed(stripe: Stripe, one: Any, customer: Any, start: int, end: int, **more: Any) -> list[tuple[int, Any]]:
    asked = {"customer": customer["id"], "start_time": start, "end_time": end, **more}
    found = await stripe.get(f"billing/meters/{one['id']}/event_summaries", **asked)
    return [(each["start_time"], each["aggregated_value"]) for each in found["data"]]


async def test_summaries_count_in_windows(stripe: Stripe) -> None:
    customer = await stripe.customer()
    now = customer["created"] // HOUR * HOUR
    for formula, all_of_it in (("sum", 12), ("count", 3), ("last", 2)):
        one = await meter(stripe, formula, event_name=formula)
        for at, value in ((now - 2 * HOUR, 3), (now - HOUR, 7), (now - HOUR + 60, 2)):
            await used(stripe, customer, value, event_name=formula, timestamp=at)
        assert await summed(stripe, one, customer, now - 3 * HOUR, now) == [(now - 3 * HOUR, all_of_it)]
        assert await summed(stripe, one, customer, now - 3 * HOUR, now - 2 * HOUR) == [(now - 3 * HOUR, 0)]
    one = await meter(stripe, event_name="windows")
    await used(stripe, customer, 3, event_name="windows", timestamp=now - 2 * HOUR)
    await used(stripe, customer, 7, event_name="windows", timestamp=now - HOUR)
    window = {"value_grouping_window": "hour"}
    hours = await summed(stripe, one, customer, now - 3 * HOUR, now, **window)
    assert hours == [(now - HOUR, 7), (now - 2 * HOUR, 3)]
    asked = {"customer": customer["id"], "start_time": now + 60, "end_time": now + HOUR, **window}
    refused = await stripe.get(f"billing/meters/{one['id']}/event_summaries", expect=400, **asked)
    assert refused["error"]["param"] == "start_time"
