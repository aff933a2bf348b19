"""The project's own files, as the rules of the house look at them."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("broker_pytest", "broker", "contracts", "mocks", "sandboxes")
#: What is ours beside the packages; everything else in the folder is made by tools.
BESIDE = ("tests", "bench", "demo", "docs", "examples", "integrations", ".ci")
TOP = ("*.md", "*.toml", "Makefile", "Dockerfile", ".dockerignore", ".gitignore", "*.lock", "*.yaml", "*.yml")
TEXT = {".py", ".md", ".toml", ".json", ".yaml", ".yml", ".html", ".css", ".js", ".sh", ".lock", ".txt", ""}
SKIPPED = {"__pycache__", "node_modules", "library"}


def relative(path: Path) -> str:
    """``broker/settings.py``: the path from the project's folder."""
    return path.relative_to(ROOT).as_posix()


@cache
def modules(*packages: str) -> tuple[Path, ...]:
    """Every Python module of the packages (of all four when none is named)."""
    return tuple(sorted(path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py")))


@cache
def parsed(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def ours() -> Iterator[Path]:
    """Every text file that people wrote: compiled contracts are not among them."""
    for pattern in TOP:
        yield from sorted(ROOT.glob(pattern))
    for folder in (*PACKAGES, *BESIDE):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXT and not SKIPPED & set(path.relative_to(ROOT).parts):
                yield path


@cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def found(lines: list[str]) -> str:
    """A list for an assertion's message."""
    return "\n  ".join(["", *lines])
