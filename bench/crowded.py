"""A hundred uploads at once, again and again: what small calls notice of them."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

from bench.crowd import crowd
from bench.load import Job
from bench.results import Result
from bench.servers import Served
from bench.windows import Failed, peak_of, send

if TYPE_CHECKING:
    from bench.measure import Bench

#: Uploads at a time, of so many bytes; calls at a time meanwhile.
_UPLOADS, _SIZE, _CALLS = 100, 8 << 20, 4


def crowded(bench: Bench) -> Iterator[Result]:
    """The p99 of GETs of 1 KiB while they run over that without them. Nothing is pinned."""
    served = Served(bench.folder / "crowded", None, 1)
    try:
        (one,) = served.bundles
        calls = [one.s3("PUT", "/bench"), one.s3("PUT", "/bench/small", bytes(1024))]
        send(bench.load, served.port, calls)
        get = one.s3("GET", "/bench/small")
        length = {"Content-Length": str(_SIZE)}
        heads = [one.s3("PUT", f"/bench/large-{number}", None, length) for number in range(_UPLOADS)]
        without = _p99(bench, served, get)
        with peak_of(served) as peak, crowd(bench.cores.load, served.port, heads, _SIZE) as uploads:
            beside = _p99(bench, served, get)
        if uploads["failed"]:
            raise Failed(f"uploads: {uploads['failed']}")
    finally:
        served.close()
    yield Result(
        name=f"S3 GET, 1 KiB: p99 beside {_UPLOADS} uploads of 8 MiB / without",
        unit="ms",
        ours=beside,
        bare=without,
        ratio=beside / without,
        figure="ratio",
        target=3,
        want="at most",
        note=f"without them instead of the bare app; {uploads['done']} uploads, {peak[0]:.0f} MiB for them",
        details={"uploads": uploads["done"], "extra_mib": peak[0]},
    )


def _p99(bench: Bench, served: Served, call: bytes) -> float:
    found = []
    for _ in range(bench.size.rounds):
        outcome = bench.load.run(Job(port=served.port, requests=[call], seconds=bench.size.seconds, connections=_CALLS))
        if outcome.failed:
            raise Failed(f"GETs of a small object: {outcome.statuses}")
        found.append(outcome.p99)
    return median(found)
