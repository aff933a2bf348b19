"""An environment's events for somebody who asks for them: a developer's laptop, which no webhook reaches.

Whoever listens says after which event, and is answered what came since, signed as a delivery is. Where it is up to is
its own to know: an event is here as long as its environment is, so neither side's restart loses or doubles any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.clock import Clock
from broker.environments import Environments
from broker.errors import NotFound
from broker.outbox import hears
from broker.policy import Policy
from broker.storage.base import Environment, EnvironmentStore, Event
from contracts.exchange import Request
from mocks.base import MockService, Target
from mocks.posting import stored_body

#: Where a listener stands that has heard nothing of an environment in which nothing has happened.
BEGINNING = "beginning"
#: Seconds between two looks for events.
_LOOK = 0.1
#: Events that are looked at at once.
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """An event. ``account`` is the connected one that it is of, ``signed`` the delivery to make of it: None where its
    service signs none."""

    event: Event
    account: str | None
    signed: Request | None


@dataclass(frozen=True, slots=True)
class Page:
    """What came: ``next`` is where the listener stands now."""

    heard: Sequence[Heard]
    next: str


class Listening:
    """See the module."""

    def __init__(self, *, environments: Environments, clock: Clock) -> None:
        self._environments = environments
        self._clock = clock

    async def secrets(self, name: str, service: str | None = None) -> Mapping[str, str]:
        """By service: what signs the events, where the environment is given it: a private key is nobody's but the
        provider's. Raises NotFound, EnvironmentClosed, Conflict."""
        environment = await self._environments.get_open(name)
        known = (await self._environments.bundle(environment))["variables"].values()
        found = await self._targets(environment, service, (), "")
        return {each: target.secret for each, target in found.items() if target.secret in known}

    async def since(
        self,
        name: str,
        after: str | None,
        *,
        service: str | None = None,
        types: Sequence[str] = ("*",),
        wait: float = 0.0,
        limit: int = 20,
        url: str = "http://localhost",
        connected_url: str | None = None,
    ) -> Page:
        """What came after an event, oldest first; waits for something up to ``wait`` seconds. ``after`` None: nothing,
        but where a listener stands that begins now. ``url`` is where the deliveries will be made, and those of
        connected accounts' events ``connected_url``; nothing is sent there from here. Raises NotFound,
        EnvironmentClosed, Conflict."""
        environment = await self._environments.get_open(name)
        store = await self._environments.store(environment)
        if after is None:
            newest = await store.outbox.events(limit=1)
            return Page([], newest[0].id if newest else BEGINNING)
        waited = 0.0
        while True:
            page = await self._looked(environment, store, after, service, types, limit, (url, connected_url or url))
            if page.heard or waited >= wait:
                return page
            after = page.next
            await asyncio.sleep(_LOOK)
            waited += _LOOK
            environment = await self._environments.get_open(name)

    async def _looked(
        self,
        environment: Environment,
        store: EnvironmentStore,
        after: str,
        service: str | None,
        types: Sequence[str],
        limit: int,
        urls: tuple[str, str],
    ) -> Page:
        found: list[Heard] = []
        events: Sequence[Event] = await store.outbox.events_since(after, limit=_LOOKED_AT)
        if not events:
            return Page([], after)
        policy = Policy.from_normalised(environment.policy)
        known = self._environments.services_of(policy)
        targets = await self._targets(environment, service, types, urls[0])
        now = self._clock.now()
        for event in events:
            if len(found) == limit:
                break
            after = event.id
            wanted = service in (None, event.service) and hears(Target("", "", types), event.type)
            if wanted and event.service in known:
                found.append(_heard(event, known[event.service], targets.get(event.service), urls, now))
        return Page(found, after)

    async def _targets(
        self, environment: Environment, service: str | None, types: Sequence[str], url: str
    ) -> Mapping[str, Target]:
        """By service: as if the listener were one of its policy's targets."""
        known = self._environments.services_of(Policy.from_normalised(environment.policy))
        if service is not None and service not in known:
            raise NotFound(f"no service is called {service[:80]}")
        names = known if service is None else (service,)
        return await self._environments.listeners(environment, names, url, types)


def _heard(event: Event, service: MockService, target: Target | None, urls: tuple[str, str], now: datetime) -> Heard:
    account = service.connected(event.payload)
    # A body that was stored is posted to where it belongs, and not shown twice.
    if target is None or service.sign_event is None or stored_body(event.payload):
        return Heard(event, account, None)
    url = urls[0] if account is None else urls[1]
    at = Target(url, target.secret, target.events, also=target.also)
    return Heard(event, account, service.sign_event(event.payload, at, now))
