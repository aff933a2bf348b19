"""The folder of cassettes: ``SERVICE/NAME.yaml``. Everything that is written goes through the masking and the scan."""

from __future__ import annotations

import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from broker.cassettes import document, scan
from broker.cassettes.masking import Masker
from broker.cassettes.recorded import Cassette, Recorded
from broker.cassettes.yaml_events import MAX_BYTES
from broker.errors import Conflict, InvalidInput
from broker.redact import Redactor

#: What a policy may call a cassette.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

#: Makes the masks of a cassette: (service and name, value) -> eight hexadecimal digits.
Digest = Callable[[str, str], str]


#: Bytes at the begin of a cassette in which its recorder stands.
_TOP = 2000
_RECORDER = re.compile(rb"^environment: '?([A-Za-z0-9_-]+)'?\nuid: '?([A-Za-z0-9_-]+)'?$", re.MULTILINE)
#: Begins an exchange. Text of several lines in one is indented.
_ITEM = re.compile(rb"^- (?:operation|recorded_at|contract|request|response):", re.MULTILINE)
#: Cassettes that are held in memory as they were read.
_HELD = 30


class Taken(Conflict):
    """A cassette has one recorder, so that nothing is mixed in it."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a file; ``changed`` is in seconds since 1970."""

    bytes: int
    exchanges: int
    changed: float


class Shelf:
    """Its methods block, and may be called from threads."""

    def __init__(self, folder: Path, redactor: Redactor, digest: Digest) -> None:
        self.folder = folder
        self._redactor = redactor
        self._digest = digest
        self._maskers: dict[tuple[str, str], Masker] = {}
        self._read: dict[tuple[str, str], tuple[tuple[int, int], Cassette]] = {}
        self._lock = threading.Lock()

    def path(self, service: str, name: str) -> Path:
        """Where a cassette is. Raises InvalidInput for a name that is none."""
        for each in (service, name):
            if not NAME.fullmatch(each):
                raise InvalidInput(f"{each[:100]!r} cannot name a cassette: letters, digits, dots, _ and - only")
        return self.folder / service / f"{name}.yaml"

    def names(self) -> list[tuple[str, str]]:
        """Every cassette as (service, name)."""
        return sorted((path.parent.name, path.stem) for path in self.folder.glob("*/*.yaml"))

    def tidy(self) -> None:
        """Remove what an end of the process in the middle of writing left."""
        for left in self.folder.glob("*/.*.part"):
            left.unlink(missing_ok=True)

    def size(self, service: str, name: str) -> Size | None:
        """How much a cassette holds; None where there is none. Its items are counted, not read."""
        path = self.path(service, name)
        try:
            with path.open("rb") as file:
                stat, raw = os.fstat(file.fileno()), file.read()
        except FileNotFoundError:
            return None
        return Size(stat.st_size, len(_ITEM.findall(raw)), stat.st_mtime)

    def read(self, service: str, name: str) -> Cassette | None:
        """A cassette as it is on the disk now; None where there is none. Raises InvalidInput where it is broken."""
        path, key = self.path(service, name), (service, name)
        try:
            stat = path.stat()
        except FileNotFoundError:
            self._read.pop(key, None)
            return None
        state = (stat.st_mtime_ns, stat.st_size)
        known = self._read.get(key)
        if known is None or known[0] != state:
            if stat.st_size > MAX_BYTES:
                raise InvalidInput(f"{path}: a cassette has at most {MAX_BYTES >> 20} MiB")
            try:
                raw = path.read_bytes()
            except FileNotFoundError:
                return None
            known = (state, document.read(raw, str(path)))
            if len(self._read) >= _HELD:
                self._read.clear()
            self._read[key] = known
        return known[1]

    def holds(self, service: str, name: str, cassette: Cassette) -> bool:
        """Whether the disk still has what was read as ``cassette``: a look at the file's time and size."""
        known = self._read.get((service, name))
        if known is None or known[1] is not cassette:
            return False
        try:
            stat = self.path(service, name).stat()
        except OSError:
            return False
        return known[0] == (stat.st_mtime_ns, stat.st_size)

    def masked(self, service: str, name: str, exchanges: Sequence[Recorded]) -> list[Recorded]:
        """The exchanges as this cassette may hold them."""
        return [self._masker(service, name).masked(each) for each in exchanges]

    def recorder(self, service: str, name: str) -> tuple[str, str] | None:
        """Who records, or recorded, a cassette: name and uid of the environment, both empty for an imported one; None
        where there is no cassette. It costs a look at the file's begin."""
        try:
            with self.path(service, name).open("rb") as file:
                return _recorder(file.read(_TOP))
        except FileNotFoundError:
            return None

    def append(
        self,
        service: str,
        name: str,
        exchanges: Sequence[Recorded],
        secrets: Sequence[str] = (),
        *,
        environment: str,
        uid: str,
    ) -> None:
        """Mask, scan and add at the end: all of them, or none. Raises LooksSecret, InvalidInput and OSError, and
        then the file is as it was. Raises Taken where another environment recorded it."""
        path = self.path(service, name)
        with self._lock:
            pieces, masker = [], self._masker(service, name)
            for number, one in enumerate(exchanges, 1):
                masked = masker.masked(one)
                scan.refuse(str(path), [masked], self._redactor, secrets, at=number)
                pieces.append(document.written([masked]))
                # Calls are answered by another thread of this process: it is its turn.
                time.sleep(0)
            before = self._before(path, Cassette(service, name, environment=environment, uid=uid))
            raw = "".join(pieces).encode()
            if len(before) + len(raw) > MAX_BYTES:
                raise InvalidInput(f"{path}: a cassette has at most {MAX_BYTES >> 20} MiB")
            _replace(path, before + raw)

    def _before(self, path: Path, begun: Cassette) -> bytes:
        """The file as it is, or how a new one begins."""
        try:
            with path.open("rb") as file:
                top = file.read(_TOP)
                if _recorder(top)[1] != begun.uid:
                    raise Taken(f"{path} holds what another environment recorded")
                return top + file.read()
        except FileNotFoundError:
            return document.head(begun).encode()

    def put(self, cassette: Cassette, secrets: Sequence[str] = ()) -> Path:
        """Mask, scan and write a whole cassette, in place of one that there is. Raises LooksSecret, InvalidInput."""
        path = self.path(cassette.service, cassette.name)
        with self._lock:
            masked = self.masked(cassette.service, cassette.name, cassette.exchanges)
            scan.refuse(str(path), masked, self._redactor, secrets)
            raw = document.text(replace(cassette, exchanges=masked)).encode()
            if len(raw) > MAX_BYTES:
                raise InvalidInput(f"{path}: a cassette has at most {MAX_BYTES >> 20} MiB")
            _replace(path, raw)
        return path

    def delete(self, service: str, name: str) -> bool:
        """Whether there was one."""
        path = self.path(service, name)
        with self._lock:
            self._read.pop((service, name), None)
            try:
                path.unlink()
            except FileNotFoundError:
                return False
        return True

    def _masker(self, service: str, name: str) -> Masker:
        key = (service, name)
        if key not in self._maskers:
            self._maskers[key] = Masker(self._redactor, lambda value: self._digest(f"{service}/{name}", value))
        return self._maskers[key]


def _recorder(top: bytes) -> tuple[str, str]:
    found = _RECORDER.search(top.partition(b"\nexchanges:")[0])
    return (found.group(1).decode(), found.group(2).decode()) if found else ("", "")


def _replace(path: Path, raw: bytes) -> None:
    """Whole, or not at all: a reader never sees half a cassette, nor does a start after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:50]}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
