"""Figures that others keep, in Prometheus' words."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from broker.metrics import Metrics


def test_figures_are_read_at_each_scrape() -> None:
    metrics = Metrics()
    answers = {("alpha", "mock", 200): 3}
    crossings = {"foreign_id": 1}
    metrics.counter("exchanges", "Answers.", ("service", "mode", "status"), lambda: answers)
    metrics.counter("incidents", "Crossings.", ("kind",), lambda: crossings)
    metrics.gauge("environments", "Open ones.", (), lambda: {(): 2})
    answers["alpha", "mock", 200] += 1
    families = {family.name: family for family in text_string_to_metric_families(metrics.render().decode())}
    exchange = families["broker_exchanges"].samples[0]
    assert (exchange.name, exchange.value) == ("broker_exchanges_total", 4)
    assert exchange.labels == {"service": "alpha", "mode": "mock", "status": "200"}
    assert families["broker_incidents"].samples[0].labels == {"kind": "foreign_id"}
    assert families["broker_environments"].samples[0].value == 2
    assert "process_resident_memory_bytes" in families
