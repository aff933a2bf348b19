"""Payouts that an account's schedule makes: https://docs.stripe.com/payouts#payout-schedule (2026-11)."""

from __future__ import annotations

from datetime import UTC, datetime

from mocks.stripe import balance, external_accounts, payout_schedule, payouts
from mocks.stripe.calls import StripeCall


async def look(call: StripeCall, key: str) -> None:
    """Pay out what is available where today is the day; and look again tomorrow while there is money."""
    now = call.now
    # What was not available yet at the time of the look does not leave with it, however late the look is.
    call.now = datetime.fromtimestamp(call.timestamp, UTC)
    try:
        await _run(call, key.partition("/")[2])
    finally:
        call.now = now


async def _run(call: StripeCall, currency: str) -> None:
    if not payout_schedule.automatic(call):
        return
    if payout_schedule.is_payday(await payout_schedule.schedule(call), call.timestamp):
        await _pay_out(call, currency)
    if await balance.total(call, currency) > 0:
        await payout_schedule.expect(call, currency, call.timestamp)


async def _pay_out(call: StripeCall, currency: str) -> None:
    kept = (await payout_schedule.settings(call)).get("minimum_balance_by_currency") or {}
    amount = await balance.available(call, currency) - int(kept.get(currency) or 0)
    target = await external_accounts.of_currency(call, currency)
    if amount > 0 and target is not None and target.get("status") != "errored":
        await payouts.by_schedule(call, amount, currency, target)
