"""The compiled contracts that come with the broker: one folder each, described in README.md beside this file.

Loading is lazy and once: a contract's files are read when the first call for its service arrives.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from contracts.contract import Contract

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One installed contract and where it came from, as its ``source.toml`` says.

    ``kind`` is the kind of source (``openapi``, ``stripe-sdk``, ``aws``); ``version`` the source's own version (of the
    package or the document); ``sha256`` covers the source as it was read.
    """

    name: str
    kind: str
    origin: str
    version: str
    licence: str
    sha256: str
    date: datetime.date
    command: str


class UnknownContract(LookupError):
    """No contract of this name is installed."""


def installed(folder: Path = _FOLDER) -> list[LibraryEntry]:
    """Every contract in the library, by name."""
    return [describe(source.parent) for source in sorted(folder.glob("*/source.toml"))]


@cache
def load(name: str) -> Contract:
    """The contract of the service ``name``, the same one every time. Raises UnknownContract."""
    return open_folder(_FOLDER / name)


def folder(name: str) -> Path:
    """Where the contract of the service ``name`` is installed, or would be."""
    return _FOLDER / name


def open_files(files: Mapping[str, bytes]) -> Contract:
    """The contract of compiled files that are still in memory."""
    if tomllib.loads(files["source.toml"].decode())["kind"] == "aws":
        from contracts import aws

        return aws.AwsContract(orjson.loads(files["model.json"]))
    from contracts import openapi

    return openapi.from_files(files)


def open_folder(folder: Path) -> Contract:
    """The contract that was compiled into ``folder``, whatever its kind. Raises UnknownContract when there is none."""
    if not (folder / "source.toml").is_file():
        raise UnknownContract(f"no contract called {folder.name!r} is installed")
    kind = describe(folder).kind
    # Each kind is imported when it is needed: a server that has no S3 call never loads the XML reader.
    if kind == "aws":
        from contracts import aws

        return aws.load(folder)
    if kind in ("openapi", "stripe-sdk"):
        from contracts import openapi

        return openapi.load(folder)
    raise UnknownContract(f"the contract {folder.name!r} is of an unknown kind: {kind!r}")


def describe(folder: Path) -> LibraryEntry:
    """Where the contract in ``folder`` came from; its name is the folder's."""
    facts = tomllib.loads((folder / "source.toml").read_text())
    return LibraryEntry(name=folder.name, **facts)
