"""Many environments flood one real account: what its provider refuses, how evenly it is shared, what a turn costs.

The provider is a stand-in that counts as providers do, in fixed seconds and in sliding ones, and refuses by either.
Calls reach it late and in another order than they left in. They come through ``Send``: today the scheduler in this
process.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import uvloop

from bench.results import Result
from broker.clock import SystemClock
from broker.scheduler import Scheduler

if TYPE_CHECKING:
    from bench.measure import Bench

#: One call of an environment, through the broker to the provider; answers the status.
Send = Callable[[str], Awaitable[int]]

_RATE = 25
_CONCURRENCY = 50
_ENVIRONMENTS = 20
#: Callers of the noisiest environment; the others have a fraction of them.
_CALLERS = 40
#: So many calls give every environment the same number, and are whole seconds of the account.
_WHOLE = 100


class Limited:
    """A provider that bears ``rate`` calls in a second, and remembers whose calls it saw and what it answered."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._numbers = 0
        self._second = 0
        self._in_second = 0
        self._latest: deque[float] = deque()
        #: (monotonic seconds, environment, status), by arrival.
        self.seen: list[tuple[float, str, int]] = []

    async def call(self, environment: str) -> int:
        """Up to 20 ms on the way, and 20 to 120 ms until the answer: the same in every run."""
        self._numbers += 1
        number = self._numbers
        await asyncio.sleep(number * 7919 % 21 / 1000)
        status = self._judge(environment)
        await asyncio.sleep((20 + number * 104729 % 101) / 1000)
        return status

    def _judge(self, environment: str) -> int:
        now = time.monotonic()
        while self._latest and self._latest[0] <= now - 1:
            self._latest.popleft()
        if int(now) != self._second:
            self._second, self._in_second = int(now), 0
        self._latest.append(now)
        self._in_second += 1
        status = 429 if max(len(self._latest), self._in_second) > self._rate else 200
        self.seen.append((now, environment, status))
        return status


def _scheduled(scheduler: Scheduler, provider: Limited) -> Send:
    async def send(environment: str) -> int:
        async with scheduler.turn("bench", environment):
            return await provider.call(environment)

    return send


async def _flood(send: Send, provider: Limited, environments: Sequence[str], calls: int) -> None:
    """Callers that call again as soon as they are answered, until the provider saw so many calls. The first environment
    has most callers, and comes first."""

    async def caller(environment: str) -> None:
        while True:
            await send(environment)

    async with asyncio.TaskGroup() as group:
        callers = [
            group.create_task(caller(environment))
            for number, environment in enumerate(environments)
            for _ in range(_CALLERS // (1 + number % 8))
        ]
        while len(provider.seen) < calls:  # noqa: ASYNC110 - a provider tells nobody, and may be another process
            await asyncio.sleep(0.05)
        for one in callers:
            one.cancel()


async def _flooded(calls: int) -> Sequence[Result]:
    provider = Limited(_RATE)
    scheduler = Scheduler(SystemClock())
    scheduler.configure("bench", rate=_RATE, concurrency=_CONCURRENCY)
    environments = [f"pr-{number}" for number in range(1, _ENVIRONMENTS + 1)]
    await _flood(_scheduled(scheduler, provider), provider, environments, _RATE + calls)
    refused = sum(status == 429 for _, _, status in provider.seen)
    # An idle account gives its first second to whom comes first; the shares are those of the time when all wait.
    counted = provider.seen[_RATE : _RATE + calls]
    shares = Counter(dict.fromkeys(environments, 0))
    shares.update(environment for _, environment, _ in counted)
    most, least = max(shares.values()), min(shares.values())
    took = counted[-1][0] - provider.seen[0][0]
    name = f"{_ENVIRONMENTS} environments flood an account of {_RATE} calls/s"
    return [
        Result(
            name=f"{name}: refused with 429",
            unit="calls",
            ours=refused,
            target=0,
            want="at most",
            note=f"of {len(provider.seen)}, judged by fixed and by sliding seconds",
            details={"calls": len(provider.seen)},
        ),
        Result(
            name=f"{name}: (most - least) / mean",
            unit="",
            ours=(most - least) / (calls / _ENVIRONMENTS),
            target=0.2,
            want="at most",
            note=f"{least} to {most} calls each, {calls / took:.1f}/s in all",
            details={"shares": dict(shares)},
        ),
    ]


async def _idle(turns: int) -> Result:
    """A turn when nobody else calls, with a serial, as a write has."""
    scheduler = Scheduler(SystemClock())
    scheduler.configure("bench", rate=1e9, concurrency=_CONCURRENCY)
    begun = 0.0
    for number in range(-turns // 10, turns):
        if number == 0:
            begun = time.perf_counter()
        async with scheduler.turn("bench", "pr-1", serial="cus_1"):
            pass
    spent = (time.perf_counter() - begun) / turns * 1e6
    return Result(name="a turn at an idle account", unit="µs", ours=spent, target=200, want="at most")


def accounts(bench: Bench) -> Iterator[Result]:
    """Refusals and shares under a flood, and the cost of a turn without one."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield from runner.run(_flooded(_WHOLE if bench.size.rounds == 1 else 2 * _WHOLE))
        yield runner.run(_idle(bench.size.calls * 10))
