"""Subscription schedules: https://docs.stripe.com/api/subscription_schedules and
https://docs.stripe.com/billing/subscriptions/subscription-schedules (2026-11). What refusals say here is worded by
ourselves. What time does to them is in ``schedule_steps.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import beginnings, clocks, customers, endings, schedule_phases, schedule_steps
from mocks.stripe.calls import Object, StripeCall, StripeHandler, changed, given
from mocks.stripe.errors import exclusive, invalid, missing_param
from mocks.stripe.lists import Predicate, page
from mocks.stripe.metadata import first, merged
from mocks.stripe.schedule_records import KIND, OPEN, closed, store

#: What of the defaults is kept as it comes.
PLAIN = ("application_fee_percent", "default_payment_method", "description", "on_behalf_of", "transfer_data")
#: "When using this parameter, other parameters (such as phase values) can't be set."
ALONE = ("phases", "start_date", "customer", "default_settings", "end_behavior")


async def create(call: StripeCall) -> Object:
    body = call.body
    if given(body, "from_subscription"):
        return await _from_subscription(call, body["from_subscription"])
    if not given(body, "customer"):
        raise missing_param("customer")
    customer = await call.referred(customers.KIND, body["customer"], "customer")
    await clocks.enter(call, customer)
    if not body.get("phases"):
        raise missing_param("phases")
    start = given(body, "start_date") or call.timestamp
    start = call.timestamp if start == "now" else int(start)
    phases = await schedule_phases.built(call, body["phases"], start, customer["id"])
    if phases[-1]["end_date"] <= call.timestamp:
        raise invalid("The last phase has to end in the future.", param="phases")
    mode = beginnings.billing_mode(call, body.get("billing_mode"))
    schedule = _new(call, customer["id"], customer["test_clock"], phases, mode)
    await store(call, schedule)
    if start <= call.timestamp:
        schedule = await schedule_steps.begun(call, schedule, told=False)
    call.event(f"{KIND}.created", schedule)
    await schedule_steps.appointed(call, schedule)
    return schedule


async def _from_subscription(call: StripeCall, key: str) -> Object:
    for name in ALONE:
        if call.body.get(name):
            raise exclusive("from_subscription", name)
    old = await call.referred(endings.KIND, key, "from_subscription")
    await clocks.enter(call, old)
    if old["status"] in (*endings.ENDED, "incomplete"):
        raise invalid(f"A subscription that is {old['status']} cannot be scheduled.", param="from_subscription")
    if old["schedule"]:
        raise invalid(f"The subscription already has the schedule `{old['schedule']}`.", param="from_subscription")
    phase = schedule_phases.of_subscription(old)
    schedule = _new(call, old["customer"], old["test_clock"], [phase], old["billing_mode"])
    now = {"end_date": phase["end_date"], "start_date": phase["start_date"]}
    ending = "cancel" if old["cancel_at_period_end"] else "release"
    schedule |= {"current_phase": now, "end_behavior": ending, "status": "active", "subscription": old["id"]}
    await store(call, schedule)
    new, previous = changed(old, {"schedule": schedule["id"]})
    await endings.store(call, new)
    call.event("customer.subscription.updated", new, previous)
    call.event(f"{KIND}.created", schedule)
    await schedule_steps.appointed(call, schedule)
    return schedule


def _new(call: StripeCall, customer: str, clock: str | None, phases: list[Object], mode: Object) -> Object:
    body = call.body
    return {
        "id": call.new_id("sub_sched_1", 23),
        "object": KIND,
        "application": None,
        "billing_mode": mode,
        "canceled_at": None,
        "completed_at": None,
        "created": call.timestamp,
        "current_phase": None,
        "customer": customer,
        "customer_account": None,
        "default_settings": _defaults(body.get("default_settings") or {}, None),
        "end_behavior": body.get("end_behavior") or "release",
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "pause_schedules": [],
        "phases": phases,
        "released_at": None,
        "released_subscription": None,
        "status": "not_started",
        "subscription": None,
        "test_clock": clock,
    }


def _defaults(sent: Mapping[str, Any], known: Object | None) -> Object:
    """The settings of phases that say nothing of their own; over those that are ``known``."""
    found: Object = known or {
        **dict.fromkeys(PLAIN),
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": "charge_automatically",
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "days_until_due": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
    }
    changes: Object = {name: given(sent, name) for name in PLAIN if name in sent}
    changes |= {name: sent[name] for name in ("billing_cycle_anchor", "collection_method") if sent.get(name)}
    if sent.get("automatic_tax"):
        changes["automatic_tax"] = {**found["automatic_tax"], "enabled": sent["automatic_tax"]["enabled"]}
    if sent.get("invoice_settings"):
        days = sent["invoice_settings"].get("days_until_due")
        changes["invoice_settings"] = {**found["invoice_settings"], "days_until_due": days}
    return {**found, **changes}


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("schedule"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await _open(call, "updated")
    changes: Object = {}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if body.get("end_behavior"):
        changes["end_behavior"] = body["end_behavior"]
    if body.get("default_settings"):
        changes["default_settings"] = _defaults(body["default_settings"], old["default_settings"])
    if body.get("phases"):
        changes["phases"] = await _replanned(call, old)
    new, previous = changed(old, changes)
    await store(call, new)
    if new["status"] == "active":
        new = await schedule_steps.restepped(call, old, new)
    elif new["phases"][0]["start_date"] <= call.timestamp:
        new = await schedule_steps.begun(call, new, told=False)
    new, previous = changed(old, new)
    if previous:
        call.event(f"{KIND}.updated", new, previous)
    await schedule_steps.appointed(call, new)
    return new


async def _replanned(call: StripeCall, old: Object) -> list[Object]:
    """The phases that an update asks for: "past phases can be omitted", the current one keeps when it began."""
    sent, now = call.body["phases"], call.timestamp
    current = old["current_phase"]
    begins = sent[0].get("start_date")
    if current and begins is None:
        raise missing_param("phases[0][start_date]")
    phases = await schedule_phases.built(call, sent, current["start_date"] if current else _start(old), old["customer"])
    if phases[-1]["end_date"] <= now:
        raise invalid("The last phase has to end in the future.", param="phases")
    if current and not any(phase["start_date"] <= now < phase["end_date"] for phase in phases):
        raise invalid("One of the phases has to be the current one.", param="phases[0][start_date]")
    return phases


def _start(schedule: Object) -> int:
    return int(schedule["phases"][0]["start_date"])


async def cancel(call: StripeCall) -> Object:
    """With its subscription. A final invoice asks for what waits, unless that is not wanted."""
    old = await _open(call, "canceled")
    key = old["subscription"]
    new = await closed(call, old, "canceled", {})
    subscription = await call.state.get(endings.KIND, key) if key else None
    if subscription is not None and subscription["status"] not in endings.ENDED:
        await schedule_steps.ended(call, subscription)
    return new


async def release(call: StripeCall) -> Object:
    """Its subscription goes on: "releasing it will remove its subscription property and set the subscription's ID to
    the released_subscription property"."""
    old = await _open(call, "released")
    key = old["subscription"]
    await schedule_steps.let_go(call, old, keep_ending=bool(call.body.get("preserve_cancel_date")))
    return await closed(call, old, "released", {"released_subscription": key, "subscription": None})


