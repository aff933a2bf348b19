"""How an account's balance settles and is paid out: https://docs.stripe.com/api/balance-settings (2026-11).

A connected account shows the same schedule among its own settings. Refusals: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import accounts, balance, payout_schedule
from mocks.stripe.calls import Object, StripeCall, StripeHandler, cleared, differing
from mocks.stripe.errors import invalid, missing_param

#: "The maximum value is 31": https://docs.stripe.com/api/balance-settings/update
LONGEST_DELAY = 31
DAYS = {"weekly": "weekly_payout_days", "monthly": "monthly_payout_days"}
FIRST = {"weekly": "weekly_anchor", "monthly": "monthly_anchor"}


async def retrieve(call: StripeCall) -> Object:
    chosen = await payout_schedule.settings(call)
    plan = await payout_schedule.schedule(call)
    debit, descriptor, able = chosen.get("debit_negative_balances", True), chosen.get("statement_descriptor"), True
    if call.account is not None:
        account = await call.named("account", call.account)
        own = account["settings"]["payouts"]
        debit, descriptor = own["debit_negative_balances"], own["statement_descriptor"]
        able = account["payouts_enabled"]
    shown: Object = {"interval": plan["interval"]}
    if name := DAYS.get(plan["interval"]):
        shown[name] = plan.get(name) or [plan.get(FIRST[plan["interval"]])]
    timing: Object = {"delay_days": plan["delay_days"], "delay_days_override": chosen.get("delay_days_override")}
    if chosen.get("start_of_day"):
        timing["start_of_day"] = chosen["start_of_day"]
    return {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": debit,
            "payouts": {
                "minimum_balance_by_currency": chosen.get("minimum_balance_by_currency"),
                "schedule": shown,
                "statement_descriptor": descriptor,
                "status": "enabled" if able else "disabled",
            },
            "settlement_timing": timing,
        },
    }


async def update(call: StripeCall) -> Object:
    old = await retrieve(call)
    sent: Mapping[str, Any] = cleared(call.body.get("payments") or {})
    chosen = await payout_schedule.settings(call)
    paid: Mapping[str, Any] = sent.get("payouts") or {}
    chosen.update(_timing(sent.get("settlement_timing") or {}))
    if "minimum_balance_by_currency" in paid:
        least = paid["minimum_balance_by_currency"]
        known = {**(chosen.get("minimum_balance_by_currency") or {}), **(least or {})}
        kept = {currency: amount for currency, amount in known.items() if amount is not None}
        chosen["minimum_balance_by_currency"] = kept if least and kept else None
    own: Object = {}
    if paid.get("schedule"):
        own["schedule"] = _schedule(paid["schedule"], await payout_schedule.schedule(call))
    if "statement_descriptor" in paid:
        own["statement_descriptor"] = paid["statement_descriptor"]
    if "debit_negative_balances" in sent:
        own["debit_negative_balances"] = sent["debit_negative_balances"]
    if call.account is None:
        chosen.update(own)
    await call.state.put(payout_schedule.SETTINGS, payout_schedule.OWN, chosen)
    if call.account is not None and own:
        account = await call.named("account", call.account)
        payouts = {**account["settings"]["payouts"], **own}
        await accounts.reassess(call, account, {"settings": {**account["settings"], "payouts": payouts}})
    await balance.expect_payouts(call)
    new = await retrieve(call)
    if new != old:
        call.event("balance_settings.updated", new, differing(old, new))
    return new


def _timing(sent: Mapping[str, Any]) -> Object:
    days = sent.get("delay_days_override")
    if days is not None and not 0 <= days <= LONGEST_DELAY:
        why = f"Payments can be held for up to {LONGEST_DELAY} days."
        raise invalid(why, param="payments[settlement_timing][delay_days_override]")
    return {name: sent[name] for name in ("delay_days_override", "start_of_day") if name in sent}


def _schedule(sent: Mapping[str, Any], old: Mapping[str, Any]) -> Object:
    """ "Required and applicable only if `interval` is" the one that they belong to."""
    interval = sent.get("interval") or old["interval"]
    new: Object = {"delay_days": old["delay_days"], "interval": interval}
    for each, name in DAYS.items():
        param = f"payments[payouts][schedule][{name}]"
        if each != interval and sent.get(name):
            raise invalid(f"{name} can only be set where the interval is {each}.", param=param)
        if each == interval:
            days = sent.get(name) or old.get(name)
            if not days:
                raise missing_param(param)
            new |= {name: days, FIRST[each]: days[0]}
    if any(not 1 <= day <= 31 for day in new.get("monthly_payout_days", ())):
        raise invalid("Days of the month are from 1 to 31.", param="payments[payouts][schedule][monthly_payout_days]")
    return new


HANDLERS: dict[str, StripeHandler] = {"balance_settings.retrieve": retrieve, "balance_settings.update": update}
