"""Charts as numbers: bars stand on each other, lines break where nothing was."""

from __future__ import annotations

from typing import Any

from broker.dashboard import charts


def step(minute: int, exchanges: int = 0, client: int = 0, server: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "at": f"2026-03-01T12:{minute:02}:00.000000Z",
        "exchanges": exchanges,
        "client_errors": client,
        "server_errors": server,
        "violated": 0,
        "p50_ms": None,
        "p95_ms": None,
        **more,
    }


def traffic(*steps: dict[str, Any]) -> dict[str, Any]:
    total = step(0, *(sum(each[name] for each in steps) for name in ("exchanges", "client_errors", "server_errors")))
    return {"steps": list(steps), "total": {**total, "p50_ms": 4.0}}


def test_bars_stand_on_each_other() -> None:
    exchanges, errors, _ = charts.of_traffic(traffic(step(0, 10, 4, 1), step(1), step(2, 5)))
    assert [(bar.kind, bar.y, bar.height) for bar in exchanges.bars] == [
        ("all", 60, 60),
        ("client", 12, 48),
        ("server", 0, 12),
        ("all", 60, 60),
    ]
    assert (exchanges.top, exchanges.note, errors.note) == ("10", "15 in all", "5, 33.3 %")
    assert exchanges.bars[0].title == "12:00:00 UTC: 5 Fine"
    assert exchanges.begin == "12:00 UTC"
    assert exchanges.value(exchanges.rows[0], exchanges.series[1]) == "4"


def test_lines_break_where_nothing_was() -> None:
    steps = [
        step(0, 1, p50_ms=5.0, p95_ms=10.0),
        step(1, 1, p50_ms=10.0, p95_ms=20.0),
        step(2),
        step(3, 1, p50_ms=20.0),
    ]
    *_, durations = charts.of_traffic(traffic(*steps))
    assert durations.lines == [
        ("all", "0.0,90.0 200.0,60.0"),
        ("all", "600.0,0.0 604.0,0.0"),
        ("client", "0.0,60.0 200.0,0.0"),
    ]
    assert durations.value(steps[0], durations.series[0]) == "5.0 ms"
    assert durations.value(steps[2], durations.series[0]) == "-"


def test_nothing_is_drawn_where_nothing_was() -> None:
    for chart in charts.of_traffic(traffic(step(0), step(1))):
        assert not chart.bars
        assert not chart.lines
