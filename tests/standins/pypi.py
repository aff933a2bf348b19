"""What tests take from PyPI that cannot stand beside our own dependencies: a virtual environment of its own, installed
from the lock file beside the tests that want it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path


def installed(folder: Path) -> Path:
    """The Python of the environment of a folder with a requirements.lock, inside our own, installed once, whoever else
    is at it."""
    lock = folder / "requirements.lock"
    home = Path(sys.prefix) / folder.name
    mark = home / ".installed.lock"
    python = home / "bin" / "python"
    with lock.open("rb") as wanted:
        fcntl.flock(wanted, fcntl.LOCK_EX)
        if mark.is_file() and mark.read_bytes() == lock.read_bytes():
            return python
        shutil.rmtree(home, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(home))
        _run(
            str(python),
            "-m",
            "pip",
            "install",
            "-qq",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(lock),
        )
        mark.write_bytes(lock.read_bytes())
    return python


def _run(*command: str) -> None:
    # pip runs with the variables of the person who runs the tests: the index and its proxy are theirs to choose.
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True)  # noqa: TID251 (see above)
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}"
