"""The way to a real provider: a small read against a bare pass-through proxy, big objects, and their memory.

The provider is ``bench.provider``, on the load's core; the proxies take turns on the server's.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bench.load import Job
from bench.results import Result
from bench.servers import Served, pinned, wait_for
from bench.windows import Side, alternate, moved, note, ratio
from bench.wire import CUSTOMER, Bundle, request
from demo.serving import free_port

if TYPE_CHECKING:
    from bench.measure import Bench

#: Of the shape that the drivers take for a test account's.
_STRIPE_KEY = "sk_test_" + "51Bench" * 5
_S3_KEY = '{"key": "AKIABENCHBENCHBENCHA", "secret": "benchbenchbenchbenchbenchbenchbenchbench"}'
#: No limit of the account's where the way is measured, and not the wait.
UNLIMITED = {"rate": 10_000, "concurrency": 1_000}
#: A call waits for its turn as long as it takes.
_PATIENT = {"mode": "sandbox", "sandbox": {"over_rate": "queue", "max_wait": "10m"}}
_POLICY = {"version": 1, "services": {"stripe": _PATIENT, "s3": _PATIENT}}


class Helping:
    """A module of the bench in its own process, on a port of its own."""

    def __init__(self, module: str, core: int | None, *arguments: str) -> None:
        self.port = free_port()
        with pinned(core):
            self.process = subprocess.Popen([sys.executable, "-m", module, str(self.port), *arguments])
        wait_for(self.port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str) -> Any:
        """The JSON that it answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def bearing(served: Served, provider: Helping, limits: Mapping[str, float]) -> None:
    """Accounts of Stripe and S3 at the provider that bear so much; those that are there already are changed."""
    for name, secret in (("stripe", _STRIPE_KEY), ("s3", _S3_KEY)):
        account = {"service": name, "secret": {"value": secret}, "endpoint": provider.url, **limits}
        served.broker.control("PUT", f"accounts/{name}", account)


def opened(served: Served, provider: Helping, environments: int) -> Sequence[Bundle]:
    """Environments of this server whose Stripe and S3 are real accounts at the provider."""
    bearing(served, provider, UNLIMITED)
    names = [f"real-{number}" for number in range(1, environments + 1)]
    return [Bundle(served.broker.control("PUT", f"environments/{name}", {"policy": _POLICY})) for name in names]


def proxied(bench: Bench) -> Iterator[Result]:
    """See the module."""
    provider = Helping("bench.provider", bench.cores.load)
    bare = Helping("bench.passthrough", bench.cores.server, provider.url)
    try:
        (bundle,) = opened(bench.served, provider, 1)
        yield _read(bench, bundle, bare)
        yield _written(bench, bundle, bare)
    finally:
        bare.close()
        provider.close()
    yield from _objects(bench)


def _read(bench: Bench, bundle: Bundle, bare: Helping) -> Result:
    made = bench.collect([bundle.stripe("POST", "/v1/customers", CUSTOMER)], 1)[0]
    get = bundle.stripe("GET", f"/v1/customers/{made}")
    return _compared(bench, "proxied GET of 1 KB", get, f"/v1/customers/{made}", bare, 0.6)


def _written(bench: Bench, bundle: Bundle, bare: Helping) -> Result:
    """With a line of the ledger on the disk before each, and its end after."""
    post = bundle.stripe("POST", "/v1/customers", CUSTOMER)
    return _compared(bench, "proxied POST", post, "/v1/customers", bare, None)


def _compared(bench: Bench, name: str, ours: bytes, path: str, bare: Helping, target: float | None) -> Result:
    assert bench.served.broker.process
    head, _, rest = ours.partition(b" HTTP/1.1")
    # The same bytes but for the path, which the bare proxy sends on as it is.
    plain = head.split(b" ")[0] + b" " + path.encode() + b" HTTP/1.1" + rest
    first, second = alternate(
        bench.load,
        bench.size,
        [
            Side(bench.served.broker.process.pid, bench.served.port, lambda: [ours]),
            Side(bare.process.pid, bare.port, lambda: [plain]),
        ],
    )
    return Result(
        name=name,
        unit="/s",
        ours=first.rate,
        bare=second.rate,
        ratio=ratio(first, second),
        figure="ratio",
        target=target,
        note=note(first, second),
        details={"cpu_us": first.cpu, "bare_cpu_us": second.cpu, "throughput_ratio": first.rate / second.rate},
    )


def _objects(bench: Bench) -> Iterator[Result]:
    """A big object up and down through the proxy; nothing is pinned here."""
    size = bench.size.megabytes * 2**20
    provider = Helping("bench.provider", None)
    bare = Helping("bench.passthrough", None, provider.url)
    served = Served(bench.folder / "proxied", None, 0)
    try:
        (bundle,) = opened(served, provider, 1)
        calls = [bundle.s3("PUT", "/bench"), bundle.s3("GET", "/bench/1024")]
        bench.load.run(Job(port=served.port, requests=calls, seconds=30, connections=1, once=True))
        length = {"Content-Length": str(size)}
        floor = request("PUT", "/bench/x", {"Host": "x"})[:-4].split(b"\r\nContent-Length")[0]
        up = floor + f"\r\nContent-Length: {size}\r\n\r\n".encode()
        down = request("GET", f"/bench/{size}", {"Host": "x"})
        put = bundle.s3("PUT", "/bench/big", None, length)
        yield from moved(bench.load, bench.size, served, bare.port, "proxied S3 PUT", put, up, up=True)
        get = bundle.s3("GET", f"/bench/{size}")
        yield from moved(bench.load, bench.size, served, bare.port, "proxied S3 GET", get, down, up=False)
    finally:
        served.close()
        bare.close()
        provider.close()
