"""Events: each change is stored as one and handed on for delivery, in the order in which the changes happened.

https://docs.stripe.com/api/events (2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mocks.base import State, Target
from mocks.stripe import webhook_endpoints
from mocks.stripe.calls import API_VERSION, Change, Object, StripeCall
from mocks.stripe.lists import page

KIND = "event"


async def store(call: StripeCall) -> None:
    """Emit what the call changed: storage keeps it, and shows it as records of this kind."""
    if not call.emitted:
        return
    endpoints = len(await _enabled(call.state))
    for change in call.emitted:
        call.emit(change.type, _event(call, change, endpoints))
    call.emitted.clear()


def _event(call: StripeCall, change: Change, endpoints: int) -> Object:
    data: Object = {"object": change.object}
    if change.previous is not None:
        data["previous_attributes"] = change.previous
    # "If the event was not caused by an API request", both are null: https://docs.stripe.com/api/events/object
    request = (call.request_id or None, call.idempotency_key) if change.asked else (None, None)
    return {
        "id": call.new_id("evt_1", 23),
        "object": KIND,
        "api_version": API_VERSION,
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


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("id"))


async def list_all(call: StripeCall) -> Object:
    """``type`` may end in a wildcard (``charge.*``); ``types`` names up to twenty."""
    wanted = call.body.get("type")
    types = call.body.get("types")
    if isinstance(wanted, str) and "*" not in wanted and not types:
        return await page(call, KIND, {"type": wanted})
    if types:
        names = frozenset(types)
        return await page(call, KIND, keep=lambda event: event["type"] in names)
    if wanted and wanted != "*":
        prefix = wanted.partition("*")[0]
        return await page(call, KIND, keep=lambda event: event["type"].startswith(prefix))
    return await page(call, KIND)


async def targets(state: State, unseal: Callable[[str], str]) -> Sequence[Target]:
    """The enabled endpoints that were made through the API."""
    found = []
    for endpoint in await _enabled(state):
        secret = await state.get(webhook_endpoints.SECRET, endpoint["id"])
        if secret is not None:
            events = tuple(endpoint["enabled_events"])
            found.append(Target(endpoint["url"], unseal(secret["sealed"]), events, endpoint["id"]))
    return found
