"""Control routes of what an environment did: exchanges, incidents, events with their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.control import forms
from broker.control.answering import Ask
from broker.control.paging import check_cursor, paged
from broker.control.parts import Parts
from broker.errors import NotFound
from broker.storage.base import EnvironmentStore, Wanted


async def _store(parts: Parts, ask: Ask) -> EnvironmentStore:
    environments = parts.environments
    return await environments.store(await environments.get(ask.path["name"]))


def wanted(query: Mapping[str, Any]) -> Wanted:
    """What the query of a list of exchanges selects."""
    return Wanted(
        service=query.get("service"),
        operation=query.get("operation"),
        status=query.get("status"),
        violations_only=query.get("violations", False),
        incidents_only=query.get("incidents", False),
        scope=query.get("scope"),
        text=query.get("text", ""),
    )


async def list_exchanges(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    await parts.settle()
    store = await _store(parts, ask)
    found, after = await store.journal.search(
        wanted(ask.query), after=ask.query.get("after"), limit=ask.query.get("limit", 100)
    )
    if after is None:
        await check_cursor(ask.query.get("after"), found, store.journal.exchange)
    return {"items": [forms.exchange_summary(exchange) for exchange in found], "next": after}


async def show_exchange(parts: Parts, ask: Ask) -> Any:
    """With redacted headers and bodies."""
    await parts.settle()
    store = await _store(parts, ask)
    found = await store.journal.exchange(ask.path["id"])
    if found is None:
        raise NotFound(f"no exchange {ask.path['id']}; the journal drops the oldest ones at its cap")
    return forms.exchange(found)


async def list_incidents(parts: Parts, ask: Ask) -> Any:
    """Newest first; of one environment, or of all and of nobody's."""
    name = ask.path.get("name")
    if name is not None:
        await parts.environments.get(name)
    limit = ask.query.get("limit", 100)
    found = await parts.storage.registry.incidents(name, after=ask.query.get("after"), limit=limit + 1)
    return paged(found, limit, forms.incident, lambda incident: incident.id)


async def list_events(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    store = await _store(parts, ask)
    query, limit = ask.query, ask.query.get("limit", 100)
    found = await store.outbox.events(
        service=query.get("service"),
        type=query.get("type"),
        scope=query.get("scope"),
        after=query.get("after"),
        limit=limit + 1,
    )
    await check_cursor(query.get("after"), found, store.outbox.event)
    return paged(found, limit, forms.event_summary, lambda event: event.id)


async def show_event(parts: Parts, ask: Ask) -> Any:
    """With its deliveries and their attempts."""
    outbox = (await _store(parts, ask)).outbox
    found = await outbox.event(ask.path["id"])
    if found is None:
        raise NotFound(f"no event {ask.path['id']}")
    deliveries = [
        forms.delivery(delivery, await outbox.attempts(delivery.id))
        for delivery in await outbox.deliveries(event_id=found.id)
    ]
    return forms.event(found, deliveries)


async def resend_event(parts: Parts, ask: Ask) -> Any:
    """Deliver it once more to each of its targets."""
    environment = await parts.environments.get_open(ask.path["name"])
    event = await (await parts.environments.store(environment)).outbox.event(ask.path["id"])
    if event is None:
        raise NotFound(f"no event {ask.path['id']}")
    targets = await parts.environments.webhook_targets(environment, event.service)
    made = await parts.work.resend(
        environment.name, event.id, delivery_id=(ask.body or {}).get("delivery"), targets=targets
    )
    return {"event": event.id, "deliveries": [delivery.id for delivery in made]}
