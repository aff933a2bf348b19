"""Deleting the folder of an environment, whatever it holds: in a thread, in the memory of one folder's names, and with
figures that can be watched."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

REMOVALS = ThreadPoolExecutor(2, thread_name_prefix="removal")
#: Names of what is left that are told.
_NAMED = 100


@dataclass(slots=True)
class Removed:
    """How far it is; read while it grows."""

    files: int = 0
    bytes: int = 0


def census(home: Path) -> Removed:
    """How many files a folder holds, and how large they are."""
    found = Removed()
    if not home.exists():
        return found
    for _, _, files, folder in os.fwalk(home):
        for name in files:
            found.files += 1
            found.bytes += os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    return found


def remove(home: Path, gone: Removed) -> None:
    """Delete the folder and all below it; idempotent. Raises OSError where something cannot be, or comes back."""
    if not home.exists():
        return
    for _, folders, files, folder in os.fwalk(home, topdown=False):
        for name in files:
            size = os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
            os.unlink(name, dir_fd=folder)
            gone.files += 1
            gone.bytes += size
        for name in folders:
            os.rmdir(name, dir_fd=folder)
    home.rmdir()


def leftovers(home: Path) -> list[str]:
    """The first of what still exists below a folder, itself included, by name."""
    if not home.exists():
        return []
    return [str(home.name), *(str(path.relative_to(home.parent)) for path in islice(home.rglob("*"), _NAMED - 1))]
