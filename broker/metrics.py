"""Counts what the gateway answers, cheaply, and writes it down for Prometheus when it is asked.

The hot path touches plain integers; prometheus-client is imported at the first scrape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: Upper bounds in seconds.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

#: Label values to a number; the reader of a gauge.
Gauge = Callable[[], Mapping[tuple[str, ...], float]]


class Metrics:
    """Counters and gauges of one server process."""

    def __init__(self) -> None:
        # (service, mode, status) -> [seconds in total, count up to each bucket's bound..., the rest]
        self._exchanges: dict[tuple[str, str, int], list[float]] = {}
        self._incidents: dict[tuple[str, str], int] = {}
        self._violations: dict[tuple[str, str], int] = {}
        self._gauges: dict[str, tuple[str, tuple[str, ...], Gauge]] = {}

    def exchange(self, service: str, mode: str, status: int, seconds: float) -> None:
        """One answer of the gateway."""
        key = (service, mode, status)
        series = self._exchanges.get(key)
        if series is None:
            series = self._exchanges[key] = [0.0] * (len(BUCKETS) + 2)
        series[0] += seconds
        series[1 + bisect_left(BUCKETS, seconds)] += 1

    def violation(self, service: str, side: str) -> None:
        """One broken promise of a contract, by the caller (``request``) or by us (``response``)."""
        self._violations[service, side] = self._violations.get((service, side), 0) + 1

    def incident(self, service: str, kind: str) -> None:
        """One attempt to cross a wall."""
        self._incidents[service, kind] = self._incidents.get((service, kind), 0) + 1

    def gauge(self, name: str, about: str, labels: tuple[str, ...], read: Gauge) -> None:
        """A value that is read at each scrape; ``name`` goes without the prefix ``broker_``."""
        self._gauges[name] = (about, labels, read)

    def collect(self) -> Iterator[Any]:
        """prometheus-client's Collector protocol."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        seconds = HistogramMetricFamily(
            "broker_exchange_seconds", "Time from request to answer.", labels=("service", "mode", "status")
        )
        for (service, mode, status), (total, *counts) in sorted(self._exchanges.items()):
            cumulated, buckets = 0.0, []
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                cumulated += count
                buckets.append((bound, cumulated))
            seconds.add_metric((service, mode, str(status)), buckets, total)
        yield seconds
        incidents = CounterMetricFamily(
            "broker_incidents", "Attempts to cross a wall between environments.", labels=("service", "kind")
        )
        for crossing, number in sorted(self._incidents.items()):
            incidents.add_metric(crossing, number)
        yield incidents
        violations = CounterMetricFamily(
            "broker_violations", "Promises of a contract that a request or a reply broke.", labels=("service", "side")
        )
        for labels, number in sorted(self._violations.items()):
            violations.add_metric(labels, number)
        yield violations
        for name, (about, labels, read) in self._gauges.items():
            family = GaugeMetricFamily(f"broker_{name}", about, labels=labels)
            for values, value in sorted(read().items()):
                family.add_metric(values, value)
            yield family

    def render(self) -> bytes:
        """Prometheus' text format, version 0.0.4, with the process's own figures."""
        from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        registry.register(self)
        return generate_latest(registry)
