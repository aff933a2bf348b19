"""Versions of contracts side by side: those that come with the broker, and those that were pulled into a folder.

``FOLDER/SERVICE/VERSION/`` holds a compiled contract, ``FOLDER/SERVICE/current`` names the promoted one. Files are made
beside their place and renamed, so that whoever reads while another writes sees the whole of the old or of the new.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contracts import library
from contracts.contract import Contract
from contracts.library import LibraryEntry
from mocks.base import MockService, Refusal

if TYPE_CHECKING:
    from contracts.compile.document import CompiledLibrary

_CURRENT = "current"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
#: Characters of a digest that tell two sources of one version apart.
_TELLING = 8
#: Mocks of pinned versions that are remembered.
_PINNED = 64


class UnknownVersion(LookupError):
    """There is no such version; says which there are."""


class Damaged(ValueError):
    """The files of a version cannot be read; says which, and what to do."""


class Unremovable(ValueError):
    """The version is in use, or comes with the broker; says so."""


@dataclass(frozen=True, slots=True)
class Version:
    """One contract of a service. ``name`` is its source's own version, with the beginning of the source's digest where
    two sources call themselves alike; ``api`` is the API's version, as the contract has it."""

    service: str
    name: str
    api: str
    entry: LibraryEntry
    folder: Path
    #: It came with the broker.
    installed: bool


