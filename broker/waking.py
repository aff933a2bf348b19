"""What services do by time alone: renewals, retries, and the events of both, without waiting for the next call.

What is to be done stands in the environments' own stores, so that nothing is lost however the server ends. Here is only
remembered when to look there. Nothing here is on the way of a call but a note that there was one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import datetime

from broker.backends.mock import MockBackend
from broker.clock import Clock
from broker.directory import Directory, Entry
from broker.storage.base import Environment, Storage
from broker.visit import Visit
from contracts.exchange import Request
from mocks.base import MockService

log = logging.getLogger("broker.waking")

#: Seconds between two looks at what is due.
_EVERY = 1.0
_PAGE = 100

#: (uid of the environment, service)
_Place = tuple[str, str]


class Waker:
    """One instance; ``run`` is its background task, ``caught_up`` does the same for one environment at once."""

    def __init__(
        self,
        *,
        clock: Clock,
        storage: Storage,
        directory: Directory,
        services: Mapping[str, MockService],
        mock: MockBackend,
    ) -> None:
        self._clock = clock
        self._storage = storage
        self._directory = directory
        self._services = {name: service for name, service in services.items() if service.waking is not None}
        self._mock = mock
        #: When something is due, by the server's clock, of environments that have anything to come.
        self._due: dict[_Place, datetime] = {}
        #: Environments to look at, by where a call may have changed what is to come.
        self._touched: dict[_Place, Environment] = {}
        self._names: dict[str, str] = {}
        self._woken = asyncio.Event()
        mock.touched = self.touch

    def touch(self, environment: Environment, service: str) -> None:
        """A call may have put something on the agenda. Costs a dict access."""
        self._touched[environment.uid, service] = environment

    def changed(self, environment: Environment) -> None:
        """The environment's clock may be another."""
        for name in self._services:
            self.touch(environment, name)
        self._woken.set()

    async def run(self) -> None:
        """For ever: first a look at every open environment, since the server may have slept."""
        after = None
        while found := await self._storage.registry.environments(status="open", after=after, limit=_PAGE):
            for environment in found:
                for name in self._services:
                    self.touch(environment, name)
                await self.tick()
            after = found[-1].name
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _EVERY)
            self._woken.clear()
            await self.tick()

    async def tick(self) -> None:
        """Look at what was touched, and do what is due. One environment's trouble is not another's."""
        touched, self._touched = self._touched, {}
        for place, environment in touched.items():
            self._names[environment.uid] = environment.name
            await self._safely(place, look=True)
        now = self._clock.now()
        for place in [place for place, at in self._due.items() if at <= now]:
            await self._safely(place)

    async def _safely(self, place: _Place, *, look: bool = False) -> None:
        try:
            entry = await self._entry(place)
            if entry is None:
                return
            await (self._look(entry, place) if look else self._catch_up(entry, place))
        except Exception:
            # Looked at again at the environment's next call.
            self._due.pop(place, None)
            log.exception("what is due in %s could not be done", self._names.get(place[0], place[0]))

    async def caught_up(self, environment: Environment) -> None:
        """Do all that is due in an environment by now."""
        for name in self._services:
            place = (environment.uid, name)
            self._names[environment.uid] = environment.name
            entry = await self._entry(place)
            if entry is not None:
                await self._look(entry, place)
                await self._catch_up(entry, place)

    async def _catch_up(self, entry: Entry, place: _Place) -> None:
        service = self._services[place[1]]
        while (at := self._due.get(place)) is not None and at <= self._clock.now():
            request = Request(method="POST", path="/")
            now, started = self._clock.now(), self._clock.monotonic()
            visit = Visit(self._clock.text(16), entry, service, None, request, now, started)
            await self._mock.wake(visit, service)
            self._touched.pop(place, None)
            await self._look(entry, place)
            # Calls have their turn in between.
            await asyncio.sleep(0)

    async def _look(self, entry: Entry, place: _Place) -> None:
        """When something is due there, as the server's clock tells it."""
        service, environment = self._services[place[1]], entry.environment
        waking = service.waking
        if waking is None:
            return
        store = await self._storage.open(environment)
        transaction = store.begin(service.name, service.events_kind)
        try:
            at = await waking.due(transaction)
        finally:
            await transaction.rollback()
        now = self._clock.now()
        if at is None or (environment.frozen_at is not None and at > environment.frozen_at):
            self._due.pop(place, None)
        else:
            self._due[place] = now if environment.frozen_at is not None else at - environment.ahead

    async def _entry(self, place: _Place) -> Entry | None:
        """The environment, as long as it is open."""
        uid, _ = place
        entry = await self._directory.by_name(self._names[uid])
        found = entry.environment if entry is not None else None
        if found is not None and (found.uid, found.status) == (uid, "open") and found.expires_at > self._clock.now():
            return entry
        self._due.pop(place, None)
        self._names.pop(uid, None)
        return None
