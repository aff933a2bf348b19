"""What tests take from npm: installed from the lock file beside the tests that want it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path


def available() -> bool:
    """Whether this machine has Node.js with npm."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def installed(folder: Path) -> Path:
    """The ``node_modules`` of a folder with a package-lock.json, installed once, whoever else is installing it."""
    lock = folder / "package-lock.json"
    modules = folder / "node_modules"
    mark = modules / ".installed-lock.json"
    with lock.open("rb") as wanted:
        fcntl.flock(wanted, fcntl.LOCK_EX)
        if mark.is_file() and mark.read_bytes() == lock.read_bytes():
            return modules
        # npm runs with the variables of the person who runs the tests: the registry and its proxy are theirs to choose.
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
            env=dict(os.environ),  # noqa: TID251 (see above)
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"npm ci failed:\n{done.stdout}{done.stderr}"
        mark.write_bytes(lock.read_bytes())
    return modules
