"""Events: each change is stored as one and handed on for delivery, in the order in which the changes happened.

https://docs.stripe.com/api/events (2026-11). An event is of the account's default version, and stays so; what an
endpoint with a version of its own hears is of that one: https://docs.stripe.com/webhooks/versioning (2026-11).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mocks.base import Missing, State, Target
from mocks.defaults import UNDELIVERED
from mocks.stripe import webhook_endpoints
from mocks.stripe.calls import Change, Object, StripeCall, differing, merged_back
from mocks.stripe.lists import page
from mocks.stripe.versions import known
from mocks.stripe.versions.chain import rendered

KIND = "event"
#: So many events are made before others have their turn: a test clock's year brings thousands.
A_TURN = 32
#: An event's member that nobody sees: what an endpoint with a version of its own hears instead, by its id.
HEARD = "_heard"


async def store(call: StripeCall) -> None:
    """Emit what the call changed: storage keeps it, and shows it as records of this kind."""
    told = [*call.emitted, *call.following]
    if not told:
        return
    enabled, scope = await _enabled(call.call.state), call.scope
    default = known.default(call.options)
    for number, change in enumerate(told, 1):
        if not number % A_TURN:
            await asyncio.sleep(0)
        there = call.inside(change.account)
        endpoints = [each for each in enabled if _connect(each) is (change.account is not None)]
        own = {each["id"]: each["api_version"] for each in endpoints if each["api_version"] not in (None, default)}
        hearing = sum(_hears(each, change.type) for each in endpoints)
        event = _event(call, change, await _data(there, change, default), default, hearing)
        if change.account is not None:
            event["account"] = change.account
        if own:
            heard = {version: await _data(there, change, version) for version in set(own.values())}
            event[HEARD] = {key: {"api_version": each, "data": heard[each]} for key, each in own.items()}
        call.scope = change.scope
        call.emit(change.type, event)
    call.scope = scope
    call.emitted.clear()
    call.following.clear()


async def _data(call: StripeCall, change: Change, version: str) -> Object:
    """What an event tells of a change in a version."""
    made, previous = change.object, change.previous
    shown = await rendered(call, made, version)
    if previous is None:
        return {"object": shown}
    if shown is made:
        return {"object": made, "previous_attributes": previous}
    before = await rendered(call, merged_back(made, previous), version)
    return {"object": shown, "previous_attributes": differing(before, shown)}


def _event(call: StripeCall, change: Change, data: Object, version: str, endpoints: int) -> Object:
    # "If the event was not caused by an API request", both are null: https://docs.stripe.com/api/events/object
    request = (call.request_id or None, call.idempotency_key) if change.asked else (None, None)
    return {
        "id": call.new_id("evt_1", 23),
        "object": KIND,
        "api_version": version,
        "created": change.at,
        "data": data,
        "livemode": False,
        "pending_webhooks": endpoints,
        "request": {"id": request[0], "idempotency_key": request[1]},
        "type": change.type,
    }


async def _enabled(state: State) -> list[Object]:
    """The endpoints that hear events, newest first. All of them are read, since there are few and mostly none: storage
    knows that without looking."""
    return [
        each
        for each in await state.page(webhook_endpoints.KIND, limit=webhook_endpoints.MOST)
        if each["status"] == "enabled"
    ]


def _connect(endpoint: Object) -> bool:
    """Whether an endpoint hears what happens on connected accounts, and nothing of the platform's own:
    https://docs.stripe.com/connect/webhooks (2026-11)."""
    return endpoint["application"] is not None


def _hears(endpoint: Object, type: str) -> bool:
    return "*" in endpoint["enabled_events"] or type in endpoint["enabled_events"]


def heard(payload: Mapping[str, Any], endpoint: str | None) -> Object:
    """The event as an endpoint hears it, or as the account sees it."""
    own = (payload.get(HEARD) or {}).get(endpoint) or {}
    shown = {name: value for name, value in payload.items() if name not in (HEARD, UNDELIVERED)}
    # "Number of webhooks that haven't been successfully delivered": https://docs.stripe.com/api/events/object
    if UNDELIVERED in payload:
        shown["pending_webhooks"] = payload[UNDELIVERED]
    return {**shown, **own}


def connected(payload: Mapping[str, Any]) -> str | None:
    """The connected account that an event is of: https://docs.stripe.com/connect/webhooks (2026-11)."""
    account: str | None = payload.get("account")
    return account


async def retrieve(call: StripeCall) -> Object:
    found = await call.named(KIND, call.path("id"))
    if found.get("account") != call.account:
        raise Missing(KIND, found["id"])
    return heard(found, None)


async def list_all(call: StripeCall) -> Object:
    """``type`` may end in a wildcard (``charge.*``); ``types`` names up to twenty. An account lists its own events."""
    found = await _listed(call)
    return {**found, "data": [heard(each, None) for each in found["data"]]}


async def _listed(call: StripeCall) -> Object:
    wanted = call.body.get("type")
    types = call.body.get("types")
    where, kept = None, None
    if types:
        names = frozenset(types)
        kept = lambda event: event["type"] in names  # noqa: E731 - one of three predicates, each said in a line
    elif wanted and "*" not in wanted:
        where = {"type": wanted}
    elif wanted and wanted != "*":
        prefix = wanted.partition("*")[0]
        kept = lambda event: event["type"].startswith(prefix)  # noqa: E731 - as above
    if call.account is None and not await call.state.count("account"):
        return await page(call, KIND, where, keep=kept)
    return await page(
        call, KIND, where, keep=lambda event: event.get("account") == call.account and (kept is None or kept(event))
    )


async def targets(state: State, unseal: Callable[[str], str]) -> Sequence[Target]:
    """The enabled endpoints that were made through the API."""
    found = []
    for endpoint in await _enabled(state):
        secret = await state.get(webhook_endpoints.SECRET, endpoint["id"])
        if secret is not None:
            events = tuple(endpoint["enabled_events"])
            wants = _of_accounts if _connect(endpoint) else _of_platform
            earlier = secret.get("earlier", ())
            also = tuple((unseal(each["sealed"]), datetime.fromtimestamp(each["until"], UTC)) for each in earlier)
            found.append(Target(endpoint["url"], unseal(secret["sealed"]), events, endpoint["id"], wants, also))
    return found


async def roll(state: State, endpoint: str, sealed: str, earlier: Sequence[tuple[str, datetime]]) -> None:
    """Give an endpoint another secret, as the Dashboard does: https://docs.stripe.com/webhooks#roll-endpoint-secrets
    (2026-11)."""
    kept = [{"sealed": secret, "until": until.timestamp()} for secret, until in earlier]
    await state.put(webhook_endpoints.SECRET, endpoint, {"sealed": sealed, "earlier": kept})


def _of_platform(event: Mapping[str, Any]) -> bool:
    return "account" not in event


def _of_accounts(event: Mapping[str, Any]) -> bool:
    return "account" in event
