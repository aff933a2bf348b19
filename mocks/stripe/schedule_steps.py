"""What time does to a subscription schedule: it begins, goes from phase to phase, and ends.

https://docs.stripe.com/billing/subscriptions/subscription-schedules (2026-11): "When a phase starts, Stripe updates the
subscription based on the next phase's attributes", before that time renews it; "A subscription schedule is completed
after the last phase is finished. When this happens, the subscription is released from the schedule".
"""

from __future__ import annotations

from collections.abc import Sequence

from mocks.stripe import (
    beginnings,
    clocks,
    customers,
    endings,
    invoice_items,
    pending_calls,
    prorations,
    renewals,
    schedule_phases,
    subscriptions,
    unbilled,
)
from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.schedule_records import KIND, OPEN, closed, store

#: What appointments call a schedule: it sorts before a subscription, whose renewal is to know the new phase.
PHASE = "phase"
#: "Occurs 7 days before a subscription schedule will expire": https://docs.stripe.com/api/events/types.
NOTICE = 7 * 86_400


async def appointed(call: StripeCall, schedule: Object) -> None:
    """Make sure that a schedule is looked at when its time comes."""
    if schedule["status"] not in OPEN:
        return
    now, last = call.timestamp, schedule["phases"][-1]["end_date"]
    times = [phase["start_date"] for phase in schedule["phases"]] + [last, last - NOTICE]
    ahead = [at for at in times if at > now]
    if ahead:
        holder = {"object": PHASE, "id": schedule["id"], "test_clock": schedule["test_clock"]}
        await clocks.appoint(call, min(ahead), holder)


async def look(call: StripeCall, key: str) -> None:
    """See what is due for a schedule."""
    schedule = await call.state.get(KIND, key)
    if schedule is None or schedule["status"] not in OPEN:
        return
    now, last = call.timestamp, schedule["phases"][-1]["end_date"]
    if schedule["status"] == "not_started" and schedule["phases"][0]["start_date"] <= now:
        schedule = await begun(call, schedule, told=True)
    elif schedule["status"] == "active" and now >= last:
        await _finished(call, schedule)
        return
    elif schedule["status"] == "active":
        schedule = await _stepped(call, schedule)
    if now == last - NOTICE:
        call.event(f"{KIND}.expiring", schedule)
    await appointed(call, schedule)


def _phase(schedule: Object, now: int) -> Object:
    found: Object = next(
        (each for each in schedule["phases"] if each["start_date"] <= now < each["end_date"]), schedule["phases"][-1]
    )
    return found


def _dates(phase: Object) -> Object:
    return {"end_date": phase["end_date"], "start_date": phase["start_date"]}


async def begun(call: StripeCall, schedule: Object, *, told: bool) -> Object:
    """An active schedule, whose first phase begins a subscription. Stored."""
    phase = _phase(schedule, call.timestamp)
    customer = await call.referred(customers.KIND, schedule["customer"], "customer")
    body = {name: value for name, value in schedule_phases.asked(phase, schedule["default_settings"]).items() if value}
    body |= {
        "customer": customer["id"],
        "items": [schedule_phases.wanted(item) for item in phase["items"]],
        "add_invoice_items": [
            {"price": each["price"], "quantity": each["quantity"]} for each in phase["add_invoice_items"]
        ],
        "billing_mode": {"type": schedule["billing_mode"]["type"]},
        "currency": phase["currency"],
    }
    # A first payment that cannot be made yet waits: nobody is there to be told no.
    inner = call.as_if(body)
    plan = await beginnings.planned(inner)
    if plan.method is None and body["collection_method"] == "charge_automatically":
        inner = call.as_if({**body, "payment_behavior": "default_incomplete"})
    made = await beginnings.create(inner)
    made = {**made, "schedule": schedule["id"]}
    await endings.store(call, made)
    new, previous = changed(schedule, {"current_phase": _dates(phase), "status": "active", "subscription": made["id"]})
    await store(call, new)
    if told:
        call.event(f"{KIND}.updated", new, previous)
    return new


async def _stepped(call: StripeCall, schedule: Object) -> Object:
    """The schedule in the phase of its time, and its subscription with it. Stored."""
    phase = _phase(schedule, call.timestamp)
    if _dates(phase) == schedule["current_phase"]:
        return schedule
    await _applied(call, schedule, phase, phase["proration_behavior"])
    new, previous = changed(schedule, {"current_phase": _dates(phase)})
    await store(call, new)
    call.event(f"{KIND}.updated", new, previous)
    return new


