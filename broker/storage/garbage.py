"""Garbage of blobs: files below an environment's ``blobs/`` that no row names, because the server was killed between
the two, or the file could not be deleted.

A sweep runs beside the calls, in a thread and in memory of one folder. It takes nothing that a call is writing or
reading: what it lists first, and nobody has an interest in then, has its row already or gets none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import orjson

from broker.storage.blobs import PART, Holds

#: Files that are asked for at once.
_BATCH = 500
_ROWS = "SELECT id FROM blobs WHERE id IN (SELECT value FROM json_each(?))"

#: One environment after the other, and what somebody waits for beside it.
SWEEPS = ThreadPoolExecutor(2, thread_name_prefix="sweep")


def sweep(home: Path, holds: Holds, ended: Callable[[], bool]) -> int:
    """Delete what no row names below the folder of an environment; answers how many files. Does nothing where the
    database is missing, and stops when ``ended`` says so: then the folder goes as a whole."""
    database = home / "state.db"
    fans = sorted(_entries(home / "blobs"))
    if not fans or not database.exists():
        return 0
    swept = 0
    # Not made when it goes meanwhile.
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)) as rows:
        for fan in fans:
            folder = home / "blobs" / fan
            for names in _batches(_entries(folder)):
                if ended():
                    return swept
                swept += _unlinked(folder, _garbage(rows, names, holds))
    return swept


def _entries(folder: Path) -> Sequence[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return ()


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(names), _BATCH):
        yield names[at : at + _BATCH]


def _garbage(rows: sqlite3.Connection, names: Sequence[str], holds: Holds) -> Sequence[str]:
    # In this order: who lets go of a file between the two has committed its row, or deleted it.
    loose = [name for name in names if name.removesuffix(PART) not in holds]
    known = {row[0] for row in rows.execute(_ROWS, (orjson.dumps(loose),))}
    return [name for name in loose if name not in known]


def _unlinked(folder: Path, names: Sequence[str]) -> int:
    for name in names:
        (folder / name).unlink(missing_ok=True)
    return len(names)
