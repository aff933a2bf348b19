"""Charts of traffic as numbers for SVG: stacked bars and lines in a box of fixed width and height."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broker.dashboard.rendering import milliseconds, moment

#: The box, in units of its own; the page stretches it.
WIDTH = 600
HEIGHT = 120

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """What is shown of each step: the member's name there, what it is called, and its class in the style sheet."""

    member: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(slots=True)
class Chart:
    """``top`` is the value at the upper edge; ``lines`` are points of polylines with their class."""

    title: str
    series: Sequence[Series]
    note: str
    top: str
    begin: str
    rows: Sequence[Step]
    bars: list[Bar] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    durations: bool = False

    def value(self, step: Step, series: Series) -> str:
        """Of the table that says the same."""
        given = step[series.member]
        return milliseconds(given) if self.durations else str(given)


#: Answers that were no errors are what is left of all of them.
_FINE = Series("fine", "Fine", "all")
_CLIENT = Series("client_errors", "4xx", "client")
_SERVER = Series("server_errors", "5xx", "server")
_VIOLATED = Series("violated", "Broke the contract", "violated")
_HALF = Series("p50_ms", "Half are faster", "all")
_MOST = Series("p95_ms", "95 % are faster", "client")


def of_traffic(traffic: Mapping[str, Any]) -> Sequence[Chart]:
    """The three charts of what the control API tells about a window."""
    steps = [
        {**step, "fine": step["exchanges"] - step["client_errors"] - step["server_errors"]} for step in traffic["steps"]
    ]
    total = traffic["total"]
    errors = total["client_errors"] + total["server_errors"]
    share = f", {100 * errors / total['exchanges']:.1f} %" if total["exchanges"] else ""
    return [
        _bars("Exchanges", (_FINE, _CLIENT, _SERVER), steps, f"{total['exchanges']} in all"),
        _bars("Errors", (_CLIENT, _SERVER, _VIOLATED), steps, f"{errors}{share}"),
        _lines("Duration", (_HALF, _MOST), steps, f"median {milliseconds(total['p50_ms'])}"),
    ]


def _bars(title: str, series: Sequence[Series], steps: Sequence[Step], note: str) -> Chart:
    top = max((sum(step[each.member] for each in series) for step in steps), default=0)
    chart = Chart(title, series, note, str(top), _begin(steps), steps)
    if not top:
        return chart
    width = WIDTH / len(steps)
    for number, step in enumerate(steps):
        below = float(HEIGHT)
        for each in series:
            height = HEIGHT * step[each.member] / top
            if height:
                below -= height
                words = f"{moment(step['at']):%H:%M:%S} UTC: {step[each.member]} {each.label}"
                chart.bars.append(
                    Bar(_near(number * width), _near(below), _near(width * 0.8), _near(height), each.kind, words)
                )
    return chart


def _lines(title: str, series: Sequence[Series], steps: Sequence[Step], note: str) -> Chart:
    top = max((step[each.member] or 0 for each in series for step in steps), default=0)
    chart = Chart(title, series, note, milliseconds(top) if top else "0", _begin(steps), steps, durations=True)
    width = WIDTH / max(len(steps) - 1, 1)
    for each in series:
        run: list[str] = []
        for number, step in enumerate([*steps, {each.member: None}]):
            value = step[each.member]
            if value is not None:
                run.append(f"{_near(number * width)},{_near(HEIGHT - HEIGHT * value / top if top else HEIGHT)}")
            elif run:
                # A single point is drawn as a short line.
                x, _, y = run[0].partition(",")
                chart.lines.append((each.kind, " ".join(run if len(run) > 1 else [run[0], f"{float(x) + 4},{y}"])))
                run = []
    return chart


def _begin(steps: Sequence[Step]) -> str:
    return f"{moment(steps[0]['at']):%H:%M} UTC" if steps else ""


def _near(value: float) -> float:
    return round(value, 2)
