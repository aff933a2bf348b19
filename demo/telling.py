"""How the demo tells its story on a terminal, and what it expected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from demo.crossings import Crossing


class Teller:
    """Prints each chapter. ``expect`` notes what did not come true; ``ended`` sums it up."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.held = 0
        self.failed: list[str] = []

    def expect(self, truth: bool, what: str) -> None:
        """One expectation of the demo."""
        if truth:
            self.held += 1
        else:
            self.failed.append(what)
            self.console.print(f"[bold red]did not hold:[/] {escape(what)}")

    def started(self, url: str, seconds: float) -> None:
        """The server is up."""
        self.console.print(f"[bold]preview-broker[/] on {url}, ready after {seconds:.2f} s")

    def opened(self, bundles: Mapping[str, Any]) -> None:
        """What each environment was given, with the secrets cut."""
        panels = []
        for name, bundle in bundles.items():
            lines = [f"[dim]{key}[/]={escape(_cut(key, value))}" for key, value in bundle["variables"].items()]
            panels.append(Panel("\n".join(lines), title=f"broker env open {name}", title_align="left"))
        self.console.print(Columns(panels, equal=True, expand=True))

    def side_by_side(self, seen: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """What the SDKs saw, a column for each environment."""
        found = Table(title="What each environment sees through the official SDKs", title_justify="left", expand=True)
        found.add_column("", style="dim", ratio=2)
        for name in seen:
            found.add_column(name, ratio=3)
        for row in next(iter(seen.values())):
            found.add_row(row, *(_lines(columns[row]) for columns in seen.values()), end_section=True)
        self.console.print(found)

    def crossings(self, tried: Sequence[Crossing], incidents: Mapping[str, Sequence[Any]]) -> None:
        """What was tried, what the SDK said, and the incidents that are listed now."""
        found = Table(title="Refused", title_justify="left", expand=True)
        found.add_column("attempt", ratio=2)
        found.add_column("what the SDK raised", ratio=4)
        found.add_column("incident", ratio=1, no_wrap=True)
        for one in tried:
            mark = "[green]✓[/]" if one.refused else "[red]✗[/]"
            found.add_row(f"{mark} {one.attempt}", escape(one.said), one.incident)
        self.console.print(found)
        for name, listed in incidents.items():
            kinds = Counter(incident["kind"] for incident in listed)
            told = ", ".join(f"{kind} x {count}" for kind, count in kinds.items())
            self.console.print(f"  [dim]broker incidents {name}:[/] {told}")

    def receipts(self, receipts: Mapping[str, Any]) -> None:
        """What existed, what was deleted, what is left."""
        panels = [
            Panel(escape(_receipt(receipt)), title=f"broker env close {name}", title_align="left")
            for name, receipt in receipts.items()
        ]
        self.console.print(Columns(panels, equal=True, expand=True))

    def ended(self, seconds: float) -> int:
        """The sum; answers the exit code."""
        if self.failed:
            self.console.print(f"[bold red]{len(self.failed)} expectations did not hold[/], {self.held} did")
            return 1
        self.console.print(f"[bold green]All {self.held} expectations held[/], in {seconds:.1f} s.")
        return 0


def _cut(name: str, value: str) -> str:
    return value[:12] + "…" if any(word in name for word in ("KEY", "SECRET")) and len(value) > 16 else value


def _lines(values: Sequence[str]) -> str:
    counted = Counter(values)
    return "\n".join(escape(value) + (f" x {count}" if count > 1 else "") for value, count in counted.items())


def _receipt(receipt: Mapping[str, Any]) -> str:
    return json.dumps({key: receipt[key] for key in ("existed", "deleted", "left") if key in receipt}, indent=1)
