"""Objects here and in moto's server, on the same core with the same requests.

Ours are signed, and verified; moto verifies nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import median
from typing import TYPE_CHECKING

import psutil

from bench.load import Transfer
from bench.results import Result
from bench.servers import pinned, wait_for
from bench.windows import Side, alternate, send
from bench.wire import Bundle
from demo.serving import free_port

if TYPE_CHECKING:
    from bench.measure import Bench

_KEYS = 1000
_UP = 64 * 2**20


class _Moto:
    """Moto's server in a process of its own."""

    def __init__(self, core: int) -> None:
        self.port = free_port()
        with pinned(core):
            self.process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                env={},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        wait_for(self.port, 60)

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def stores(bench: Bench) -> Iterator[Result]:
    """Small and large objects, and a list, as so many times moto's throughput."""
    moto = _Moto(bench.cores.server)
    try:
        other = Bundle.of_store(f"http://127.0.0.1:{moto.port}")
        yield from _compared(bench, moto, other)
    finally:
        moto.close()


def _compared(bench: Bench, moto: _Moto, other: Bundle) -> Iterator[Result]:
    for port, bundle in ((bench.served.port, bench.bundle), (moto.port, other)):
        keys = [bundle.s3("PUT", f"/stored/many/{number:06d}", b"1") for number in range(_KEYS)]
        large = bundle.s3("PUT", "/stored/large", bytes(2**20))
        small = bundle.s3("PUT", "/stored/small", bytes(1024))
        for calls, connections in (([bundle.s3("PUT", "/stored")], 1), (keys, 4), ([large, small], 1)):
            send(bench.load, port, calls, connections)
    for name, make, target in _CASES:
        yield _case(bench, moto, other, name, make, target)
    yield _up(bench, moto, other)


_CASES: tuple[tuple[str, Callable[[Bundle], bytes], float], ...] = (
    ("GET, 1 KiB", lambda one: one.s3("GET", "/stored/small"), 20),
    ("PUT, 1 KiB", lambda one: one.s3("PUT", "/stored/small", bytes(1024)), 8),
    ("list of 1,000 keys", lambda one: one.s3("GET", "/stored?list-type=2&prefix=many%2F"), 30),
    ("GET, 1 MiB", lambda one: one.s3("GET", "/stored/large"), 2),
)


def _case(
    bench: Bench, moto: _Moto, other: Bundle, name: str, make: Callable[[Bundle], bytes], target: float
) -> Result:
    assert bench.served.broker.process
    call, moto_call = make(bench.bundle), make(other)
    ours = Side(bench.served.broker.process.pid, bench.served.port, lambda: [call])
    theirs = Side(moto.process.pid, moto.port, lambda: [moto_call], rival=True)
    first, second = alternate(bench.load, bench.size, [ours, theirs])
    return Result(
        name=f"S3 {name}, times moto",
        unit="/s",
        ours=first.rate,
        bare=second.rate,
        ratio=first.rate / second.rate,
        figure="ratio",
        target=target,
        note="beside moto's server instead of the bare app",
        details={"moto": second.rate, "moto_mib": psutil.Process(moto.process.pid).memory_info().rss / 2**20},
    )


def _up(bench: Bench, moto: _Moto, other: Bundle) -> Result:
    """64 MiB, sent while the server reads: seconds on both sides in turn."""
    length = {"Content-Length": str(_UP)}
    sides = [
        (bench.served.port, bench.bundle.s3("PUT", "/stored/up", None, length)),
        (moto.port, other.s3("PUT", "/stored/up", None, length)),
    ]
    taken: list[list[float]] = [[], []]
    for _ in range(bench.size.rounds):
        for found, (port, head) in zip(taken, sides, strict=True):
            found.append(bench.load.transfer(Transfer(port=port, head=head, size=_UP, up=True)))
    first, second = ((_UP / 2**20) / median(found) for found in taken)
    return Result(
        name="S3 PUT, 64 MiB, times moto",
        unit="MiB/s",
        ours=first,
        bare=second,
        ratio=first / second,
        figure="ratio",
        target=1.2,
        note="beside moto's server instead of the bare app",
    )
