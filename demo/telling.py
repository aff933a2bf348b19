"""How the demo tells its story on a terminal, and what it expected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
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
        found = self._chapter("Opened: what each environment is given")
        found.add_column("", style="dim", no_wrap=True)
        for name in bundles:
            found.add_column(f"broker env open {name}", ratio=1)
        for variable in next(iter(bundles.values()))["variables"]:
            found.add_row(variable, *(_cut(variable, one["variables"][variable]) for one in bundles.values()))
        self.console.print(found)

    def side_by_side(self, seen: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """What the SDKs saw, a column for each environment."""
        found = self._chapter("What each environment sees through the official SDKs")
        found.add_column("", style="dim", no_wrap=True)
        for name in seen:
            found.add_column(name, ratio=1)
        for row in next(iter(seen.values())):
            found.add_row(row, *(_lines(columns[row]) for columns in seen.values()), end_section=True)
        self.console.print(found)

    def crossings(self, tried: Sequence[Crossing], incidents: Mapping[str, Sequence[Any]]) -> None:
        """What was tried, what the SDK said, and the incidents that are listed now."""
        found = self._chapter("Refused, and reported")
        found.add_column("attempt", no_wrap=True)
        found.add_column("what the SDK raised", ratio=1)
        found.add_column("incident", no_wrap=True)
        for one in tried:
            mark = "[green]✓[/]" if one.refused else "[red]✗[/]"
            said = re.sub(r"\*{4,}", "***", one.said)
            found.add_row(f"{mark} {one.attempt}", escape(said), one.incident)
        self.console.print(found)
        for name, listed in incidents.items():
            kinds = Counter(incident["kind"] for incident in listed)
            told = ", ".join(f"{kind} x {count}" for kind, count in kinds.items())
            self.console.print(f"  [dim]broker incidents {name}:[/] {told}")

    def _chapter(self, title: str) -> Table:
        self.console.print()
        return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, expand=True)

    def receipts(self, receipts: Mapping[str, Any]) -> None:
        """What existed, what was deleted, what is left."""
        found = self._chapter("Closed: the receipts")
        found.add_column("", style="dim", no_wrap=True)
        for name in receipts:
            found.add_column(f"broker env close {name}", ratio=1)
        for row, say in _RECEIPT.items():
            found.add_row(row, *(say(receipt) for receipt in receipts.values()))
        self.console.print(found)

    def ended(self, seconds: float) -> int:
        """The sum; answers the exit code."""
        if self.failed:
            self.console.print(f"[bold red]{len(self.failed)} expectations did not hold[/], {self.held} did")
            return 1
        self.console.print(f"[bold green]All {self.held} expectations held[/], in {seconds:.1f} s.")
        return 0


def _cut(name: str, value: str) -> str:
    secret = any(word in name for word in ("KEY", "SECRET")) and len(value) > 16
    return escape(value[:12] + "…" if secret else value)


def _lines(values: Sequence[str]) -> str:
    counted = Counter(values)
    return "\n".join(escape(value) + (f" x {count}" if count > 1 else "") for value, count in counted.items())


def _records(receipt: Mapping[str, Any], service: str) -> str:
    return _told(receipt["existed"]["records"].get(service, {}))


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in counts.items() if count) or "nothing"


_RECEIPT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "stripe": lambda receipt: _records(receipt, "stripe"),
    "s3": lambda receipt: f"{_records(receipt, 's3')}, {receipt['existed']['blobs']['bytes']} bytes",
    "and": lambda receipt: _told({kind: receipt["existed"][kind] for kind in ("mails", "events", "exchanges")}),
    "deleted": lambda receipt: _told({kind: receipt["deleted"][kind] for kind in ("files", "bytes", "credentials")}),
    "left": lambda receipt: str(receipt["left"] or "[green]nothing[/]"),
}
