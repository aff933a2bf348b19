"""A bucket of a million keys is emptied by the close of the environment that made it: how much memory that takes.

The provider is ``bench.provider``, whose keys exist only as numbers; the broker asks it for pages and deletes them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.proxied import Helping, opened
from bench.results import Result
from bench.servers import Served
from bench.windows import Failed, peak_of, send
from demo.serving import CommandFailed

if TYPE_CHECKING:
    from bench.measure import Bench

#: Seconds that the close of a million keys may take.
_PATIENCE = 900.0


def purge(bench: Bench) -> Iterator[Result]:
    """See the module."""
    provider = Helping("bench.provider", bench.cores.load)
    served = Served(bench.folder / "purge", bench.cores.server, 0)
    try:
        (bundle,) = opened(served, provider, 1)
        provider.ask(f"/_keys/{bench.size.keys}")
        calls = [bundle.s3("PUT", "/bench"), bundle.s3("GET", "/bench?versions&max-keys=1")]
        send(bench.load, served.port, calls)
        begun = time.perf_counter()
        with peak_of(served) as peak:
            receipt = closed(served, bundle.name)
        took = time.perf_counter() - begun
        left = provider.ask("/_left")
        if left["buckets"] or left["keys"] or receipt["left"] or not receipt["verified"]:
            raise Failed(f"the receipt says {receipt['left']}, and the provider has {left['keys']} keys left")
        yield _result(bench.size.keys, peak[0], took, receipt)
    finally:
        served.close()
        provider.close()


def _result(keys: int, peak: float, took: float, receipt: dict[str, Any]) -> Result:
    return Result(
        name=f"a bucket of {keys:,} keys is emptied: extra memory",
        unit="MiB",
        ours=peak,
        target=100,
        want="at most",
        note=f"{keys / took:,.0f} keys/s, {took:.1f} s until the receipt, nothing left",
        details={"keys_per_second": keys / took, "seconds": took, "external": receipt["external"]},
    )


def closed(served: Served, name: str) -> dict[str, Any]:
    """The receipt of the environment, whose close begins now."""
    try:
        served.broker.control("DELETE", f"environments/{name}?wait=0")
    except CommandFailed as early:
        if " 409" not in str(early):
            raise
    until = time.monotonic() + _PATIENCE
    while True:
        receipt: dict[str, Any] = served.broker.control("GET", f"environments/{name}/receipt")
        if receipt["status"] == "closed":
            return receipt
        if receipt["stuck"] or time.monotonic() > until:
            raise Failed(f"{name} is not closed: {receipt['stuck'] or receipt['left']}")
        time.sleep(0.1)
