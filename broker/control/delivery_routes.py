"""Control routes of webhook deliveries: what waits, what failed and why, and sending what failed once more."""

from __future__ import annotations

from typing import Any, get_args

from broker.control import forms
from broker.control.answering import Ask, Query, Route
from broker.control.paging import check_cursor, paged
from broker.control.parts import Parts
from broker.control.shapes import COUNT, DELIVERY, ID_PARAMETER, SCOPE, TEXT, Schema, page, record, ref
from broker.errors import Conflict, EnvironmentClosed, NotFound
from broker.storage.outbox import Delivery, DeliveryStatus, OutboxStore

#: Failed deliveries that one request sends again.
MOST = 1000

COMPONENTS: dict[str, Schema] = {
    "DeliverySummary": record(
        {
            **DELIVERY["properties"],
            "event": TEXT,
            "service": TEXT,
            "type": {**TEXT, "description": "The event's type."},
            "scope": TEXT,
        },
        about="A delivery with its event's type; in lists its last attempt alone.",
    ),
    "DeliveryPage": page(ref("DeliverySummary")),
    "Replayed": record({"deliveries": COUNT, "left": {**COUNT, "description": "Failed ones that had no room."}}),
}


async def list_deliveries(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    environment = await parts.environments.get(ask.path["name"])
    outbox = (await parts.environments.store(environment)).outbox
    query, limit = ask.query, ask.query.get("limit", 100)
    found = await outbox.latest_deliveries(
        service=query.get("service"),
        status=query.get("status"),
        scope=query.get("scope"),
        after=query.get("after"),
        limit=limit + 1,
    )
    await check_cursor(query.get("after"), found, outbox.delivery)
    shown = [(each, await _described(outbox, each)) for each in found]
    return paged(shown, limit, lambda one: one[1], lambda one: one[0].id)


async def _described(outbox: OutboxStore, delivery: Delivery) -> dict[str, Any]:
    event = await outbox.event(delivery.event_id)
    attempts = list(await outbox.attempts(delivery.id))[-1:] if delivery.attempts else []
    return {
        **forms.delivery(delivery, attempts),
        "event": delivery.event_id,
        "service": delivery.service,
        "type": "" if event is None else event.type,
        "scope": delivery.scope,
    }


async def show_delivery(parts: Parts, ask: Ask) -> Any:
    """With all its attempts."""
    environment = await parts.environments.get(ask.path["name"])
    outbox = (await parts.environments.store(environment)).outbox
    found = await outbox.delivery(ask.path["id"])
    if found is None:
        raise NotFound(f"no delivery {ask.path['id'][:80]}")
    return {**await _described(outbox, found), **forms.delivery(found, await outbox.attempts(found.id))}


async def replay_deliveries(parts: Parts, ask: Ask) -> Any:
    """Each failed one as a new delivery of its event to the same target; what was sent again since is left alone."""
    environment = await parts.environments.get_open(ask.path["name"])
    outbox = (await parts.environments.store(environment)).outbox
    failed = await outbox.latest_deliveries(service=ask.query.get("service"), status="failed", limit=MOST + 1)
    done, seen = 0, set[tuple[str, str, str | None]]()
    for each in failed[:MOST]:
        place = (each.event_id, each.url, each.endpoint)
        if place in seen or await _sent_since(outbox, each):
            continue
        seen.add(place)
        await parts.work.resend(environment.name, each.event_id, delivery_id=each.id, targets=())
        done += 1
    return {"deliveries": done, "left": max(len(failed) - MOST, 0)}


async def _sent_since(outbox: OutboxStore, failed: Delivery) -> bool:
    """Whether the event has gone to the same place after that, or is on its way there."""
    others = await outbox.deliveries(event_id=failed.event_id)
    place = (failed.url, failed.endpoint)
    return any(each.status != "failed" and (each.url, each.endpoint) == place for each in others)


_DELIVERIES = "/_broker/v1/environments/{name}/deliveries"
_SERVICE = Query("service", ID_PARAMETER, "Only this service.")
_ERRORS = (NotFound, Conflict, EnvironmentClosed)

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_DELIVERIES,
        id="listDeliveries",
        about="List the webhook deliveries of an environment, newest first, each with its last attempt.",
        respond=list_deliveries,
        query=(
            _SERVICE,
            Query("status", {"type": "string", "enum": list(get_args(DeliveryStatus))}, "Only those."),
            Query("scope", SCOPE, "Only what is of this scope: see Broker-Scope."),
            Query("after", ID_PARAMETER, "The `next` of the page before."),
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "Entries of a page, 100 unless said."),
        ),
        replies={200: ref("DeliveryPage")},
        errors=_ERRORS,
    ),
    Route(
        method="POST",
        path=_DELIVERIES + "/replay",
        id="replayDeliveries",
        about="Send what could not be delivered once more: each failed delivery whose event has not reached its target "
        "since, up to a thousand.",
        respond=replay_deliveries,
        query=(_SERVICE,),
        replies={200: ref("Replayed")},
        errors=_ERRORS,
    ),
    Route(
        method="GET",
        path=_DELIVERIES + "/{id}",
        id="showDelivery",
        about="Show one webhook delivery with all its attempts.",
        respond=show_delivery,
        replies={200: ref("DeliverySummary")},
        errors=_ERRORS,
    ),
)
