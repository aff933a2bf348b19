"""Usage records of older versions: https://docs.stripe.com/api/usage_records/create?api-version=2024-06-20."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced
from tests.mocks.stripe.test_usage import begun

OLDER = {"Stripe-Version": "2024-06-20"}


async def of_use(stripe: Stripe, **more: Any) -> Any:
    recurring = {"interval": "month", "usage_type": "metered", **more}
    asked = {"currency": "usd", "unit_amount": 5, "product_data": {"name": "Calls"}, "recurring": recurring}
    return await stripe.post("prices", headers=OLDER, **asked)


async def test_records_are_added_up_and_paid(stripe: Stripe) -> None:
    clock, _, made = await begun(stripe, await of_use(stripe))
    item = made["items"]["data"][0]
    path = f"subscription_items/{item['id']}/usage_records"
    first = await stripe.post(path, headers=OLDER, quantity=100, timestamp=START)
    assert (first["object"], first["quantity"], first["subscription_item"]) == ("usage_record", 100, item["id"])
    await advanced(stripe, clock, START + DAY)
    await stripe.post(path, headers=OLDER, quantity=20, action="increment", timestamp="now")
    await stripe.post(path, headers=OLDER, quantity=7, action="set", timestamp=START)
    found = await stripe.get(f"subscription_items/{item['id']}/usage_record_summaries", headers=OLDER)
    assert [(each["object"], each["total_usage"]) for each in found["data"]] == [("usage_record_summary", 27)]
    await advanced(stripe, clock, item["current_period_end"] + 3600)
    paid = (await stripe.get("invoices", subscription=made["id"]))["data"][0]
    assert (paid["total"], paid["status"]) == (135, "paid")


async def test_older_prices_say_how_use_is_counted(stripe: Stripe) -> None:
    for formula, total in (("last_during_period", 25), ("max", 80), ("last_ever", 25), ("sum", 105)):
        calls = await of_use(stripe, aggregate_usage=formula)
        assert calls["recurring"]["aggregate_usage"] == formula
        shown = await stripe.get(f"plans/{calls['id']}", headers=OLDER)
        assert (shown["aggregate_usage"], "aggregate_usage" in await stripe.get(f"plans/{calls['id']}")) == (
            formula,
            False,
        )
        clock, _, made = await begun(stripe, calls)
        item = made["items"]["data"][0]
        for quantity, at in ((16, START), (5, START + DAY)):
            path = f"subscription_items/{item['id']}/usage_records"
            await advanced(stripe, clock, at + 60)
            await stripe.post(path, headers=OLDER, quantity=quantity, timestamp=at)
        await advanced(stripe, clock, item["current_period_end"] + 3600)
        paid = (await stripe.get("invoices", subscription=made["id"]))["data"][0]
        assert paid["total"] == total
    newer = {"interval": "month", "usage_type": "metered", "aggregate_usage": "sum"}
    asked = {"currency": "usd", "unit_amount": 5, "product_data": {"name": "Calls"}, "recurring": newer}
    assert (await stripe.post("prices", expect=400, **asked))["error"]["code"] == "parameter_unknown"


async def test_what_is_no_use_is_refused(stripe: Stripe) -> None:
    _, _, made = await begun(stripe, await of_use(stripe), await price(stripe))
    calls, tea = (f"subscription_items/{item['id']}/usage_records" for item in made["items"]["data"])
    for path, asked in ((tea, {"quantity": 1}), (calls, {}), (calls, {"quantity": 1, "timestamp": START - DAY})):
        await stripe.post(path, headers=OLDER, expect=400, **asked)
    await stripe.post("subscription_items/si_none/usage_records", headers=OLDER, expect=404, quantity=1)
    await stripe.post(calls, expect=404, quantity=1)


async def test_an_item_with_use_goes_when_its_use_is_cleared(stripe: Stripe) -> None:
    _, _, made = await begun(stripe, await of_use(stripe), await price(stripe))
    item = made["items"]["data"][0]
    await stripe.post(f"subscription_items/{item['id']}/usage_records", headers=OLDER, quantity=1)
    refused = await stripe.delete(f"subscription_items/{item['id']}", expect=400)
    assert refused["error"]["param"] == "clear_usage"
    await stripe.delete(f"subscription_items/{item['id']}", clear_usage=True)
