"""Test clocks: https://docs.stripe.com/api/test_clocks."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, clocked


async def test_a_clock(stripe: Stripe) -> None:
    made = await stripe.post("test_helpers/test_clocks", frozen_time=START, name="One")
    assert (made["object"], made["name"], made["status"]) == ("test_helpers.test_clock", "One", "ready")
    assert made["deletes_after"] == made["created"] + 30 * DAY
    assert await stripe.get(f"test_helpers/test_clocks/{made['id']}") == made
    assert (await stripe.get("test_helpers/test_clocks"))["data"] == [made]
    await stripe.post(f"test_helpers/test_clocks/{made['id']}/advance", frozen_time=START + 1)
    assert await stripe.event_types() == [
        "test_helpers.test_clock.created",
        "test_helpers.test_clock.advancing",
        "test_helpers.test_clock.ready",
    ]


async def test_what_is_refused(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    for time in (START, START - 1):
        path = f"test_helpers/test_clocks/{clock['id']}/advance"
        assert (await stripe.error("POST", path, 400, frozen_time=time))["param"] == "frozen_time"
    missing = await stripe.error("GET", "test_helpers/test_clocks/clock_none", 404)
    assert missing["code"] == "resource_missing"
    unknown = await stripe.error("POST", "customers", 400, test_clock="clock_none")
    assert (unknown["code"], unknown["param"]) == ("resource_missing", "test_clock")


async def test_with_a_clock_go_its_customers(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer, other = await payer(stripe, test_clock=clock["id"]), await payer(stripe)
    made = await subscribed(stripe, customer, await price(stripe))
    listed = (await stripe.get("customers", test_clock=clock["id"]))["data"]
    assert [each["id"] for each in listed] == [customer["id"]]
    gone = await stripe.delete(f"test_helpers/test_clocks/{clock['id']}")
    assert gone == {"id": clock["id"], "object": "test_helpers.test_clock", "deleted": True}
    assert (await stripe.get(f"customers/{customer['id']}"))["deleted"] is True
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "canceled"
    assert (await stripe.get(f"customers/{other['id']}"))["id"] == other["id"]
