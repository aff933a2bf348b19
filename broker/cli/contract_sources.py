"""Where a contract comes from, as a command names it: an installed one, a document, or a release of a package."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from broker.cli import codes
from broker.cli.client import Failure
from contracts import library
from contracts.contract import Contract

_RELEASE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)")
_DOCUMENTS = (".json", ".yaml", ".yml")
#: Seconds for a release to arrive.
_PATIENCE = 300
#: Bytes that a release may unpack to: the largest source is a tenth of it.
_LARGEST = 1 << 30


def find(source: str) -> Contract:
    """The contract that ``source`` names: an installed service, a file (JSON or YAML) or a folder that one was compiled
    into, or PACKAGE==VERSION. Raises Failure."""
    release = _RELEASE.fullmatch(source)
    if release is not None:
        return _of_release(*release.groups())
    if source in {entry.name for entry in library.installed()}:
        return library.load(source)
    path = Path(source)
    if path.suffix in _DOCUMENTS or path.is_file():
        return _of_document(path)
    if (path / "source.toml").is_file():
        return library.open_folder(path)
    names = ", ".join(entry.name for entry in library.installed()) or "none"
    raise Failure(
        f"{source!r} is no installed contract ({names}), no document (.json, .yaml), no folder of a compiled "
        "contract and no PACKAGE==VERSION.",
        codes.MISSING,
    )


def _of_document(path: Path) -> Contract:
    from contracts import openapi
    from contracts.compile import CompileError
    from contracts.compile.openapi import compile_document, parse

    try:
        return openapi.from_files(compile_document(path.stem, parse(path.read_bytes())).files())
    except OSError as lost:
        raise Failure(f"{path} cannot be read: {lost.strerror}.", codes.USAGE) from lost
    except CompileError as wrong:
        raise Failure(f"{path}: {wrong}", codes.USAGE) from wrong


def _of_release(package: str, version: str) -> Contract:
    from contracts.compile import CompileError
    from contracts.compile.packages import PACKAGES, contract_of

    if package not in PACKAGES:
        known = ", ".join(sorted(PACKAGES))
        raise Failure(f"{package} is no source of a contract; these packages are: {known}.", codes.USAGE)
    with tempfile.TemporaryDirectory(prefix="broker-release-") as folder:
        unpack(fetch(package, version, Path(folder)), Path(folder) / "unpacked")
        try:
            return contract_of(package, Path(folder) / "unpacked")
        except CompileError as wrong:
            raise Failure(f"{package}=={version}: {wrong}.") from wrong


def fetch(package: str, version: str, folder: Path) -> Path:
    """The wheel of a release, from the package index that pip is set up for. Nothing of it runs: no build, no
    installation. Raises Failure."""
    wanted = f"{package}=={version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), wanted]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)  # noqa: S603 - our own pip; the release's name is checked
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{wanted} did not arrive within {_PATIENCE} seconds.") from late
    wheels = sorted(folder.glob("*.whl"))
    if ran.returncode or not wheels:
        lines = [line for line in ran.stderr.splitlines() if line.startswith("ERROR")] or ran.stderr.splitlines()[-1:]
        raise Failure(f"{wanted} cannot be downloaded with pip.", details=tuple(lines))
    return wheels[0]


def unpack(wheel: Path, folder: Path) -> None:
    """A wheel's files; names that lead out of the folder are taken into it by zipfile. Raises Failure."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise Failure(f"{wheel.name} unpacks to more than {_LARGEST >> 20} MiB.")
            archive.extractall(folder)
    except zipfile.BadZipFile as broken:
        raise Failure(f"{wheel.name} is no wheel: {broken}.") from broken
