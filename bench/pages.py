"""The dashboard's pages of an environment that has a long journal: how long each takes, as a reader waits for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING

import httpx

from bench.results import Result
from bench.servers import Served
from bench.windows import Failed
from bench.wire import CUSTOMER

if TYPE_CHECKING:
    from bench.measure import Bench

#: How many of a size's calls the journal holds, and how often each page is asked for.
_MANY, _TIMES = 50, 15
#: Milliseconds.
_PROMISE = 100
_HOME = "/_broker/ui"
_ENVIRONMENT = f"{_HOME}/environments/pr-1"


def pages(bench: Bench) -> Iterator[Result]:
    """The slowest of the pages, by the median of each, after its first time."""
    many = _MANY * bench.size.calls
    served = Served(
        bench.folder / "pages",
        bench.cores.server,
        1,
        BROKER_JOURNAL_EXCHANGES=str(many * 2),
        BROKER_JOURNAL_MIB="2000",
    )
    try:
        one = served.bundles[0]
        (customer,) = bench.collect([one.stripe("POST", "/v1/customers", CUSTOMER)], 1, served.port)
        bench.collect([one.stripe("GET", f"/v1/customers/{customer}")], many, served.port)
        newest = served.broker.control("GET", "environments/pr-1/exchanges?limit=1")["items"][0]["id"]
        with httpx.Client(base_url=served.broker.url, headers={"origin": served.broker.url}, timeout=60) as client:
            _log_in(client, served)
            times = {path: _time(client, path) for path in (*_PATHS, f"{_ENVIRONMENT}/traffic/{newest}")}
    finally:
        served.close()
    slowest = max(times, key=lambda path: times[path])
    yield Result(
        name=f"dashboard: slowest page at {many:,} exchanges",
        unit="ms",
        ours=times[slowest],
        target=_PROMISE,
        want="at most",
        note=slowest.removeprefix(_HOME),
        details={path.removeprefix(_HOME): round(spent, 2) for path, spent in times.items()},
    )


#: A filter that nothing fits is the worst case of a search.
_PATHS = (
    f"{_HOME}/",
    _ENVIRONMENT,
    f"{_ENVIRONMENT}?window=24h",
    f"{_ENVIRONMENT}/traffic",
    f"{_ENVIRONMENT}/traffic?status=5xx",
    f"{_ENVIRONMENT}/traffic?text=nowhere-to-be-found",
    f"{_ENVIRONMENT}/incidents",
    f"{_ENVIRONMENT}/events",
    f"{_ENVIRONMENT}/deliveries",
    f"{_ENVIRONMENT}/mails",
    f"{_ENVIRONMENT}/holdings",
    f"{_ENVIRONMENT}/policy",
    f"{_ENVIRONMENT}/life",
)


def _log_in(client: httpx.Client, served: Served) -> None:
    answer = client.post(f"{_HOME}/login", data={"token": served.broker.token})
    if answer.status_code != 303:
        raise Failed(f"the dashboard does not let in: {answer.status_code}")


def _time(client: httpx.Client, path: str) -> float:
    """Milliseconds until the whole page is there. Its first time is not counted: its template is compiled then."""
    spent = []
    for _ in range(_TIMES + 1):
        begun = time.perf_counter()
        answer = client.get(path)
        spent.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise Failed(f"{path}: {answer.status_code}")
    return median(spent[1:])
