"""``python -m bench [--quick] [--only PART]... [--json FILE] [--strict]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson
from rich.console import Console

from bench import results
from bench.measure import PARTS, measure
from bench.stages import stages
from bench.windows import FULL, QUICK


def main() -> int:
    """Run it, print it, write it down; 1 when a part could not run, or with --strict when a promise was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a reduced run that shows that the bench works")
    parser.add_argument("--only", action="append", choices=[*PARTS, "stages"], help="a part; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the run there")
    parser.add_argument("--strict", action="store_true", help="end with 1 when a promise is missed")
    asked = parser.parse_args()
    size = QUICK if asked.quick else FULL
    console = Console(width=None if sys.stdout.isatty() else 150)
    told = console.status("starting")
    with told:
        chosen = [part for part in PARTS if not asked.only or part in asked.only]
        found, remarks = measure(size, chosen, told.update) if chosen else ([], [])
        spent = stages(size.calls) if not asked.only or "stages" in asked.only else []
    results.table(console, found)
    results.stage_table(console, spent)
    for remark in remarks:
        console.print(f"[dim]{remark}[/]")
    if asked.json:
        asked.json.write_bytes(
            orjson.dumps(results.document(found, spent, remarks), option=orjson.OPT_INDENT_2, default=str)
        )
    given_up = any("given up" in remark for remark in remarks)
    return int(given_up or (asked.strict and any(one.holds is False for one in found)))


if __name__ == "__main__":
    sys.exit(main())
