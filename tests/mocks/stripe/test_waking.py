"""What happens by time alone, without a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mocks.stripe.waking import due
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import clocked, passed


async def next_due(stripe: Stripe) -> datetime | None:
    transaction = (await stripe.harness.store()).begin("stripe")
    try:
        return await due(transaction)
    finally:
        await transaction.rollback()


async def test_the_next_renewal_is_due(stripe: Stripe) -> None:
    assert await next_due(stripe) is None
    clock = await clocked(stripe)
    await subscribed(stripe, await payer(stripe, test_clock=clock["id"]), await price(stripe))
    assert await next_due(stripe) is None, "a test clock goes by itself"
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    end = datetime.fromtimestamp(made["items"]["data"][0]["current_period_end"], UTC)
    assert await next_due(stripe) == end - timedelta(days=7), "its renewal is told of"
    account = await stripe.post("accounts", type="standard")
    own = {"Stripe-Account": account["id"]}
    customer = await stripe.post("customers", headers=own, source="tok_visa")
    daily = {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "day"}, "product_data": {"name": "Tea"}}
    bought = await stripe.post("prices", headers=own, **daily)
    await stripe.post("subscriptions", headers=own, customer=customer["id"], items=[{"price": bought["id"]}])
    sooner = await next_due(stripe)
    assert sooner is not None
    assert timedelta() < end - sooner


async def test_it_happens_and_is_told(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    passed(stripe, 32)
    store = await stripe.harness.store()
    before = len(await store.outbox.events(limit=100))
    await stripe.harness.wake()
    told = (await store.outbox.events(limit=100))[:-before]
    assert [event.type for event in told][:2] == ["invoice.payment_succeeded", "invoice.paid"]
    assert {event.type for event in told} >= {"invoice.created", "customer.subscription.updated", "invoice.finalized"}
    assert told[0].payload["request"] == {"id": None, "idempotency_key": None}
    renewed = await stripe.get(f"subscriptions/{made['id']}")
    assert renewed["latest_invoice"] != made["latest_invoice"]


async def test_what_time_brings_is_of_the_scope_of_what_planned_it(stripe: Stripe) -> None:
    harness = stripe.harness
    for scope in ("one", "two"):
        harness.scope = scope
        await subscribed(stripe, await payer(stripe), await price(stripe))
    harness.scope = ""
    store = await harness.store()
    before = len(await store.outbox.events(limit=200))
    passed(stripe, 64)
    await harness.wake()
    told = (await store.outbox.events(limit=500))[:-before]
    renewed = [event for event in told if event.type == "invoice.paid"]
    assert sorted(event.scope for event in renewed) == ["one", "one", "two", "two"]
    owners = {event.payload["data"]["object"]["customer"]: event.scope for event in renewed}
    assert sorted(owners.values()) == ["one", "two"]
    assert {event.scope for event in told} == {"one", "two"}
    await stripe.post("customers")
    assert (await store.outbox.events(limit=1))[0].scope == ""