async def _open(call: StripeCall, deed: str) -> Object:
    """The schedule that the path names, in its time; raises ServiceError for one that is over."""
    found = await call.named(KIND, call.path("schedule"))
    await clocks.enter(call, found)
    if found["status"] not in OPEN:
        raise invalid(
            f"A schedule that is {found['status']} cannot be {deed}: its status has to be one of {', '.join(OPEN)}."
        )
    return found


async def list_all(call: StripeCall) -> Object:
    body = call.body
    tests: list[Predicate] = []
    if body.get("scheduled"):
        tests.append(lambda schedule: bool(schedule["status"] == "not_started"))
    times = ("canceled_at", "completed_at", "released_at")
    tests += [_within(name, body[name]) for name in times if body.get(name) is not None]
    where = {"customer": body["customer"]} if body.get("customer") else None
    return await page(call, KIND, where, keep=(lambda each: all(test(each) for test in tests)) if tests else None)


def _within(name: str, asked: Any) -> Predicate:
    """Whether something happened at a time, or between times."""
    bounds = asked if isinstance(asked, Mapping) else {"gte": asked, "lte": asked}

    def keep(schedule: Object) -> bool:
        at = schedule[name]
        return at is not None and (
            bounds.get("gt", -1) < at < bounds.get("lt", 1 << 62)
            and bounds.get("gte", 0) <= at <= bounds.get("lte", 1 << 62)
        )

    return keep


HANDLERS: dict[str, StripeHandler] = {
    "subscription_schedules.cancel": cancel,
    "subscription_schedules.create": create,
    "subscription_schedules.list": list_all,
    "subscription_schedules.release": release,
    "subscription_schedules.retrieve": retrieve,
    "subscription_schedules.update": update,
}
