"""``python -m tests.faults [--some]``: run the matrix, print it as a table, end with 1 when a cell failed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.faults.matrix import FAULTS, Cell, Verdict, cells, run, some


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--some", action="store_true", help="the reduced matrix that `make check` runs")
    wanted = list(some() if parser.parse_args().some else cells())
    console = Console(width=None if sys.stdout.isatty() else 220)
    verdicts: dict[Cell, Verdict] = {}
    with tempfile.TemporaryDirectory(prefix="broker-faults-") as folder, Progress(console=console) as progress:
        task = progress.add_task("cells", total=len(wanted))

        def one(number: int) -> None:
            verdicts[wanted[number]] = run(wanted[number], Path(folder) / str(number))
            progress.advance(task)

        with ThreadPoolExecutor(2) as workers:
            list(workers.map(one, range(len(wanted))))
    for phase in ("create", "close"):
        console.print(_table(phase, verdicts))
    wrong = [verdict for verdict in verdicts.values() if not verdict.good]
    for verdict in wrong:
        console.print(
            f"{verdict.cell}: leaked {verdict.leaked}, wrongly deleted {verdict.wrongly_deleted}. {verdict.trouble}"
        )
    leaked = sum(len(verdict.leaked) for verdict in verdicts.values())
    deleted = sum(len(verdict.wrongly_deleted) for verdict in verdicts.values())
    console.print(f"{len(verdicts)} cells: {leaked} leaked, {deleted} wrongly deleted, {len(wrong)} cells failed.")
    return int(bool(wrong))


def _table(phase: str, verdicts: dict[Cell, Verdict]) -> Table:
    """Steps down, faults across; each cell is leaked / wrongly deleted, and whether all else went well."""
    table = Table(title=f"{phase}: leaked / wrongly deleted", title_justify="left")
    table.add_column("killed at")
    for fault in FAULTS:
        table.add_column(fault or "no fault", justify="center")
    steps = list(dict.fromkeys(cell.step for cell in verdicts if cell.phase == phase))
    for step in steps:
        row = []
        for fault in FAULTS:
            verdict = verdicts.get(Cell(phase, step, fault))  # type: ignore[arg-type]  # a phase
            if verdict is None:
                row.append("")
                continue
            text = f"{len(verdict.leaked)} / {len(verdict.wrongly_deleted)}"
            row.append(text if verdict.good else f"[red]{text} ![/]")
        table.add_row(step or "never", *row)
    return table


if __name__ == "__main__":
    sys.exit(main())
