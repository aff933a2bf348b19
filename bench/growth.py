"""What a stored object costs in memory: none of them should stay there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.results import Result
from bench.servers import Served
from bench.wire import CUSTOMER

if TYPE_CHECKING:
    from bench.measure import Bench

#: Bytes.
_PROMISE = 1024
#: How many of a size's calls each side of the measure makes: caches are full before the first look.
_BEFORE, _MEANWHILE = 4, 10


def _at_rest(served: Served) -> float:
    """Resident MiB once the journal is written."""
    time.sleep(1)
    return served.resident()


def growth(bench: Bench) -> Iterator[Result]:
    """Resident memory before and after many customers were made, each with its event and its idempotency key."""
    served = Served(bench.folder / "growth", bench.cores.server, 1)
    try:
        create = served.bundles[0].stripe("POST", "/v1/customers", CUSTOMER)
        bench.collect([create], _BEFORE * bench.size.calls, served.port)
        before = _at_rest(served)
        made = _MEANWHILE * bench.size.calls
        bench.collect([create], made, served.port)
        grown = _at_rest(served) - before
    finally:
        served.close()
    yield Result(
        name="resident memory for a stored object",
        unit="B",
        ours=grown * 2**20 / made,
        target=_PROMISE,
        want="at most",
        note=f"{grown:.1f} MiB for {made:,} customers",
        details={"objects": made, "grown_mib": grown},
    )
