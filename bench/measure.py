"""The measurements, each a function that answers results. Windows of both sides alternate: A B A B."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from bench.accounts import accounts
from bench.crowded import crowded
from bench.diffing import diffing
from bench.generic import generic
from bench.growth import growth
from bench.load import Generator, Job, LoadFailed
from bench.million import million
from bench.pages import pages
from bench.passing import passing
from bench.payments import payments
from bench.proxied import proxied
from bench.purge import purge
from bench.results import Result
from bench.servers import Bare, Cores, Served
from bench.stores import stores
from bench.windows import Failed, Side, Size, alternate, moved, note, ratio, send
from bench.wire import CUSTOMER, Bundle, request
from bench.years import years
from demo.serving import CommandFailed


class Bench:
    """One run: a load generator, the bare app and the broker, and what to compare them at."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        self.folder = folder
        self.cores = Cores.of_this_machine()
        self.load = Generator(self.cores.load)
        self.bare = Bare(self.cores.server)
        self.served = Served(folder / "server", self.cores.server)
        self.bundle = self.served.bundles[0]

    def close(self) -> None:
        """End every process of the run."""
        self.load.close()
        self.bare.close()
        self.served.close()

    # Calls

    def collect(self, requests: Sequence[bytes], times: int, port: int | None = None) -> list[str]:
        """Send each of ``requests`` in turn, ``times`` in all; the ids of what they made. To the run's own server, or
        to another one."""
        rounds = -(-times // len(requests))
        outcome = self.load.run(
            Job(
                port=port or self.served.port,
                requests=(list(requests) * rounds)[:times],
                seconds=600,
                connections=8,
                once=True,
                collect=True,
            )
        )
        if outcome.failed or len(outcome.ids) != times:
            raise Failed(f"{requests[0][:60]!r}: {outcome.statuses}")
        return outcome.ids

    def customer(self, bundle: Bundle) -> str:
        """The id of a new customer."""
        return self.collect([bundle.stripe("POST", "/v1/customers", CUSTOMER)], 1)[0]

    # Throughput and latency

    def compare(
        self, name: str, requests: Callable[[], Sequence[bytes]], target: float | None = None
    ) -> tuple[Result, float]:
        """The broker's throughput for these requests over the bare app's for the same bytes; and ours alone."""
        assert self.served.broker.process
        ours = Side(self.served.broker.process.pid, self.served.port, requests)
        bare = Side(self.bare.process.pid, self.bare.port, requests)
        first, second = alternate(self.load, self.size, [ours, bare])
        result = Result(
            name=name,
            unit="/s",
            ours=first.rate,
            bare=second.rate,
            ratio=ratio(first, second),
            figure="ratio",
            target=target,
            note=note(first, second),
            details={
                "cpu_us": first.cpu,
                "bare_cpu_us": second.cpu,
                "generator_busy": max(first.busy, second.busy),
                "throughput_ratio": first.rate / second.rate,
            },
        )
        return result, first.rate

    def half_load(self, name: str, request: bytes, rate: float) -> Result:
        """p99 over p50 while requests come evenly at half of what was reached."""
        outcomes = [
            self.load.run(Job(port=self.served.port, requests=[request], seconds=self.size.seconds * 2, rate=rate / 2))
            for _ in range(self.size.rounds)
        ]
        p50, p99 = median(one.p50 for one in outcomes), median(one.p99 for one in outcomes)
        return Result(
            name=f"{name}, half load: p99 / p50",
            unit="",
            ours=p99 / p50,
            target=5,
            want="at most",
            note=f"p50 {p50:.2f} ms, p99 {p99:.2f} ms at {rate / 2:,.0f}/s",
            details={"p50_ms": p50, "p99_ms": p99, "rate": rate / 2},
        )

    def throughput(self) -> Iterator[Result]:
        """Retrieve, create, S3 and mail against the bare app, then latency at half load."""
        bundle = self.bundle
        retrieve = bundle.stripe("GET", f"/v1/customers/{self.customer(bundle)}")
        create = bundle.stripe("POST", "/v1/customers", CUSTOMER)
        result, reading = self.compare("retrieve a customer", lambda: [retrieve], 0.45)
        yield result
        result, creating = self.compare("create a customer", lambda: [create], 0.17)
        yield result
        send(self.load, self.served.port, [bundle.s3("PUT", "/bench")])
        put = bundle.s3("PUT", "/bench/object", bytes(1024))
        get = bundle.s3("GET", "/bench/object")
        yield self.compare("S3 PUT, 1 KiB", lambda: [put], 0.12)[0]
        yield self.compare("S3 GET, 1 KiB", lambda: [get], 0.30)[0]
        yield self.compare("SendGrid mail/send", lambda: [bundle.sendgrid()], 0.20)[0]
        yield self.half_load("retrieve a customer", retrieve, reading)
        yield self.half_load("create a customer", create, creating)

    # Many environments

    def many(self) -> Iterator[Result]:
        """Throughput of a server with many open environments over one with two, on the same requests' kind."""
        crowded = Served(self.folder / "crowded", self.cores.server, self.size.environments)
        try:
            yield from self._many(crowded)
        finally:
            crowded.close()

    def _many(self, crowded: Served) -> Iterator[Result]:
        assert self.served.broker.process
        assert crowded.broker.process
        few = [one.stripe("GET", f"/v1/customers/{self.customer(one)}") for one in self.served.bundles[:2]]
        ids = self._customers(crowded)
        all_of_them = [one.stripe("GET", f"/v1/customers/{ids[one.name]}") for one in crowded.bundles]
        little = Side(self.served.broker.process.pid, self.served.port, lambda: few)
        for words, requests in (("traffic in two of them", all_of_them[:2]), ("traffic in all of them", all_of_them)):
            much = Side(crowded.broker.process.pid, crowded.port, lambda requests=requests: requests)  # type: ignore[misc]  # the loop's value is bound
            first, second = alternate(self.load, self.size, [much, little])
            yield Result(
                name=f"{len(crowded.bundles):,} open environments, {words}",
                unit="/s",
                ours=first.rate,
                bare=second.rate,
                ratio=first.rate / second.rate,
                figure="ratio",
                target=0.95 if "two" in words else None,
                note=f"vs two; {crowded.resident():.0f} MiB resident",
                details={"environments": len(crowded.bundles), "resident_mib": crowded.resident()},
            )

    def _customers(self, crowded: Served) -> dict[str, str]:
        requests = [one.stripe("POST", "/v1/customers", CUSTOMER) for one in crowded.bundles]
        found = {}
        for one, create in zip(crowded.bundles, requests, strict=True):
            outcome = self.load.run(
                Job(port=crowded.port, requests=[create], seconds=30, connections=1, once=True, collect=True)
            )
            if not outcome.ids:
                raise Failed(f"{one.name}: {outcome.statuses}")
            found[one.name] = outcome.ids[0]
        return found

    # Start and memory

    def start(self) -> Iterator[Result]:
        """Time to ready on an empty folder, and memory after a call to each service."""
        times, resident = [], []
        for turn in range(self.size.starts):
            served = Served(self.folder / f"start-{turn}", self.cores.server, 1)
            try:
                times.append(served.ready_after)
                self._call_each(served)
                resident.append(served.resident())
            finally:
                served.close()
        yield Result(name="process start to ready", unit="s", ours=median(times), target=1, want="at most")
        yield Result(
            name="resident after a call to each service", unit="MiB", ours=median(resident), target=130, want="at most"
        )

    def _call_each(self, served: Served) -> None:
        one = served.bundles[0]
        calls = [
            one.stripe("POST", "/v1/customers", CUSTOMER),
            one.stripe("GET", "/v1/customers"),
            one.s3("PUT", "/bench"),
            one.s3("PUT", "/bench/object", b"1"),
            one.s3("GET", "/bench/object"),
            one.sendgrid(),
        ]
        send(self.load, served.port, calls)

    # Big bodies

    def streams(self) -> Iterator[Result]:
        """One big object up and down: extra memory, and the rate over the bare app's. Nothing is pinned here."""
        size = self.size.megabytes * 2**20
        bare, served = Bare(None), Served(self.folder / "streams", None, 1)
        try:
            one = served.bundles[0]
            calls = [one.s3("PUT", "/bench"), one.s3("PUT", "/bench/small", b"1")]
            send(self.load, served.port, calls)
            length = {"Content-Length": str(size)}
            up = one.s3("PUT", "/bench/big", None, length)
            down = one.s3("GET", "/bench/big")
            yield from self._stream(served, bare, "PUT", up, request("PUT", "/sink", {"Host": "x", **length})[:-4])
            yield from self._stream(served, bare, "GET", down, request("GET", f"/source/{size}", {"Host": "x"}))
        finally:
            bare.close()
            served.close()

    def _stream(self, served: Served, bare: Bare, name: str, ours: bytes, floor: bytes) -> Iterator[Result]:
        size, up = self.size.megabytes * 2**20, name == "PUT"
        if up:
            floor = f"PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
        yield from moved(self.load, self.size, served, bare.port, f"S3 {name}", ours, floor, up=up, target=0.6)


#: The parts of a run, by the name that ``--only`` takes.
PARTS: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "throughput": Bench.throughput,
    "payments": payments,
    "clock": years,
    "memory": growth,
    "many": Bench.many,
    "start": Bench.start,
    "streams": Bench.streams,
    "stores": stores,
    "accounts": accounts,
    "proxy": proxied,
    "purge": purge,
    "listing": million,
    "crowd": crowded,
    "diffing": diffing,
    "generic": generic,
    "passing": passing,
    "pages": pages,
}


def measure(size: Size, parts: Sequence[str], told: Callable[[str], None]) -> tuple[list[Result], list[str]]:
    """Run the parts; answers results and remarks about what could not be measured."""
    results: list[Result] = []
    remarks: list[str] = []
    with tempfile.TemporaryDirectory(prefix="broker-bench-") as folder:
        begun = time.monotonic()
        bench = Bench(Path(folder), size)
        if bench.cores.server == bench.cores.load:
            remarks.append("one core only: server and load share it, so every rate is lower than it could be")
        try:
            for part in parts:
                told(part)
                try:
                    for result in PARTS[part](bench):
                        results.append(result)
                        told(f"{part}: {result.name}")
                except (Failed, LoadFailed, CommandFailed) as failed:
                    remarks.append(f"{part} was given up: {failed}")
        finally:
            bench.close()
        remarks.append(f"took {time.monotonic() - begun:.0f} s")
    return results, remarks
