"""What Prometheus reads: counters and gauges whose figures others keep, written down when it asks.

The hot path counts in plain dicts of its own; prometheus-client is imported at the first scrape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: Label values to a figure; a single text, or nothing, counts as its own tuple.
Figures = Callable[[], Mapping[Any, float]]


class Metrics:
    """The figures of one server process."""

    def __init__(self) -> None:
        self._counters: dict[str, tuple[str, tuple[str, ...], Figures]] = {}
        self._gauges: dict[str, tuple[str, tuple[str, ...], Figures]] = {}

    def counter(self, name: str, about: str, labels: tuple[str, ...], read: Figures) -> None:
        """Only ever grows. ``read`` maps label values to figures: a tuple of values, or the one value itself.
        ``name`` goes without the prefix ``broker_`` and the suffix ``_total``."""
        self._counters[name] = (about, labels, read)

    def gauge(self, name: str, about: str, labels: tuple[str, ...], read: Figures) -> None:
        """Goes up and down; without labels ``read`` answers ``{(): figure}``."""
        self._gauges[name] = (about, labels, read)

    def collect(self) -> Iterator[Any]:
        """prometheus-client's Collector protocol."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for families, known in ((CounterMetricFamily, self._counters), (GaugeMetricFamily, self._gauges)):
            for name, (about, labels, read) in known.items():
                family = families(f"broker_{name}", about, labels=labels)
                for values, figure in read().items():
                    several = values if isinstance(values, tuple) else (values,)
                    family.add_metric([str(value) for value in several], figure)
                yield family

    def render(self) -> bytes:
        """Prometheus' text format, version 0.0.4, with the process's own figures."""
        from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        registry.register(self)
        return generate_latest(registry)
