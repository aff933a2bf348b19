"""Many environments flood one real account: what its provider refuses, how evenly it is shared, what a turn costs.

The calls go through a served broker to ``bench.provider``, which bears no more than the account is configured for.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import uvloop

from bench.load import Job
from bench.proxied import Helping, bearing, opened
from bench.results import Result
from bench.servers import Served
from bench.windows import Failed
from bench.wire import CUSTOMER
from broker.clock import SystemClock
from broker.scheduler import Scheduler

if TYPE_CHECKING:
    from bench.measure import Bench

_RATE = 25
_CONCURRENCY = 50
_ENVIRONMENTS = 20
#: Callers of the noisiest environment; the others have a fraction of them.
_CALLERS = 40
#: So many calls give every environment the same number, and are whole seconds of the account.
_WHOLE = 100
_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)


def _callers(number: int) -> int:
    """Of the environment of that number, from 0."""
    return _CALLERS // (1 + number % 8)


class _Flood:
    """Callers that call again as soon as they are answered. ``calls`` are (customer, request), one an environment; the
    first one has most callers, and comes first."""

    def __init__(self, port: int, calls: Sequence[tuple[str, bytes]]) -> None:
        self._port = port
        self.calls = calls
        #: (customer, status), by the time of the answer.
        self.answers: list[tuple[str, int]] = []

    async def run(self, answers: int) -> None:
        """Until there were so many answers."""
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            callers = [
                group.create_task(self._caller(customer, request, answers, enough))
                for number, (customer, request) in enumerate(self.calls)
                for _ in range(_callers(number))
            ]
            await enough.wait()
            for one in callers:
                one.cancel()

    async def _caller(self, customer: str, request: bytes, answers: int, enough: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while True:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                self.answers.append((customer, int(head.split(b" ", 2)[1])))
                if len(self.answers) >= answers:
                    enough.set()
        finally:
            writer.close()


def _flooded(bench: Bench, calls: int) -> Iterator[Result]:
    provider = Helping("bench.provider", bench.cores.load)
    served = Served(bench.folder / "accounts", bench.cores.server, 0)
    try:
        made = []
        for bundle in opened(served, provider, _ENVIRONMENTS):
            job = Job(
                port=served.port,
                requests=[bundle.stripe("POST", "/v1/customers", CUSTOMER)],
                seconds=30,
                connections=1,
                once=True,
                collect=True,
            )
            ids = bench.load.run(job).ids
            if not ids:
                raise Failed(f"{bundle.name}: no customer was made")
            made.append((ids[0], bundle.stripe("GET", f"/v1/customers/{ids[0]}")))
        bearing(served, provider, {"rate": _RATE, "concurrency": _CONCURRENCY})
        provider.ask(f"/_limit/{_RATE}")
        flood = _Flood(served.port, made)
        begun = time.monotonic()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(flood.run(_RATE + calls))
        took = time.monotonic() - begun
        yield from _judged(flood, provider.ask("/_seen")["seen"], calls, took)
    finally:
        served.close()
        provider.close()


def _judged(flood: _Flood, seen: Sequence[tuple[str, int]], calls: int, took: float) -> Iterator[Result]:
    name = f"{_ENVIRONMENTS} environments flood an account of {_RATE} calls/s"
    statuses = Counter(status for _, status in flood.answers)
    if statuses.keys() - {200, 429}:
        raise Failed(f"{name}: {dict(statuses)}")
    yield Result(
        name=f"{name}: 429s that reached one",
        unit="calls",
        ours=statuses[429],
        target=0,
        want="at most",
        note=f"of {len(flood.answers)}",
        details={"answers": len(flood.answers)},
    )
    yield Result(
        name=f"{name}: 429s of the provider",
        unit="calls",
        ours=sum(status == 429 for _, status in seen),
        target=0,
        want="at most",
        note=f"of {len(seen)}, judged by fixed and by sliding seconds",
        details={"calls": len(seen)},
    )
    # An idle account gives its first second to whom comes first; the shares are those of the time when all wait.
    shares = Counter(customer for customer, status in flood.answers[_RATE : _RATE + calls] if status == 200)
    served = [shares[customer] for customer, _ in flood.calls]
    yield Result(
        name=f"{name}: (most - least) / mean",
        unit="",
        ours=(max(served) - min(served)) / (sum(served) / _ENVIRONMENTS),
        target=0.2,
        want="at most",
        note=f"{min(served)} to {max(served)} answers each, {len(flood.answers) / took:.1f}/s in all",
        details={"shares": served, "callers": [_callers(number) for number in range(_ENVIRONMENTS)]},
    )


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
    yield from _flooded(bench, _WHOLE if bench.size.rounds == 1 else 4 * _WHOLE)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner.run(_idle(bench.size.calls * 10))
