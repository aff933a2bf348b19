"""What the bench found, beside what was promised: a table for people, JSON for machines."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Result:
    """One figure. ``ratio`` compares with the bare app where there is one; ``target`` is the promise about
    ``figure``, to be reached (``at least``) or not exceeded (``at most``)."""

    name: str
    unit: str
    ours: float
    bare: float | None = None
    ratio: float | None = None
    figure: Literal["ours", "ratio"] = "ours"
    target: float | None = None
    want: Literal["at least", "at most"] = "at least"
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """Whether the promise is kept; None without one."""
        value = self.ours if self.figure == "ours" else self.ratio
        if self.target is None or value is None:
            return None
        return value >= self.target if self.want == "at least" else value <= self.target


def document(results: Sequence[Result], stages: Sequence[Any], remarks: Sequence[str]) -> dict[str, Any]:
    """The run as JSON."""
    return {
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "results": [{**asdict(one), "holds": one.holds} for one in results],
        "stages": list(stages),
        "remarks": list(remarks),
    }


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 100 else f"{value:.3g}"


def table(console: Console, results: Sequence[Result]) -> None:
    """The figures with their promises."""
    found = Table(title="The broker against a bare app on the same server", title_justify="left", box=box.SIMPLE_HEAD)
    found.add_column("measure")
    for name in ("broker", "bare", "ratio", "promise"):
        found.add_column(name, justify="right")
    found.add_column("")
    for one in results:
        promise = ""
        if one.target is not None:
            sign = "≥" if one.want == "at least" else "≤"
            promise = f"{sign} {_number(one.target)}" + (f" {one.unit}" if one.figure == "ours" else "")
        verdict = {None: "", True: "[green]holds[/]", False: "[red]missed[/]"}[one.holds]
        found.add_row(
            one.name + (f" [dim]{one.note}[/]" if one.note else ""),
            f"{_number(one.ours)} {one.unit}",
            f"{_number(one.bare)} {one.unit}" if one.bare is not None else "",
            f"{one.ratio:.2f}" if one.ratio is not None else "",
            promise,
            verdict,
        )
    console.print(found)


def stage_table(console: Console, stages: Sequence[dict[str, Any]]) -> None:
    """Where the time of one call goes: microseconds and share by stage, a column for each kind of call."""
    if not stages:
        return
    found = Table(title="Where the time goes (in-process, µs a call)", title_justify="left", box=box.SIMPLE_HEAD)
    found.add_column("stage")
    for one in stages:
        found.add_column(one["name"], justify="right")
    rows = list(dict.fromkeys(name for one in stages for name in one["stages"]))
    for row in rows:
        cells = []
        for one in stages:
            spent = one["stages"].get(row, 0.0)
            cells.append(f"{spent:.1f}  {100 * spent / one['total']:3.0f} %" if spent else "")
        found.add_row(row, *cells)
    found.add_row("[bold]total[/]", *(f"[bold]{one['total']:.1f}[/]" for one in stages))
    console.print(found)
