"""When an account's money is paid out by itself, and how long payments are held before.

https://docs.stripe.com/payouts#payout-schedule and https://docs.stripe.com/connect/manage-payout-schedule (2026-11).
Only where the policy's ``options.payouts`` says ``automatic``: a test's balance does not change by itself otherwise.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mocks.stripe import clocks
from mocks.stripe.calls import Object, StripeCall

#: What an account chose, beside what a connected account shows of it.
SETTINGS = "balance_settings"
OWN = "own"
#: An appointment of this kind looks whether a currency's money is to leave.
RUN = "payout_run"

DAY = 24 * 60 * 60
#: Of American accounts: https://docs.stripe.com/payouts#payout-speed
DELAY_DAYS = 2
DAILY: Object = {"delay_days": DELAY_DAYS, "interval": "daily"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def automatic(call: StripeCall) -> bool:
    """Whether schedules are kept."""
    return call.options.get("payouts") == "automatic"


async def settings(call: StripeCall) -> Object:
    """What the account chose for itself."""
    return dict(await call.state.get(SETTINGS, OWN) or {})


async def schedule(call: StripeCall) -> Mapping[str, Any]:
    """The account's schedule, with its ``delay_days``."""
    chosen = await settings(call)
    if call.account is None:
        found = {**DAILY, **chosen.get("schedule", {})}
    else:
        account = await call.state.get("account", call.account)
        found = {**DAILY, **(account["settings"]["payouts"]["schedule"] if account else {})}
    if chosen.get("delay_days_override") is not None:
        found["delay_days"] = chosen["delay_days_override"]
    return found


async def held_days(call: StripeCall) -> int:
    """How long payments are held before they can leave."""
    return int((await schedule(call))["delay_days"])


def is_payday(plan: Mapping[str, Any], at: int) -> bool:
    """Whether money leaves on the day of a time. "Payouts nominally scheduled between the 29th and 31st of the month
    are instead sent on the last day of a shorter month"."""
    day = datetime.fromtimestamp(at, UTC)
    if plan["interval"] == "daily":
        return day.weekday() < 5
    if plan["interval"] == "weekly":
        return WEEKDAYS[day.weekday()] in (plan.get("weekly_payout_days") or [plan.get("weekly_anchor")])
    if plan["interval"] == "monthly":
        last = monthrange(day.year, day.month)[1]
        days = plan.get("monthly_payout_days") or [plan.get("monthly_anchor") or 1]
        return day.day in [min(int(each), last) for each in days]
    return False


async def expect(call: StripeCall, currency: str, after: int) -> None:
    """Look at a currency's money at the first midnight (UTC) after a time."""
    midnight = (after // DAY + 1) * DAY
    await clocks.appoint(call, midnight, {"object": RUN, "id": f"{call.account or ''}/{currency}"})
