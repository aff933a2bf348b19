"""A test clock goes on by a year over many subscriptions, and other environments go on meanwhile."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import orjson

from bench.load import Job, Outcome
from bench.results import Result
from bench.windows import Failed
from bench.wire import CUSTOMER, Bundle

if TYPE_CHECKING:
    from bench.measure import Bench

#: Seconds, and times the p99 of an environment while nothing else runs.
_PROMISE, _DISTURBED = 10.0, 2.0
_SUBSCRIPTIONS = 100
#: 2026-03-01 12:00 UTC, and a year in seconds.
_START, _YEAR = 1_772_366_400, 366 * 86_400
#: Windows of a second, and calls a second in them: a fifth of what one core serves.
_WINDOW, _RATE = 1.0, 2000.0
_WINDOWS = 5


def years(bench: Bench) -> Iterator[Result]:
    """The advance alone, then another one with calls of a second environment beside it."""
    first, second = bench.bundle, bench.served.bundles[1]
    alone = _Advance(bench, first)
    alone.run()
    yield Result(
        name=f"a year over {alone.subscriptions} monthly subscriptions",
        unit="s",
        ours=alone.seconds,
        target=_PROMISE,
        want="at most",
        note=f"{alone.invoices} invoices",
        details={"invoices": alone.invoices},
    )
    retrieve = second.stripe("GET", f"/v1/customers/{bench.customer(second)}")
    job = Job(port=bench.served.port, requests=[retrieve], seconds=_WINDOW, rate=_RATE)
    beside = _Advance(bench, first)
    quiet = [bench.load.run(job) for _ in range(_WINDOWS)]
    running = threading.Thread(target=beside.run)
    running.start()
    busy: list[Outcome] = []
    while running.is_alive():
        outcome = bench.load.run(job)
        if running.is_alive() or not busy:
            busy.append(outcome)
    running.join()
    if any(one.failed for one in (*quiet, *busy)) or not beside.invoices:
        raise Failed("calls beside an advance were refused, or the advance was")
    before, during = median(one.p99 for one in quiet), median(one.p99 for one in busy)
    yield Result(
        name="another environment's p99 meanwhile / without",
        unit="",
        ours=during / before,
        target=_DISTURBED,
        want="at most",
        note=f"{during:.2f} ms, {before:.2f} ms at {_RATE:,.0f}/s; the year took {beside.seconds:.1f} s",
        details={"p99_ms": during, "quiet_p99_ms": before, "p50_ms": median(one.p50 for one in busy)},
    )


class _Advance:
    """A clock of its own with its subscriptions; ``run`` moves it."""

    def __init__(self, bench: Bench, bundle: Bundle) -> None:
        self._port, self._bundle = bench.served.port, bundle
        self.subscriptions = min(_SUBSCRIPTIONS, bench.size.calls // 20)
        self.seconds = 0.0
        self.invoices = 0
        clock = self._call("POST", "/v1/test_helpers/test_clocks", {"frozen_time": str(_START)})
        self._clock: str = clock["id"]
        monthly = {
            "currency": "usd",
            "unit_amount": "2000",
            "recurring[interval]": "month",
            "product_data[name]": "Tea",
        }
        self._price: str = self._call("POST", "/v1/prices", monthly)["id"]
        self._last = ""
        for _ in range(self.subscriptions):
            self._last = self._subscribed()

    def _subscribed(self) -> str:
        customer = self._call("POST", "/v1/customers", {**CUSTOMER, "test_clock": self._clock})["id"]
        method = self._call("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": customer})["id"]
        form = {"customer": customer, "items[0][price]": self._price, "default_payment_method": method}
        made: str = self._call("POST", "/v1/subscriptions", form)["id"]
        return made

    def run(self) -> None:
        """Until the clock is ready again."""
        begun = time.perf_counter()
        path = f"/v1/test_helpers/test_clocks/{self._clock}"
        self._call("POST", f"{path}/advance", {"frozen_time": str(_START + _YEAR)})
        while self._call("GET", path)["status"] != "ready":
            time.sleep(0.05)
        self.seconds = time.perf_counter() - begun
        found = self._call("GET", f"/v1/invoices?subscription={self._last}&limit=100")
        self.invoices = self.subscriptions * len(found["data"])

    def _call(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Any:
        base = urlsplit(self._bundle.variables["STRIPE_API_BASE"])
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            headers = {"Host": base.netloc, "Authorization": f"Bearer {self._bundle.variables['STRIPE_API_KEY']}"}
            if form is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, base.path + path, urlencode(form) if form is not None else None, headers)
            answer = connection.getresponse()
            body = orjson.loads(answer.read())
            if answer.status != 200:
                raise Failed(f"{method} {path}: {body}")
            return body
        finally:
            connection.close()
