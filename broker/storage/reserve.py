"""Space set aside on the disk. Where nothing fits any more, a close, which begins with notes, still does."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

#: Enough for the notes of some dozen closes, those of the durable work included.
RESERVE = 4 << 20


class Reserve:
    """One file of RESERVE bytes. Where it cannot be made, there is none: it is no condition for anything."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self) -> None:
        """Make the file unless it is there, or the disk has little more than it would take."""
        if self._path.exists() or self._free() < 2 * RESERVE:
            return
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, RESERVE)
            except OSError:
                self._path.unlink()
                raise
            finally:
                os.close(descriptor)

    def make_room(self) -> None:
        """Give the space up when the disk has less than that left."""
        if self._free() < RESERVE:
            self._path.unlink(missing_ok=True)

    def _free(self) -> int:
        return shutil.disk_usage(self._path.parent).free
