"""Windows of load on two sides in turn, A B A B, and what the sides used of the machine meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import psutil

from bench.load import Generator, Job, Outcome, Transfer
from bench.results import Result
from bench.servers import Served


@dataclass(frozen=True, kw_only=True)
class Size:
    """How long and how much: the full bench, or a reduced one that only shows that it works."""

    rounds: int
    seconds: float
    environments: int
    megabytes: int
    starts: int
    calls: int
    #: Of the bucket that is emptied.
    keys: int


FULL = Size(rounds=5, seconds=1.5, environments=1000, megabytes=256, starts=3, calls=2000, keys=1_000_000)
QUICK = Size(rounds=1, seconds=0.3, environments=20, megabytes=8, starts=1, calls=200, keys=20_000)


class Failed(RuntimeError):
    """The broker answered something else than the bench asked for: figures would mean nothing."""


def send(load: Generator, port: int, calls: Sequence[bytes], connections: int = 1) -> None:
    """Each of the calls once. Raises Failed where one is not answered with success."""
    outcome = load.run(Job(port=port, requests=calls, seconds=120, connections=connections, once=True))
    if outcome.failed or outcome.requests != len(calls):
        raise Failed(f"{calls[0].split(b' HTTP', 1)[0].decode()} and what follows: {outcome.statuses}")


@dataclass(frozen=True)
class Side:
    """One side of a comparison. ``requests`` makes those of a window; with ``once`` each is sent once at most. Of a
    ``rival`` a few failures count as answers: they are not ours to mend."""

    pid: int
    port: int
    requests: Callable[[], Sequence[bytes]]
    once: bool = False
    rival: bool = False


@dataclass(frozen=True)
class Seen:
    """The windows of one side: answers a second, and the server's CPU time for an answer in microseconds."""

    rate: float
    cpu: float
    busy: float


def alternate(load: Generator, size: Size, sides: Sequence[Side]) -> list[Seen]:
    """Windows of the sides in turn, the first round thrown away; medians."""
    seen: list[list[tuple[Outcome, float]]] = [[] for _ in sides]
    for turn in range(size.rounds + 1):
        for side, found in zip(sides, seen, strict=True):
            requests = side.requests()
            process = psutil.Process(side.pid)
            before = process.cpu_times()
            outcome = load.run(
                Job(port=side.port, requests=requests, seconds=size.seconds if turn else 0.2, once=side.once)
            )
            after = process.cpu_times()
            if outcome.failed > (outcome.requests // 20 if side.rival else 0):
                raise Failed(f"{requests[0].split(b' HTTP', 1)[0].decode()}: {outcome.statuses}")
            used = after.user + after.system - before.user - before.system
            if turn:
                found.append((outcome, used / max(1, outcome.requests) * 1e6))
    return [
        Seen(
            median(outcome.rate for outcome, _ in found),
            median(cpu for _, cpu in found),
            max(outcome.busy for outcome, _ in found),
        )
        for found in seen
    ]


#: Share of its core above which a process is what sets the rate.
_SATURATED = 0.9


def limited(bare: Seen) -> bool:
    """Whether something else than the bare app set its rate: the load generator, or what shares its core."""
    return bare.busy > _SATURATED or bare.rate * bare.cpu < _SATURATED * 1e6


def ratio(ours: Seen, bare: Seen) -> float:
    """Throughput over throughput. Where the bare app was not brought to its limit, that would flatter us: then what a
    call costs the two processes is compared."""
    return bare.cpu / ours.cpu if limited(bare) else ours.rate / bare.rate


def note(ours: Seen, bare: Seen) -> str:
    text = f"CPU {ours.cpu:.0f} µs, bare {bare.cpu:.0f} µs"
    return text + (", which the ratio is of: the load was the limit" if limited(bare) else "")


@contextmanager
def peak_of(served: Served) -> Iterator[list[float]]:
    """The server's resident memory above what it has now, in MiB: the highest of samples every 10 ms."""
    before = served.resident()
    peak = [0.0]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.01):
            peak[0] = max(peak[0], served.resident() - before)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        stop.set()
        watching.join()
        peak[0] = max(peak[0], served.resident() - before)


def moved(
    load: Generator,
    size: Size,
    served: Served,
    bare_port: int,
    name: str,
    ours: bytes,
    floor: bytes,
    *,
    up: bool,
    target: float | None = None,
) -> Iterator[Result]:
    """One big body of ``size.megabytes``, up or down, on both sides in turn: the rate over the bare app's, and the
    server's extra memory."""
    length = size.megabytes * 2**20
    times: list[float] = []
    floors: list[float] = []
    peaks: list[float] = []
    for _ in range(size.starts):
        times.append(load.transfer(Transfer(port=served.port, head=ours, size=length, up=up)))
        floors.append(load.transfer(Transfer(port=bare_port, head=floor, size=length, up=up)))
        # Apart: who looks takes a part of the machine.
        with peak_of(served) as peak:
            load.transfer(Transfer(port=served.port, head=ours, size=length, up=up))
        peaks.append(peak[0])
    first, second = size.megabytes / median(times), size.megabytes / median(floors)
    yield Result(
        name=f"{name}, {size.megabytes} MiB",
        unit="MiB/s",
        ours=first,
        bare=second,
        ratio=first / second,
        figure="ratio",
        target=target,
    )
    yield Result(
        name=f"{name}, {size.megabytes} MiB: extra memory",
        unit="MiB",
        ours=max(peaks),
        target=40,
        want="at most",
    )