class Versions:
    """See the module. Reads the folder anew each time; contracts are opened once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: dict[Path, Contract] = {}
        self._described: dict[Path, Version] = {}

    def of(self, service: str) -> list[Version]:
        """The installed one first, then those that were pulled, the newest pull last. Empty for an unknown service."""
        found: list[Version] = []
        own = library.folder(service)
        if _NAME.fullmatch(service) and (own / "source.toml").is_file():
            found.append(self._version(service, own, installed=True))
        pulled = sorted(self._folder.glob(f"{service}/*/source.toml")) if _NAME.fullmatch(service) else []
        versions = [self._version(service, path.parent, installed=False) for path in pulled if _named(path.parent)]
        return found + sorted(versions, key=lambda one: (one.entry.date, _ordered(one.name)))

    def services(self) -> list[str]:
        """Those that have a version here, by name."""
        pulled = {path.parent.parent.name for path in self._folder.glob("*/*/source.toml") if _named(path.parent)}
        return sorted(pulled | {entry.name for entry in library.installed()})

    def find(self, service: str, name: str) -> Version:
        """The version of that name: its source's version, or the API's (or its beginning up to a full stop), of which
        the one pulled last counts. Raises UnknownVersion."""
        versions = self.of(service)
        exact = [one for one in versions if one.name == name]
        found = exact or [one for one in versions if one.api == name or one.api.startswith(name + ".")]
        if found:
            return found[-1]
        there = ", ".join(_told(one) for one in versions) or "none"
        raise UnknownVersion(f"there is no version {name[:80]!r} of {service}'s contract; there are: {there}")

    def current(self, service: str) -> Version:
        """The promoted version; the one that came with the broker where none is. Raises UnknownVersion."""
        version = self.promoted(service) or next((one for one in self.of(service) if one.installed), None)
        if version is None:
            raise UnknownVersion(f"there is no contract of {service[:80]!r}")
        return version

    def promoted(self, service: str) -> Version | None:
        """None where none is: a server then uses what came with it. Raises UnknownVersion where it is gone."""
        path = self._folder / service / _CURRENT
        try:
            name = path.read_text().strip() if _NAME.fullmatch(service) else ""
        except FileNotFoundError:
            name = ""
        if not name:
            return None
        for one in self.of(service):
            if one.name == name:
                return one
        raise UnknownVersion(
            f"{path} promotes {name[:80]!r}, which is not there; promote another one, or pull it again"
        )

    def load(self, version: Version) -> Contract:
        """Its contract, the same one every time."""
        if version.installed:
            return library.load(version.service)
        contract = self._opened.get(version.folder)
        if contract is None:
            contract = self._opened[version.folder] = library.open_folder(version.folder)
        return contract

    def add(self, compiled: CompiledLibrary, name: str | None = None) -> tuple[Version, bool]:
        """Keep a compiled contract, called ``name`` or by its source's version; and whether it is new here: the same
        source is kept once. Raises ValueError for a name that cannot be one or is taken, OSError."""
        service = compiled.name
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self._made(service)) as fresh:
            entry_folder = Path(fresh) / "contract"
            compiled.write(entry_folder)
            entry = library.describe(entry_folder)
            known = self.of(service)
            for one in known:
                if one.entry.sha256 == entry.sha256 and one.entry.kind == entry.kind:
                    return one, False
            name = _free(name, entry, [one.name for one in known])
            for path in entry_folder.iterdir():
                _sync(path)
            target = self._folder / service / name
            entry_folder.rename(target)
            _sync(target.parent)
        return self._version(service, target, installed=False), True

    def promote(self, version: Version) -> None:
        """Make it the one that a server starts with. Raises OSError."""
        folder = self._made(version.service)
        handle, fresh = tempfile.mkstemp(prefix=".new-", dir=folder)
        with os.fdopen(handle, "w") as file:
            file.write(version.name + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(folder / _CURRENT)
        _sync(folder)

    def remove(self, version: Version) -> None:
        """Forget a version that was pulled. Raises Unremovable, OSError."""
        if version.installed:
            raise Unremovable(f"{version.name} of {version.service} comes with the broker")
        promoted = self.promoted(version.service)
        if promoted is not None and promoted.folder == version.folder:
            raise Unremovable(f"{version.name} of {version.service} is promoted; promote another one first")
        gone = self._folder / version.service / f".gone-{version.name}"
        version.folder.rename(gone)
        self._opened.pop(version.folder, None)
        self._described.pop(version.folder, None)
        shutil.rmtree(gone)

    def _made(self, service: str) -> Path:
        if not _NAME.fullmatch(service):
            raise ValueError(f"{service[:80]!r} cannot name a contract: it becomes the name of a folder")
        folder = self._folder / service
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _version(self, service: str, folder: Path, *, installed: bool) -> Version:
        known = self._described.get(folder)
        if known is None:
            try:
                entry = library.describe(folder)
                contract = library.load(service) if installed else library.open_folder(folder)
            except (OSError, ValueError, LookupError, TypeError) as wrong:
                raise Damaged(
                    f"{folder} holds no contract that can be read ({wrong}); remove it and pull again"
                ) from wrong
            name = entry.version if installed else folder.name
            known = self._described[folder] = Version(service, name, contract.version, entry, folder, installed)
        return known


class Pins:
    """The server's services, each in the version of its contract that one environment's policy names."""

    def __init__(self, services: Mapping[str, MockService], versions: Versions) -> None:
        self._services = services
        self._versions = versions
        self._made: dict[tuple[str, str], MockService] = {}

    def __contains__(self, service: str) -> bool:
        return service in self._services

    def name(self, service: str, wanted: str) -> str:
        """The exact name of the version that is meant now. Raises UnknownVersion, Damaged."""
        return self._versions.find(service, wanted).name

    def service(self, service: str, name: str) -> MockService:
        """The mock of that version; where it is gone, one that refuses every call and says so."""
        found = self._made.get((service, name))
        if found is None:
            try:
                version = self._versions.find(service, name)
                found = speaking(self._services[service], self._versions, version)
            except (UnknownVersion, Damaged) as gone:
                return replace(self._services[service], contract=_refusing(str(gone)), native=False)
            if len(self._made) >= _PINNED:
                del self._made[next(iter(self._made))]
            self._made[service, name] = found
        return found


def _refusing(words: str) -> Callable[[], Contract]:
    def contract() -> Contract:
        raise Refusal("mode_unavailable", f"The environment's policy pins its contract, and {words}.")

    return contract


def applied(versions: Versions, services: Iterable[MockService]) -> dict[str, MockService]:
    """The services by name, each speaking the promoted version of its contract where there is one. Raises
    UnknownVersion, Damaged."""
    found: dict[str, MockService] = {}
    for service in services:
        version = versions.promoted(service.name)
        own = version is None or version.installed
        found[service.name] = service if own or version is None else speaking(service, versions, version)
    return found


def speaking(service: MockService, versions: Versions, version: Version) -> MockService:
    """The service with another version of its contract."""
    return replace(service, contract=lambda: versions.load(version), native=False)


def _free(name: str | None, entry: LibraryEntry, taken: Sequence[str]) -> str:
    if name is not None:
        if not _NAME.fullmatch(name) or name == _CURRENT:
            raise ValueError(f"{name[:80]!r} cannot name a version: letters, digits, and . _ + - after the first")
        if name in taken:
            raise ValueError(f"{name} is the name of another version")
        return name
    own = re.sub(r"[^A-Za-z0-9._+-]+", "-", entry.version).strip("._+-")[:80] or "0"
    return f"{own}+{entry.sha256[:_TELLING]}" if own == _CURRENT or own in taken else own


def _named(folder: Path) -> bool:
    return _NAME.fullmatch(folder.name) is not None


def _told(version: Version) -> str:
    return version.name if version.api == version.name else f"{version.name} ({version.api})"


def _ordered(name: str) -> tuple[tuple[int, str], ...]:
    """``16.10.0`` after ``16.9.0``."""
    return tuple((int(part) if part.isdecimal() else -1, part) for part in re.split(r"[.+-]", name))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