async def restepped(call: StripeCall, old: Object, new: Object) -> Object:
    """An active schedule whose phases were changed: what the current one is now reaches the subscription. Stored."""
    before, phase = _phase(old, call.timestamp), _phase(new, call.timestamp)
    ends = {**before, "end_date": phase["end_date"], "proration_behavior": phase["proration_behavior"]}
    if ends != phase or _dates(phase)["start_date"] != (old["current_phase"] or {}).get("start_date"):
        behaviour = call.body.get("proration_behavior", "create_prorations")
        await _applied(call, new, phase, behaviour)
    new = {**new, "current_phase": _dates(phase)}
    await store(call, new)
    return new


async def _applied(call: StripeCall, schedule: Object, phase: Object, behaviour: str) -> None:
    """Make the subscription what a phase wants."""
    old = await call.state.get(endings.KIND, schedule["subscription"])
    if old is None or old["status"] in endings.ENDED:
        return
    # "A schedule phase change discards a pending update and voids the associated invoice."
    old = await pending_calls.discarded(call, old)
    body = {**schedule_phases.asked(phase, schedule["default_settings"]), "proration_behavior": behaviour}
    body["items"] = _matched(old["items"]["data"], phase["items"])
    anchor = phase["billing_cycle_anchor"] or schedule["default_settings"]["billing_cycle_anchor"]
    if anchor == "phase_start":
        body["billing_cycle_anchor"] = {"type": "now"}
    inner = call.as_if(body)
    new = await prorations.settled(inner, old, await subscriptions.amended(inner, old))
    new, previous = changed(old, new)
    await endings.store(call, new)
    if previous:
        call.event("customer.subscription.updated", new, previous)
        await (renewals.begun if "trial_end" in previous else renewals.appointed)(call, new)


def _matched(found: Sequence[Object], wanted: Sequence[Object]) -> list[Object]:
    """The items of a phase as changes of those that are there: of the same price first, then one for the other."""
    left, changes, rest = list(found), list[Object](), list[Object]()
    for each in wanted:
        same = next((item for item in left if item["price"]["id"] == each["price"]), None)
        if same is None:
            rest.append(each)
            continue
        left.remove(same)
        asked = schedule_phases.wanted(each)
        del asked["price"]
        changes.append({**asked, "id": same["id"]})
    for each in rest:
        other = left.pop(0) if left else None
        changes.append({**schedule_phases.wanted(each), **({"id": other["id"]} if other else {})})
    return changes + [{"id": item["id"], "deleted": True, "clear_usage": True} for item in left]


async def _finished(call: StripeCall, schedule: Object) -> None:
    """After the last phase the subscription goes on by itself, or ends."""
    key = schedule["subscription"]
    if schedule["end_behavior"] == "cancel":
        await closed(call, schedule, "completed", {})
        subscription = await call.state.get(endings.KIND, key)
        if subscription is not None and subscription["status"] not in endings.ENDED:
            await endings.ended(call, subscription)
        return
    await let_go(call, schedule)
    await closed(call, schedule, "completed", {"released_subscription": key, "subscription": None})


async def let_go(call: StripeCall, schedule: Object, *, keep_ending: bool = True) -> None:
    """The subscription without its schedule."""
    key = schedule["subscription"]
    old = await call.state.get(endings.KIND, key) if key else None
    if old is None or old["status"] in endings.ENDED:
        return
    ending = {} if keep_ending else {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    new, previous = changed(old, {"schedule": None, **ending})
    await endings.store(call, new)
    call.event("customer.subscription.updated", new, previous)


async def ended(call: StripeCall, subscription: Object) -> None:
    """End the subscription of a schedule that is canceled."""
    if call.body.get("prorate", True) and subscription["status"] in prorations.BILLED:
        await prorations.given_back(call, subscription, call.timestamp)
    if call.body.get("invoice_now", True):
        await unbilled.noted(call, subscription, subscription["items"]["data"])
        if not await invoice_items.waiting(call, subscription["customer"]):
            await endings.ended(call, subscription)
            return
        subscription = await prorations.invoiced(call, subscription, [])
    await endings.ended(call, subscription)
