"""Putting an event from a real provider where it belongs: attributed, learned from, and once in the outbox of the
environment whose it is.

Every step can be repeated: what an end of this process interrupts is settled by the next look at the event.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any, Protocol

from broker.attribution import Attribution, Owner
from broker.clock import Clock
from broker.errors import Conflict, NotFound
from broker.hook_endpoints import INCOMING
from broker.ledger import Ledger
from broker.policy import Policy
from broker.storage.base import Delivery, Environment, Event, Storage, StoreGone
from broker.storage.external import HookRow
from contracts.exchange import Request
from mocks.base import Target
from sandboxes.base import Resource


class Planner(Protocol):
    """As broker.outbox.Outbox.plan: the deliveries of an event to the targets that hear it."""

    def __call__(self, event: Event, targets: Sequence[Target], now: datetime) -> Sequence[Delivery]: ...


class Notify(Protocol):
    """Told that deliveries wait; never blocks."""

    def __call__(self, uid: str, delivery_ids: Sequence[str]) -> None: ...


class Targets(Protocol):
    """As broker.environments.Environments.webhook_targets."""

    def __call__(self, environment: Environment, service: str) -> Awaitable[Sequence[Target]]: ...


class Report(Protocol):
    """As broker.incidents.Incidents.report."""

    def __call__(
        self,
        kind: str,
        message: str,
        *,
        request: Request,
        environment: Environment | None = None,
        service: str | None = None,
        **details: Any,
    ) -> Awaitable[str]: ...


class HookRouting:
    """Settles events, one at a time. ``counts`` are events since the start, by service and what they came to."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        ledger: Ledger,
        attribution: Attribution,
        targets: Targets,
        plan: Planner,
        notify: Notify,
        report: Report,
        counts: Counter[tuple[str, str]],
    ) -> None:
        self._storage = storage
        self._external = storage.external
        self._clock = clock
        self._ledger = ledger
        self._attribution = attribution
        self._targets = targets
        self._plan = plan
        self._notify = notify
        self._report = report
        self._counts = counts
        #: The loop and a claim by hand may mean the same event.
        self._turn = asyncio.Lock()

    async def settle(self, account: str, event_id: str) -> HookRow | None:
        """The event as it stands after this: routed, or nobody's yet. None when it, or its account, is gone."""
        async with self._turn:
            return await self._settle(account, event_id)

    async def _settle(self, account: str, event_id: str) -> HookRow | None:
        row = await self._external.hook(account, event_id)
        configured = await self._external.account(account)
        if row is None or row.routed or configured is None:
            return row if configured is not None else None
        uid, by = row.uid, row.by
        if uid is None:
            found = await self._attribution.of(row)
            if not isinstance(found, Owner):
                if found.foreign:
                    await self._external.update_hook(account, event_id, note="foreign")
                return await self._external.hook(account, event_id)
            uid, by = found.uid, found.by
            if found.marked is not None:
                await self._dispute(row, configured.service, uid, found.marked)
            await self._external.update_hook(account, event_id, uid=uid, by=by, note="")
        if by != "hand":
            # What somebody claims by hand may be anybody's, and must not be deleted with the environment.
            await self._learn(uid, configured.service, row)
        note = await self._deliver(uid, by, configured.service, row)
        await self._external.update_hook(account, event_id, routed=True, note=note)
        self._counts[configured.service, note or "routed"] += 1
        return await self._external.hook(account, event_id)

    async def _learn(self, uid: str, service: str, row: HookRow) -> None:
        told = [Resource(kind, name, parent=parent, derived=True) for kind, name, parent in row.resources]
        known = await self._ledger.known(row.account, [each.id for each in told])
        await self._ledger.learn(uid, service, row.account, [each for each in told if each.id not in known])

    async def _deliver(self, uid: str, by: str, service: str, row: HookRow) -> str:
        """Puts it into the environment's outbox, once; answers why not."""
        environment = await self._storage.registry.environment_by_uid(uid)
        if environment is None or environment.status != "open":
            return "late"
        if by != "hand" and not uses_the_real(environment, service):
            return "muted"
        event = Event(id=row.event_id, service=service, type=row.type, payload=row.payload, created_at=row.received_at)
        deliveries = self._plan(event, await self._targets(environment, service), self._clock.now())
        try:
            outbox = (await self._storage.open(environment)).outbox
            if not await outbox.add_event(event, deliveries):
                # An earlier attempt came as far as this, and no further.
                deliveries = await outbox.deliveries(event_id=event.id, status="pending")
        except StoreGone:
            return "late"
        if deliveries:
            self._notify(uid, [delivery.id for delivery in deliveries])
        return ""

    async def _dispute(self, row: HookRow, service: str, uid: str, marked: str) -> None:
        environment = await self._storage.registry.environment_by_uid(uid)
        other = await self._storage.registry.environment_by_uid(marked)
        message = (
            f"Event {row.event_id} of account {row.account} is about an object of this environment by the ledger, and "
            "carries another one's marker; the ledger decided."
        )
        await self._report(
            "disputed_hook",
            message,
            request=about(row.account),
            environment=environment,
            service=service,
            event=row.event_id,
            marked=None if other is None else other.name,
        )

    async def claim(self, account: str, event_id: str, environment: Environment) -> HookRow:
        """Somebody says whose it is: an open environment's. It is delivered, whatever the policy says about the real
        provider, and teaches the ledger nothing. Raises NotFound, Conflict."""
        async with self._turn:
            row = await self._external.hook(account, event_id)
            if row is None:
                raise NotFound(f"no event {event_id} of account {account}; the oldest ones make room for new ones")
            if environment.trust == "fork":
                raise Conflict(f"environment {environment.name} is of a fork: it gets nothing of real accounts")
            if row.uid is not None and not row.note:
                raise Conflict(f"event {event_id} is claimed already; `broker events resend` delivers it once more")
            await self._external.update_hook(account, event_id, uid=environment.uid, by="hand", routed=False, note="")
            settled = await self._settle(account, event_id)
        if settled is None:
            raise NotFound(f"no account is called {account}")
        return settled


def uses_the_real(environment: Environment, service: str) -> bool:
    """Whether the environment's policy sends any of the service's calls to the real provider."""
    if environment.trust == "fork":
        return False
    return Policy.from_normalised(environment.policy).service(service).is_real


def about(account: str) -> Request:
    """What incidents show of a webhook: never its address."""
    return Request(method="POST", path=f"{INCOMING}(account {account})")
