"""Faults on purpose: what an environment's policy says goes wrong (``services.NAME.faults``), around a mode's answer.

Counts are in memory, by environment: they begin anew with the server, and with a fault that was changed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

from broker.backends.base import Backend
from broker.clock import Clock
from broker.holding import Holding
from broker.metering import Meter
from broker.policy import Injected
from broker.visit import Visit
from contracts.contract import Match
from contracts.exchange import Response
from mocks.base import MockService, ServiceError

#: The answer's header field that names the fault.
FIELD = "broker-fault"
_SAYS = "The environment's policy injects this fault: {place}."
#: Environments whose counts are kept.
_KEPT = 4096


@dataclass(slots=True)
class Lost(Response):
    """An answer that its caller never gets: the connection is reset instead. It is in the journal as it was."""


@dataclass(slots=True)
class _Count:
    """How often a fault was met by a call, and how often it happened."""

    fault: Injected
    met: int = 0
    happened: int = 0
    #: Monotonic seconds of the calls of the last second that passed.
    passed: deque[float] = field(default_factory=deque)


class Faults:
    """Decides which calls fail, and makes them fail."""

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._counts: dict[str, dict[str, _Count]] = {}
        self._holding = Holding()
        self._meter = Meter()

    async def answer(self, visit: Visit, service: MockService, match: Match, backend: Backend) -> Response:
        """The backend's answer, or what the fault that is due makes of it; a refusal where there are too many calls."""
        if visit.mode == "mock":
            self._meter.take(visit, service, match)
        fault = self._due(visit, service)
        slow = fault is not None and bool(fault.latency)
        if visit.mode != "mock" or not (slow or self._holding):
            return await self._answer(visit, service, match, backend, fault)
        # What a slow call is about, others have to wait for, as they have at the provider.
        place = (visit.entry.environment.uid, service.name)
        holds = service.holds(match, visit.request, visit.entry.policy.options(service.name))
        if not slow:
            await self._holding.wait(place, holds)
            return await self._answer(visit, service, match, backend, fault)
        async with self._holding.taken(place, holds):
            return await self._answer(visit, service, match, backend, fault)

    async def _answer(
        self, visit: Visit, service: MockService, match: Match, backend: Backend, fault: Injected | None
    ) -> Response:
        if fault is None:
            return await backend.answer(visit, service, match)
        answer: Response | None = None
        if fault.when == "after" or (fault.status is None and not fault.reset):
            if fault.when == "before":
                await self._wait(fault)
            answer = await backend.answer(visit, service, match)
            if fault.when == "after":
                await self._wait(fault)
        else:
            await self._wait(fault)
        return await _spoilt(answer, fault, visit, service)

    def forget(self, uid: str) -> None:
        """The environment is gone."""
        self._counts.pop(uid, None)
        self._meter.forget(uid)

    async def _wait(self, fault: Injected) -> None:
        if fault.latency:
            await self._sleep(fault.latency.total_seconds())

    def _due(self, visit: Visit, service: MockService) -> Injected | None:
        """The first fault that matches and happens this time."""
        faults = visit.entry.policy.service(service.name).faults
        if not faults:
            return None
        operation, request = visit.operation, visit.request
        name = None if operation is None else operation.id
        environment = visit.entry.environment
        seed = visit.entry.policy.service_seed(service.name, environment.seed)
        for fault in faults:
            if fault.rule.matches(name, request.method, request.path) and self._happens(
                self._count(environment.uid, fault), seed
            ):
                return fault
        return None

    def _count(self, uid: str, fault: Injected) -> _Count:
        if uid not in self._counts and len(self._counts) >= _KEPT:
            self._counts.pop(next(iter(self._counts)))
        counts = self._counts.setdefault(uid, {})
        found = counts.get(fault.place)
        if found is None or found.fault != fault:
            found = counts[fault.place] = _Count(fault)
        return found

    def _happens(self, count: _Count, seed: int) -> bool:
        fault = count.fault
        count.met += 1
        if count.met <= fault.skip or (fault.times is not None and count.happened >= fault.times):
            return False
        if fault.rate is not None and self._has_room(count, fault.rate):
            return False
        if fault.probability < 1.0 and _chance(seed, fault.place, count.met) >= fault.probability:
            return False
        count.happened += 1
        return True

    def _has_room(self, count: _Count, rate: int) -> bool:
        """Whether fewer than ``rate`` calls passed in the second before now; then this one passes too."""
        now = self._clock.monotonic()
        while count.passed and count.passed[0] <= now - 1.0:
            count.passed.popleft()
        if len(count.passed) >= rate:
            return False
        count.passed.append(now)
        return True


def _chance(seed: int, place: str, number: int) -> float:
    """From 0 up to 1, the same for the same call in the same order."""
    drawn = hashlib.blake2b(f"{seed}:{place}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") / 2**64


async def _spoilt(answer: Response | None, fault: Injected, visit: Visit, service: MockService) -> Response:
    """What the caller gets instead of ``answer``, which is None where nothing was called."""
    if answer is not None and fault.status is None and not fault.reset:
        answer.headers.append((FIELD, fault.place))
        return answer
    if answer is not None and isinstance(answer.stream, AsyncGenerator):
        await answer.stream.aclose()
    own = service.fault(fault.status or 503, fault.code)
    says = fault.message or own.message or _SAYS.format(place=fault.place)
    error = ServiceError(own.status, own.code, says, details={**own.details, **fault.details}, headers=own.headers)
    told = service.render_error(error, visit.request)
    told.headers.append((FIELD, fault.place))
    if fault.reset:
        return Lost(told.status, told.headers, told.body, value=told.value)
    return told
