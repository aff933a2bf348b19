"""What time tells of invoices: https://docs.stripe.com/billing/subscriptions/webhooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked

UPCOMING = "invoice.upcoming"


def told(tmp_path: Path, **options: Any) -> Stripe:
    policy = {"services": {"stripe": {"mode": "mock", "options": options}}}
    return Stripe(Harness(SERVICE, tmp_path, policy=policy), tmp_path)


async def events(stripe: Stripe, type: str) -> Any:
    return (await stripe.get("events", type=type))["data"]


async def test_a_renewal_is_told_of_seven_days_before(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe))
    end = made["items"]["data"][0]["current_period_end"]
    await advanced(stripe, clock, end - 7 * DAY - 1)
    assert await events(stripe, UPCOMING) == []
    await advanced(stripe, clock, end - 7 * DAY)
    (event,) = await events(stripe, UPCOMING)
    invoice = event["data"]["object"]
    assert "id" not in invoice
    assert (invoice["object"], invoice["status"], invoice["billing_reason"]) == ("invoice", "draft", "upcoming")
    assert (event["created"], invoice["created"], invoice["amount_due"]) == (end - 7 * DAY, end, 2000)
    assert (invoice["next_payment_attempt"], invoice["ending_balance"]) == (end + 3600, 0)
    assert invoice["parent"]["subscription_details"]["subscription"] == made["id"]
    assert [line["invoice"] for line in invoice["lines"]["data"]] == [None]
    assert event["request"] == {"id": None, "idempotency_key": None}
    assert len((await stripe.get("invoices", customer=customer["id"]))["data"]) == 1
    await stripe.post(f"subscriptions/{made['id']}", description="Tea")
    await advanced(stripe, clock, end + 3600)
    (renewed, _) = (await stripe.get("invoices", customer=customer["id"]))["data"]
    assert renewed["total"] == invoice["total"]
    assert len(await events(stripe, UPCOMING)) == 1


async def test_nothing_is_told_of_what_does_not_come_or_comes_too_often(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    await subscribed(stripe, customer, await price(stripe), cancel_at_period_end=True)
    await subscribed(stripe, customer, await price(stripe, interval="week"))
    await advanced(stripe, clock, START + 32 * DAY)
    assert await events(stripe, UPCOMING) == []


async def test_the_policy_says_how_long_before_and_an_old_version_hears_it(tmp_path: Path) -> None:
    stripe = told(tmp_path, billing={"upcoming": 3}, api_version="2020-08-27")
    clock = await clocked(stripe)
    made = await subscribed(stripe, await payer(stripe, test_clock=clock["id"]), await price(stripe, interval="week"))
    await advanced(stripe, clock, START + 6 * DAY)
    (event,) = await events(stripe, UPCOMING)
    assert (event["created"], event["data"]["object"]["subscription"]) == (START + 4 * DAY, made["id"])
    await stripe.harness.close()
    silent = told(tmp_path / "silent", billing={"upcoming": 0})
    clock = await clocked(silent)
    await subscribed(silent, await payer(silent, test_clock=clock["id"]), await price(silent))
    await advanced(silent, clock, START + 32 * DAY)
    assert await events(silent, UPCOMING) == []
    await silent.harness.close()


async def test_a_sent_invoice_that_is_late(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe), collection_method="send_invoice", days_until_due=7)
    await advanced(stripe, clock, START + 7 * DAY - 1)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"
    before = len(await stripe.event_types())
    await advanced(stripe, clock, START + 7 * DAY)
    assert (await stripe.event_types())[before + 1 : -1] == ["customer.updated", "customer.subscription.updated"]
    late = await stripe.get(f"subscriptions/{made['id']}")
    assert late["status"] == "past_due"
    assert (await stripe.get(f"customers/{customer['id']}"))["delinquent"] is True
    assert await events(stripe, "invoice.overdue") == []
    await stripe.post(f"invoices/{late['latest_invoice']}/pay", paid_out_of_band=True)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"
    assert (await stripe.get(f"customers/{customer['id']}"))["delinquent"] is False


async def test_automations_tell_before_and_after_the_due_date(tmp_path: Path) -> None:
    stripe = told(tmp_path, billing={"will_be_due": [3], "overdue": [0, 2]})
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    sent = {"customer": customer["id"], "collection_method": "send_invoice", "days_until_due": 5}
    draft = await stripe.post("invoices", **sent)
    await stripe.post("invoiceitems", customer=customer["id"], invoice=draft["id"], amount=500, currency="usd")
    await stripe.post(f"invoices/{draft['id']}/finalize")
    await advanced(stripe, clock, START + 30 * DAY)
    assert [each["created"] for each in await events(stripe, "invoice.will_be_due")] == [START + 2 * DAY]
    overdue = await events(stripe, "invoice.overdue")
    assert [each["created"] for each in overdue] == [START + 7 * DAY, START + 5 * DAY]
    assert {each["data"]["object"]["id"] for each in overdue} == {draft["id"]}
    assert (await stripe.get(f"customers/{customer['id']}"))["delinquent"] is True
    await stripe.post(f"invoices/{draft['id']}/mark_uncollectible")
    assert (await stripe.get(f"customers/{customer['id']}"))["delinquent"] is False
    await stripe.harness.close()


async def test_what_is_paid_in_time_is_not_late_and_a_due_date_can_move(tmp_path: Path) -> None:
    stripe = told(tmp_path, billing={"overdue": [0]})
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = []
    for _ in range(2):
        draft = await stripe.post(
            "invoices", customer=customer["id"], collection_method="send_invoice", days_until_due=5
        )
        await stripe.post("invoiceitems", customer=customer["id"], invoice=draft["id"], amount=500, currency="usd")
        made.append(await stripe.post(f"invoices/{draft['id']}/finalize"))
    paid, moved = made
    await stripe.post(f"invoices/{paid['id']}/pay", paid_out_of_band=True)
    await stripe.post(f"invoices/{moved['id']}", due_date=START + 9 * DAY)
    await advanced(stripe, clock, START + 30 * DAY)
    (event,) = await events(stripe, "invoice.overdue")
    assert (event["created"], event["data"]["object"]["id"]) == (START + 9 * DAY, moved["id"])
    await stripe.harness.close()
