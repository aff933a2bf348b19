"""``python -m tests.differential [--examples N] [--seed N] [--group NAME]``: programs on both servers.

Ends with 1 when something differs that is not written down.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.console import Console

from tests.differential.programs import GROUPS, programs
from tests.differential.runs import Differential, both
from tests.differential.words import Step


def main() -> int:
    """Run them and tell what differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--examples", type=int, default=500, help="programs of each group (default: 500)")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other programs (default: 1)")
    parser.add_argument("--group", choices=GROUPS, action="append", help="a group of calls; may be repeated")
    asked = parser.parse_args()
    console = Console()
    found: set[str] = set()
    with tempfile.TemporaryDirectory() as folder, both(Path(folder)) as servers:
        for group in asked.group or GROUPS:
            with console.status(f"{group}: {asked.examples} programs"):
                fresh = _group(servers, group, asked.examples, asked.seed) - found
            found |= fresh
            console.print(f"{group}: {len(fresh)} differences", *sorted(fresh), sep="\n  ", markup=False)
        if not asked.group:
            console.print(f"entries that nothing needed: {', '.join(servers.unused) or 'none'}", markup=False)
    return int(bool(found))


def _group(servers: Differential, group: str, examples: int, number: int) -> set[str]:
    found: set[str] = set()

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(group))
    def run(program: Sequence[Step]) -> None:
        # Without its place in the program, the same difference is told once.
        found.update(line.partition(" ")[2][:600] for line in servers.run(program))

    run()
    return found


if __name__ == "__main__":
    sys.exit(main())
