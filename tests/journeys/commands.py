"""Clients of S3 that are commands, run as people run them, with nothing of this machine's settings."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from demo.serving import plain_environment

#: 20 MiB in which no piece is like another: enough for several parts.
LARGE = b"".join(number.to_bytes(4, "big") for number in range(5 << 20))


class Command:
    """``command(*words)`` runs it and answers what it wrote; it must end well, or with ``fails`` in what it says."""

    def __init__(self, folder: Path, words: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        if shutil.which(words[0]) is None:
            pytest.skip(f"{words[0]} is not installed, so it cannot be tried on this machine (.ci/run installs it)")
        self._folder = folder
        self._words = list(words)
        self._variables = {**plain_environment(folder), **(variables or {})}

    def __call__(self, *words: str, fails: str = "") -> str:
        done = subprocess.run(
            [*self._words, *words],
            cwd=self._folder,
            env=self._variables,
            capture_output=True,
            text=True,
            timeout=120,
        )
        said = done.stdout + done.stderr
        assert (fails in said and done.returncode) if fails else done.returncode == 0, said
        return done.stdout


def site(folder: Path) -> dict[str, bytes]:
    """Files below ``site`` in the folder, with what they hold: names that are not plain, and one of several parts."""
    files = {"index.html": b"<p>hello", "a b/ü+%.txt": b"nested", "empty": b"", "big.bin": LARGE}
    for name, content in files.items():
        path = folder / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return files


def found(folder: Path) -> dict[str, bytes]:
    """The files below a folder, with what they hold."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
