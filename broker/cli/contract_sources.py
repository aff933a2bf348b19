"""Where a contract comes from, as a command names it: an installed one, a document, or a release of a package."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from broker.cli import codes
from broker.cli.client import Failure, settings
from broker.contract_versions import Damaged, UnknownVersion, Versions
from broker.settings import is_loopback
from contracts import library
from contracts.compile.document import CompiledLibrary, CompileError
from contracts.contract import Contract

_RELEASE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)")
_PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9._+-]*)")
_DOCUMENTS = (".json", ".yaml", ".yml")
#: Seconds for a release to arrive.
_PATIENCE = 300
#: Bytes of a document that is fetched, and redirects on the way to it.
_DOCUMENT_BYTES, _REDIRECTS = 64 << 20, 5
#: Bytes that a release may unpack to: the largest source is a tenth of it.
_LARGEST = 1 << 30


def find(source: str) -> Contract:
    """The contract that ``source`` names: an installed service, SERVICE@VERSION, a file (JSON or YAML) or a folder that
    one was compiled into, or PACKAGE==VERSION. Raises Failure."""
    pinned = _PINNED.fullmatch(source)
    if pinned is not None and not Path(source).exists():
        return _of_version(*pinned.groups())
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
        f"{source!r} is no installed contract ({names}), no SERVICE@VERSION, no document (.json, .yaml), no folder of "
        "a compiled contract and no PACKAGE==VERSION.",
        codes.MISSING,
    )


def store() -> Versions:
    """The versions of the folder that BROKER_CONTRACTS names."""
    return Versions(settings().contracts_folder)


def _of_version(service: str, name: str) -> Contract:
    versions = store()
    try:
        return versions.load(versions.find(service, name))
    except UnknownVersion as unknown:
        raise Failure(f"{unknown}. Pull one: broker contracts pull {service}", codes.MISSING) from unknown
    except Damaged as wrong:
        raise Failure(f"{wrong}.") from wrong


def _of_document(path: Path) -> Contract:
    from contracts import openapi
    from contracts.compile.openapi import compile_document, parse

    try:
        return openapi.from_files(compile_document(path.stem, parse(path.read_bytes())).files())
    except OSError as lost:
        raise Failure(f"{path} cannot be read: {lost.strerror}.", codes.USAGE) from lost
    except CompileError as wrong:
        raise Failure(f"{path}: {wrong}", codes.USAGE) from wrong


def _of_release(package: str, version: str) -> Contract:
    return library.open_files(release(package, version, corrected=False).files)


def release(package: str, version: str | None, *, corrected: bool = True) -> CompiledLibrary:
    """The compiled contract of a release, of the newest one for None; see ``compile_release``. Raises Failure."""
    from contracts.compile.packages import PACKAGES, compile_release

    if package not in PACKAGES:
        known = ", ".join(sorted(PACKAGES))
        raise Failure(f"{package} is no source of a contract; these packages are: {known}.", codes.USAGE)
    with tempfile.TemporaryDirectory(prefix="broker-release-") as folder:
        wheel = fetch(package, version, Path(folder))
        version = wheel.name.split("-")[1]
        unpack(wheel, Path(folder) / "unpacked")
        try:
            return compile_release(package, Path(folder) / "unpacked", version, today(), corrected=corrected)
        except CompileError as wrong:
            raise Failure(f"{package}=={version}: {wrong}.") from wrong


def today() -> date:
    """The day of a person's command."""
    return date.today()  # noqa: DTZ011 - no moment that an environment holds


def document(source: str) -> tuple[bytes, str]:
    """A document by its address or file, and how its origin may be written down. Raises Failure."""
    if source.startswith(("https://", "http://")):
        return download(source), _shown(source)
    path = Path(source)
    try:
        with path.open("rb") as file:
            content = file.read(_DOCUMENT_BYTES + 1)
    except OSError as lost:
        raise Failure(f"{source} cannot be read: {lost.strerror}.", codes.USAGE) from lost
    if len(content) > _DOCUMENT_BYTES:
        raise Failure(f"{source} is larger than {_DOCUMENT_BYTES >> 20} MiB.", codes.USAGE)
    return content, path.name


def download(url: str) -> bytes:
    """The document at a public address, or at one of this machine. Raises Failure."""
    content = bytearray()
    try:
        with httpx.Client(follow_redirects=True, max_redirects=_REDIRECTS, timeout=30.0) as client:
            client.event_hooks["request"] = [_only_safe]
            with client.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise Failure(f"{_shown(url)} answers {answer.status_code}.")
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > _DOCUMENT_BYTES:
                        raise Failure(f"{_shown(url)} is larger than {_DOCUMENT_BYTES >> 20} MiB.")
    except (httpx.HTTPError, httpx.InvalidURL) as lost:
        raise Failure(f"{_shown(url)} cannot be fetched: {lost or type(lost).__name__}.") from lost
    return bytes(content)


def _only_safe(request: httpx.Request) -> None:
    if request.url.scheme != "https" and not is_loopback(request.url.host):
        raise Failure(
            f"{_shown(str(request.url))} is not https: what is fetched decides what mocks promise.", codes.USAGE
        )


def _shown(url: str) -> str:
    """An address as it may be written down: without credentials and query."""
    found = urlsplit(url)
    return f"{found.scheme}://{found.hostname}{'' if found.port is None else f':{found.port}'}{found.path}"


def fetch(package: str, version: str | None, folder: Path) -> Path:
    """The wheel of a release (of the newest one for None), from the package index that pip is set up for. Nothing of it
    runs: no build, no installation. Raises Failure."""
    wanted = package if version is None else f"{package}=={version}"
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
