"""Payouts by schedule: https://docs.stripe.com/payouts#payout-schedule."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe

POLICY = {"services": {"stripe": {"options": {"payouts": "automatic"}}}}


@pytest.fixture
async def scheduled(tmp_path: Path) -> AsyncIterator[Stripe]:
    """An account whose schedule is kept."""
    harness = Harness(SERVICE, tmp_path, policy=POLICY)
    yield Stripe(harness, tmp_path)
    await harness.close()


async def passed(stripe: Stripe, days: int) -> None:
    for _ in range(days):
        stripe.harness.clock.advance(days=1)
        await stripe.harness.wake()


async def payouts(stripe: Stripe, account: str | None = None) -> Any:
    headers = connect.on(account) if account else None
    return (await stripe.get("payouts", headers=headers))["data"]


async def test_payments_are_held_and_then_leave_by_themselves(scheduled: Stripe) -> None:
    await scheduled.pay()
    net = await connect.pending(scheduled)
    await passed(scheduled, 7)
    (made,) = await payouts(scheduled)
    assert (made["amount"], made["automatic"], made["status"]) == (net, True, "paid")
    assert (await connect.available(scheduled), await connect.pending(scheduled)) == (0, 0)
    assert (await scheduled.event_types())[-2:] == ["payout.created", "payout.paid"]
    moved = (await scheduled.get("balance_transactions"))["data"]
    assert sum(each["net"] for each in moved) == 0
    await passed(scheduled, 7)
    assert len(await payouts(scheduled)) == 1


async def test_a_late_look_pays_out_at_the_right_time(scheduled: Stripe) -> None:
    await scheduled.pay()
    scheduled.harness.clock.advance(days=30)
    (made,) = await payouts(scheduled)
    assert made["status"] == "paid"
    assert made["created"] < made["arrival_date"] <= made["created"] + 5 * 86_400


async def test_a_schedule_by_hand_pays_nothing_out(scheduled: Stripe) -> None:
    account = await connect.account(scheduled, settings={"payouts": {"schedule": {"interval": "manual"}}})
    await connect.funded(scheduled)
    await scheduled.post("transfers", amount=1000, currency="usd", destination=account["id"])
    await passed(scheduled, 8)
    assert await payouts(scheduled, account["id"]) == []
    on = connect.on(account["id"])
    paid = {"schedule": {"interval": "daily"}, "minimum_balance_by_currency": {"usd": 400}}
    await scheduled.post("balance_settings", headers=on, payments={"payouts": paid})
    await passed(scheduled, 4)
    assert [each["amount"] for each in await payouts(scheduled, account["id"])] == [600]
    assert await connect.available(scheduled, account["id"]) == 400


async def test_a_failed_payout_stops_the_schedule(scheduled: Stripe) -> None:
    account = await connect.account(scheduled, external_account={**connect.BANK, "account_number": "000111111116"})
    await connect.funded(scheduled)
    await scheduled.post("transfers", amount=1000, currency="usd", destination=account["id"])
    await passed(scheduled, 15)
    (failed,) = await payouts(scheduled, account["id"])
    assert (failed["status"], failed["failure_code"]) == ("failed", "no_account")
    bank = (await scheduled.get(f"accounts/{account['id']}/external_accounts"))["data"][0]
    assert bank["status"] == "errored"
    assert await connect.available(scheduled, account["id"]) == 1000


async def test_a_payout_of_the_schedule_is_not_canceled(scheduled: Stripe) -> None:
    await connect.funded(scheduled)
    while not (made := await payouts(scheduled)):
        await passed(scheduled, 1)
    await scheduled.error("POST", f"payouts/{made[0]['id']}/cancel", 400)


async def test_nothing_leaves_by_itself_unless_the_policy_says_so(stripe: Stripe) -> None:
    await connect.funded(stripe)
    before = await connect.available(stripe)
    await passed(stripe, 8)
    assert await payouts(stripe) == []
    assert await connect.available(stripe) == before
