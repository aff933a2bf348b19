"""Passive drift: what real answers, on their way to applications, do that their contract does not say.

An answer is noted on the way of its call, and looked into behind it. What was found is counted here and written down
now and then: the finding, how often, first and last, and one example without values. What was counted since the last
time is lost with the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from broker.clock import Clock
from broker.storage.drift import DriftStore, Observed
from broker.tasks import Keeper
from broker.visit import Visit
from contracts.contract import Contract, Observing, Operation, Violation
from contracts.exchange import Response
from contracts.observed import Sighting, shape, sightings

log = logging.getLogger("broker.observing")

#: Answers that wait to be looked into, and bytes of their bodies; beyond it the oldest are dropped and counted.
_WAITING, _WAITING_BYTES = 2_000, 32 << 20
#: Bytes up to which an answer is remembered as one that showed nothing, by a hash that stands for it.
_SHORT = 8 * 1024
_REMEMBERED = 4_096
#: Differences that are counted between two times of writing down.
_COUNTED = 5_000
#: Answers that are looked into before the event loop gets its turn back.
_SLICE = 4
_PAUSE_SECONDS = 0.05
_WRITE_SECONDS = 5.0


@dataclass(slots=True)
class _Noted:
    """One answer, with what its check found."""

    service: str
    contract: Contract
    operation: Operation
    response: Response
    broken: Sequence[Violation]
    account: str
    exchange: str
    at: datetime
    mark: int | None


@dataclass(slots=True)
class _Count:
    """What was seen since the last time of writing down; ``first`` is None for what is not kept."""

    first: Observed | None
    last_at: datetime
    times: int = 0

    def observed(self) -> Observed | None:
        return None if self.first is None else replace(self.first, count=self.times, last_at=self.last_at)


class Observer:
    """``take`` costs an append; background tasks do the rest."""

    def __init__(self, store: DriftStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[_Noted] = deque()
        self._held = 0
        self._wake = asyncio.Event()
        #: Answers that showed nothing: the next one of the same bytes is not looked into.
        self._plain: dict[int, None] = {}
        #: By operation, status and shape: each is put into words once.
        self._counted: dict[tuple[Hashable, ...], _Count] = {}
        self._writing = asyncio.Lock()
        self._keeper = Keeper()
        #: Answers that nobody looked into, and differences that were not counted: there were too many.
        self.dropped = 0

    def take(
        self, visit: Visit, account: str, operation: Operation, response: Response, broken: Sequence[Violation]
    ) -> None:
        """Note a real answer, with its value where it has one. On the way of its call."""
        service, body = visit.service, response.body
        if service is None:
            return
        mark = None
        if not body or (operation.method == "GET" and len(body) <= _SHORT):
            # The check has hashed these bytes already.
            mark = hash((operation, response.status, body))
            if mark in self._plain:
                return
        self._waiting.append(
            _Noted(service.name, service.contract(), operation, response, broken, account, visit.id, visit.now, mark)
        )
        self._held += len(body)
        while len(self._waiting) > _WAITING or self._held > _WAITING_BYTES:
            self._held -= len(self._waiting.popleft().response.body)
            self.dropped += 1
        self._wake.set()

    def start(self) -> None:
        """Begin to look, and to write down."""
        self._keeper.start(self._run(), "passive drift: look")
        self._keeper.start(self._write(), "passive drift: write")

    async def stop(self) -> None:
        """Write down what is left; a full disk keeps nothing else from ending."""
        await self._keeper.stop()
        try:
            await self.flush()
        except Exception as error:
            log.warning("the last differences of real answers are not written down: %r", error)

    async def flush(self) -> None:
        """Look into all that waits, and write it down."""
        await self._drain()
        async with self._writing:
            counted, self._counted = self._counted, {}
            seen = [observed for count in counted.values() if (observed := count.observed()) is not None]
            if not seen:
                return
            try:
                await self._store.add_observed(seen)
            except Exception:
                # They count with what has come since.
                for key, count in self._counted.items():
                    if key in counted:
                        counted[key].times += count.times
                        counted[key].last_at = count.last_at
                self._counted = {**self._counted, **counted}
                raise

    async def observed(self, service: str | None = None, *, limit: int = 1000) -> Sequence[Observed]:
        """The most frequent first, what was just seen included."""
        await self.flush()
        return await self._store.observed(service=service, limit=limit)

    async def forget(self, service: str | None = None, key: str | None = None) -> int:
        """Answers how many there were. What is seen again counts anew."""
        await self.flush()
        return await self._store.forget_observed(service=service, key=key)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            # Not in the middle of the call that woke it.
            await asyncio.sleep(_PAUSE_SECONDS)
            await self._drain()

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(_WRITE_SECONDS)
            try:
                await self.flush()
            except Exception as error:
                log.warning("differences of real answers are written down later, in %g s: %r", _WRITE_SECONDS, error)

    async def _drain(self) -> None:
        looked = 0
        while self._waiting:
            noted = self._waiting.popleft()
            self._held -= len(noted.response.body)
            try:
                self._look(noted)
            except Exception:
                # A contract that cannot be read this way must not keep the others from being looked at.
                self.dropped += 1
                log.warning("an answer to %s could not be looked into", noted.operation.id, exc_info=True)
            looked += 1
            if looked % _SLICE == 0:
                await asyncio.sleep(0)

    def _look(self, noted: _Noted) -> None:
        told = noted.broken
        if isinstance(noted.contract, Observing):
            told = noted.contract.observe(noted.operation, noted.response, told)
        if not told:
            if noted.mark is not None:
                if len(self._plain) >= _REMEMBERED:
                    del self._plain[next(iter(self._plain))]
                self._plain[noted.mark] = None
            return
        # An answer counts once for each difference, however often it shows it.
        for key in {(noted.operation, noted.response.status, *shape(each)): each for each in told}.items():
            self._count(noted, *key)

    def _count(self, noted: _Noted, key: tuple[Hashable, ...], violation: Violation) -> None:
        count = self._counted.get(key)
        if count is None:
            if len(self._counted) >= _COUNTED:
                self.dropped += 1
                return
            found = sightings(noted.service, noted.operation.id, noted.response.status, [violation])
            first = _observed(noted, found[0]) if found else None
            count = self._counted[key] = _Count(first, noted.at)
        count.times += 1
        count.last_at = noted.at


def _observed(noted: _Noted, sighting: Sighting) -> Observed:
    example = {
        "account": noted.account,
        "exchange": noted.exchange,
        "contract": noted.contract.version,
        "status": noted.response.status,
        **sighting.example(),
    }
    return Observed(finding=sighting.finding, count=0, first_at=noted.at, last_at=noted.at, example=example)
