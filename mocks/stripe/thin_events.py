"""Events of the v2 API, which tell what happened beside the objects of the account:
https://docs.stripe.com/api/v2/core/events (2026-11). They can be read; event destinations do not get them yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mocks.base import Missing
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.lists import MOST

KIND = "v2.core.event"
#: How many a page holds when nobody says: https://docs.stripe.com/api/v2/core/events/list.
FEW = 20


def text(at: datetime) -> str:
    """A time as the v2 API writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def store(call: StripeCall, type: str, data: Mapping[str, Any], about: Object | None) -> Object:
    """Keep an event; ``about`` is its ``related_object``."""
    event: Object = {
        "id": call.new_id("evt_test_65", 40),
        "object": KIND,
        "changes": None,
        "context": call.account,
        "created": text(call.now),
        "data": data,
        "livemode": False,
        "reason": None,
        **({"related_object": about} if about else {}),
        "type": type,
    }
    index = {"about": about["id"]} if about else None
    await call.state.put(KIND, event["id"], event, index)
    return event


async def retrieve(call: StripeCall) -> Object:
    found = await call.state.get(KIND, call.path("id"))
    if found is None:
        raise Missing(KIND, call.path("id"))
    return found


async def list_all(call: StripeCall) -> Object:
    """The newest first, of an object or of all; the answer has no second page."""
    body = call.body
    where = {"about": body["object_id"]} if body.get("object_id") else None
    wanted = body.get("types")
    found = [
        each for each in await call.state.page(KIND, where=where, limit=MOST) if not wanted or each["type"] in wanted
    ]
    return {"data": found[: body.get("limit", FEW)], "next_page_url": None, "previous_page_url": None}


HANDLERS: dict[str, StripeHandler] = {
    "v2.core.events.list": list_all,
    "v2.core.events.retrieve": retrieve,
}
