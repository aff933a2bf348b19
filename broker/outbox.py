"""Webhook events on their way out: which targets hear an event, and one attempt after another.

The outbox rows are the truth: an attempt is made when a delivery is pending and due, and nobody in this
process is at it. Whoever asks for that (a workflow, a head start, two of them) asks for the same thing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from weakref import WeakValueDictionary

from broker.clock import Clock
from broker.gathering import Close, Gathering, Place, Waits
from broker.metrics import Metrics
from broker.policy import Policy
from broker.posting import Letter, Posting
from broker.signing import Secrets
from broker.storage.base import Attempt, Delivery, Environment, EnvironmentStore, Event, Made, Storage
from broker.upstream import Timeouts, Upstream
from broker.vault import Vault
from mocks.base import MockService, Target
from mocks.defaults import UNDELIVERED

log = logging.getLogger("broker.outbox")

#: Attempts under way at once, so that a burst or a target that hangs neither floods nor starves.
_AT_ONCE = 64
_AT_ONCE_AN_ENVIRONMENT = 8
#: Seconds until an unexpected fault of our own (a full disk) is tried again.
_AFTER_FAULT = 5.0
#: Seconds after which to look again at what another round holds.
_IN_HAND = 1.0
#: Seconds that a timer may ring early.
_EARLY = 0.01
#: Seconds that attempts under way get to end when the server stops.
_LAST_ATTEMPTS = 5.0


class NothingToResend(LookupError):
    """The event has no delivery to repeat, and no target was named."""


def hears(target: Target, event_type: str) -> bool:
    """Whether a target's patterns select an event: ``*``, the type itself, or ``invoice.*``, ``object:*`` for all below
    it."""
    return any(
        pattern in ("*", event_type) or (pattern.endswith((".*", ":*")) and event_type.startswith(pattern[:-1]))
        for pattern in target.events
    )


class Outbox:
    """Plans deliveries and attempts them."""

    def __init__(
        self,
        *,
        storage: Storage,
        services: Mapping[str, MockService],
        vault: Vault,
        clock: Clock,
        upstream: Upstream,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._storage = storage
        self._services = services
        self._vault = vault
        self._clock = clock
        self._posting = Posting(services, vault, upstream, timeouts or Timeouts())
        self._gathering = Gathering(self._attempt)
        self._in_hand: set[str] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        #: Attempts since the start, by service and what they came to: ``delivered``, ``retried``, ``failed``.
        self.counts: Counter[tuple[str, str]] = Counter()
        self._all = asyncio.Semaphore(_AT_ONCE)
        self._lanes: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def expose(self, metrics: Metrics) -> None:
        """Figures of deliveries."""
        metrics.counter(
            "webhook_attempts",
            "Attempts to deliver an event, by what they came to.",
            ("service", "outcome"),
            lambda: self.counts,
        )

    def plan(self, event: Event, targets: Sequence[Target], now: datetime) -> list[Delivery]:
        """One delivery for each target that hears the event, to be stored in the transaction that stores it."""
        return [
            self._delivery(event, target.url, self._vault.seal(Secrets.of(target).text()), target.endpoint, now)
            for target in targets
            if hears(target, event.type) and target.wants(event.payload)
        ]

    def _delivery(self, event: Event, url: str, secret: str, endpoint: str | None, now: datetime) -> Delivery:
        return Delivery(
            id="dlv_" + self._clock.text(24),
            event_id=event.id,
            service=event.service,
            url=url,
            secret_sealed=secret,
            endpoint=endpoint,
            status="pending",
            attempts=0,
            next_at=now,
            created_at=now,
            scope=event.scope,
        )

    async def resend(
        self,
        environment: Environment,
        event_id: str,
        *,
        delivery_id: str | None = None,
        targets: Sequence[Target] = (),
    ) -> list[Delivery]:
        """New deliveries of an old event, stored and due: one for each place that it was sent to (or only that of
        ``delivery_id``); for an event that was sent nowhere, one for each of ``targets``. Raises LookupError for
        an unknown event or delivery, NothingToResend when there is no place."""
        store = await self._storage.open(environment)
        event = await store.outbox.event(event_id)
        if event is None:
            raise LookupError(f"no event {event_id}")
        earlier = await store.outbox.deliveries(event_id=event_id)
        if delivery_id is not None:
            earlier = [each for each in earlier if each.id == delivery_id]
            if not earlier:
                raise LookupError(f"event {event_id} has no delivery {delivery_id}")
        now = self._clock.now()
        places = {(each.url, each.endpoint): each.secret_sealed for each in earlier}
        fresh = [self._delivery(event, url, secret, endpoint, now) for (url, endpoint), secret in places.items()]
        fresh = fresh or self.plan(event, targets, now)
        if not fresh:
            raise NothingToResend(f"event {event_id} was sent nowhere, and no target hears {event.type}")
        for delivery in fresh:
            await store.outbox.add_delivery(delivery)
        return fresh

    async def pending(self, environment: Environment, limit: int = 100_000) -> list[str]:
        """Ids of the deliveries that are not over, oldest first."""
        store = await self._storage.open(environment)
        return [each.id for each in await store.outbox.deliveries(status="pending", limit=limit)]

    async def attempt_due(self, uid: str, delivery_ids: Sequence[str]) -> float | None:
        """Attempt those of the deliveries that are due, at the same time. Answers the seconds until the next one
        is, None when all are over (a closed environment ends its own). Never raises."""
        try:
            found = await self._open(uid)
            if found is None:
                return None
            due, waits = await self._sort(found[1], delivery_ids)
            if self._stopping:
                return _IN_HAND
            waits += await self._attempted(uid, self._take(due, waits))
        except Exception:
            log.exception("deliveries of environment %s wait for %g s", uid, _AFTER_FAULT)
            return _AFTER_FAULT
        left = [wait for wait in waits if wait is not None]
        return max(min(left), 0.0) if left else None

    async def _open(self, uid: str) -> tuple[Environment, EnvironmentStore] | None:
        # Asked anew before every use: a store that is opened after its environment was deleted would be made again.
        environment = await self._storage.registry.environment_by_uid(uid)
        if environment is None or environment.status != "open":
            return None
        return environment, await self._storage.open(environment)

    async def _sort(
        self, store: EnvironmentStore, delivery_ids: Sequence[str]
    ) -> tuple[list[Delivery], list[float | None]]:
        now = self._clock.now()
        due: list[Delivery] = []
        waits: list[float | None] = []
        for delivery_id in delivery_ids:
            delivery = await store.outbox.delivery(delivery_id)
            if delivery is None or delivery.status != "pending":
                continue
            wait = 0.0 if delivery.next_at is None else (delivery.next_at - now).total_seconds()
            if delivery_id in self._in_hand:
                waits.append(_IN_HAND)
            elif wait > _EARLY:
                waits.append(wait)
            else:
                due.append(delivery)
        return due, waits

    def _take(self, due: Sequence[Delivery], waits: list[float | None]) -> Sequence[Delivery]:
        free = [delivery for delivery in due if delivery.id not in self._in_hand]
        waits += [_IN_HAND] * (len(due) - len(free))
        self._in_hand.update(delivery.id for delivery in free)
        if free:
            self._idle.clear()
        return free

    async def _attempted(self, uid: str, taken: Sequence[Delivery]) -> list[float | None]:
        """Attempt them, together what goes together; the seconds until each one's next attempt."""
        rounds: list[Awaitable[Waits]] = []
        places: dict[Place, list[Delivery]] = {}
        for delivery in taken:
            if self._posting.batching(delivery.service) is None:
                rounds.append(self._attempt(uid, partial(_itself, delivery)))
            else:
                place = (uid, delivery.service, delivery.url, delivery.endpoint)
                places.setdefault(place, []).append(delivery)
        for place, several in places.items():
            batching = self._posting.batching(place[1])
            rounds.append(self._gathering.attempted(place, several, batching.gather if batching else 0.0, _IN_HAND))
        return [wait for found in await asyncio.gather(*rounds) for wait in found.values()]

    async def _attempt(self, uid: str, close: Close) -> Waits:
        """One attempt of each and its record."""
        lane = self._lanes.get(uid)
        if lane is None:
            lane = self._lanes[uid] = asyncio.Semaphore(_AT_ONCE_AN_ENVIRONMENT)
        deliveries: Sequence[Delivery] = ()
        try:
            async with lane, self._all:
                deliveries = close()
                if self._stopping:
                    return dict.fromkeys((each.id for each in deliveries), _IN_HAND)
                waits: dict[str, float | None] = dict.fromkeys(each.id for each in deliveries)
                for part in self._posting.parted(await self._found(uid, deliveries)):
                    waits.update(await self._posted(uid, part))
                return waits
        finally:
            self._in_hand.difference_update(each.id for each in deliveries or close())
            if not self._in_hand:
                self._idle.set()

    async def _found(self, uid: str, deliveries: Sequence[Delivery]) -> Sequence[Letter]:
        """What to send, each delivery with the secrets of now; without what is not what it was: reset, closed,
        attempted meanwhile."""
        found = await self._open(uid)
        if found is None:
            return ()
        outbox = found[1].outbox
        letters: list[Letter] = []
        for delivery in deliveries:
            present, event = await outbox.delivery(delivery.id), await outbox.event(delivery.event_id)
            if present is None or event is None or replace(present, secret_sealed=delivery.secret_sealed) != delivery:
                continue
            service = self._services.get(event.service)
            if service is not None and service.events_kind is not None:
                event = replace(event, payload={**event.payload, UNDELIVERED: await outbox.undelivered(event.id)})
            letters.append(Letter(event, present))
        return letters

    async def _posted(self, uid: str, letters: Sequence[Letter]) -> Waits:
        """One request, and what it came to for each of its letters."""
        found = await self._open(uid)
        if found is None:
            return {}
        begun, at = self._clock.monotonic(), self._clock.now()
        status, error = await self._posting.post(letters, found[1], at)
        took = round((self._clock.monotonic() - begun) * 1000, 3)
        found = await self._open(uid)
        if found is None:
            return {}
        environment, store = found
        policy = Policy.from_normalised(environment.policy)
        made: list[Made] = []
        waits: dict[str, float | None] = {}
        for delivery in (letter.delivery for letter in letters):
            attempt = Attempt(number=delivery.attempts + 1, at=at, status=status, error=error, duration_ms=took)
            one, waits[delivery.id] = self._judged(delivery, attempt, policy.retry_schedule(delivery.service))
            made.append(one)
        await store.outbox.record_attempts(made)
        return waits

    def _judged(self, delivery: Delivery, attempt: Attempt, schedule: Sequence[timedelta]) -> tuple[Made, float | None]:
        """What the delivery is after an attempt, and the seconds until the next one."""
        status: Literal["pending", "delivered", "failed"]
        status, wait = "failed", None
        if attempt.status is not None and 200 <= attempt.status < 300:
            status = "delivered"
        elif attempt.number <= len(schedule):
            status, wait = "pending", schedule[attempt.number - 1]
        self.counts[delivery.service, "retried" if status == "pending" else status] += 1
        next_at = None if wait is None else self._clock.now() + wait
        made = Made(delivery_id=delivery.id, attempt=attempt, status=status, next_at=next_at)
        return made, None if wait is None else wait / timedelta(seconds=1)

    async def stop(self) -> None:
        """Begin no further attempt, and let those under way end: one that is cut off would be made again."""
        self._stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_ATTEMPTS):
                await self._idle.wait()


def _itself(delivery: Delivery) -> Sequence[Delivery]:
    """A round of one, which nobody joins."""
    return [delivery]
