"""Payouts: https://docs.stripe.com/api/payouts and https://docs.stripe.com/connect/testing#payouts."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_a_payout_is_on_its_way_and_then_arrives(stripe: Stripe) -> None:
    await connect.funded(stripe)
    before = await connect.available(stripe)
    made = await stripe.post("payouts", amount=1000, currency="usd", statement_descriptor="SHOP")
    assert (made["status"], made["automatic"], made["type"]) == ("pending", False, "bank_account")
    assert made["arrival_date"] > made["created"]
    assert await connect.available(stripe) == before - 1000
    moved = await stripe.get(f"balance_transactions/{made['balance_transaction']}")
    assert (moved["type"], moved["net"], moved["description"]) == ("payout", -1000, "STRIPE PAYOUT")
    assert [each["id"] for each in (await stripe.get("payouts", status="pending"))["data"]] == [made["id"]]
    stripe.harness.clock.advance(days=5)
    assert [each["id"] for each in (await stripe.get("payouts", status="paid"))["data"]] == [made["id"]]
    assert (await stripe.get(f"payouts/{made['id']}"))["status"] == "paid"
    assert (await stripe.event_types())[-2:] == ["payout.created", "payout.paid"]


async def test_an_instant_payout_arrives_after_the_answer(stripe: Stripe) -> None:
    await connect.funded(stripe)
    made = await stripe.post("payouts", amount=1000, currency="usd", method="instant")
    assert made["status"] == "pending"
    assert (await stripe.get(f"payouts/{made['id']}"))["status"] == "paid"


async def test_more_than_is_there_cannot_leave(stripe: Stripe) -> None:
    await connect.funded(stripe)
    before = stripe.records()
    error = await stripe.error("POST", "payouts", 400, amount=1_000_000, currency="usd")
    assert error["code"] == "balance_insufficient"
    assert (await stripe.error("POST", "payouts", 400, amount=0, currency="usd"))["param"] == "amount"
    assert (await stripe.error("POST", "payouts", 400, amount=1, currency="usd", destination="ba_none"))["code"]
    assert stripe.records() == before


async def test_a_payout_is_canceled_before_it_arrives_only(stripe: Stripe) -> None:
    await connect.funded(stripe)
    before = await connect.available(stripe)
    made = await stripe.post("payouts", amount=1000, currency="usd")
    canceled = await stripe.post(f"payouts/{made['id']}/cancel")
    assert canceled["status"] == "canceled"
    assert canceled["failure_balance_transaction"]
    assert await connect.available(stripe) == before
    await stripe.error("POST", f"payouts/{made['id']}/cancel", 400)
    late = await stripe.post("payouts", amount=1000, currency="usd")
    stripe.harness.clock.advance(days=5)
    await stripe.error("POST", f"payouts/{late['id']}/cancel", 400)


async def test_a_paid_payout_is_reversed_once(stripe: Stripe) -> None:
    await connect.funded(stripe)
    before = await connect.available(stripe)
    made = await stripe.post("payouts", amount=1000, currency="usd", method="instant")
    back = await stripe.post(f"payouts/{made['id']}/reverse")
    assert (back["amount"], back["original_payout"]) == (-1000, made["id"])
    assert (await stripe.get(f"payouts/{made['id']}"))["reversed_by"] == back["id"]
    assert await connect.available(stripe) == before
    await stripe.error("POST", f"payouts/{made['id']}/reverse", 400)


async def test_some_test_accounts_send_the_money_back(stripe: Stripe) -> None:
    account = await connect.account(stripe, external_account={**connect.BANK, "account_number": "000111111113"})
    await connect.funded(stripe)
    await stripe.post("transfers", amount=1000, currency="usd", destination=account["id"])
    on = connect.on(account["id"])
    made = await stripe.post("payouts", amount=600, currency="usd", headers=on)
    assert made["destination"] == account["external_accounts"]["data"][0]["id"]
    stripe.harness.clock.advance(days=5)
    failed = await stripe.get(f"payouts/{made['id']}", headers=on)
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    assert await connect.available(stripe, account["id"]) == 1000
    event = (await stripe.get("events", type="payout.failed", headers=on))["data"][0]
    assert (event["account"], event["data"]["object"]["id"]) == (account["id"], made["id"])


async def test_a_payout_gets_metadata(stripe: Stripe) -> None:
    await connect.funded(stripe)
    made = await stripe.post("payouts", amount=1000, currency="usd")
    assert (await stripe.post(f"payouts/{made['id']}", metadata={"k": "v"}))["metadata"] == {"k": "v"}
    assert (await stripe.event_types())[-1] == "payout.updated"
    for filters, count in (({"gte": made["created"]}, 1), ({"lt": made["created"]}, 0)):
        assert len((await stripe.get("payouts", arrival_date=filters))["data"]) == count


async def test_a_payout_arrives_without_a_call(stripe: Stripe) -> None:
    await connect.funded(stripe)
    made = await stripe.post("payouts", amount=1000, currency="usd")
    stripe.harness.clock.advance(days=5)
    await stripe.harness.wake()
    told = (await stripe.get("events", type="payout.paid"))["data"]
    assert [each["created"] for each in told] == [made["arrival_date"]]
