"""The reduced matrix of a create: every step and every fault once. ``make test-faults`` runs the whole of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.matrix import Cell, run, some

CELLS = [cell for cell in some() if cell.phase == "create"]


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_nothing_leaks_and_nothing_is_wrongly_deleted(cell: Cell, tmp_path: Path) -> None:
    verdict = run(cell, tmp_path)
    assert verdict.leaked == ()
    assert verdict.wrongly_deleted == ()
    assert verdict.trouble == ""
