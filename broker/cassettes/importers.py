"""Recordings of other tools become cassettes. What is read was written by others: bounded, and without objects."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from broker.cassettes import document, foreign
from broker.cassettes.foreign import FORMATS, Format, Raw, header
from broker.cassettes.recorded import KEPT, Body, Cassette, Recorded, joined, query_of, telling
from broker.cassettes.yaml_events import MAX_BYTES, load
from broker.errors import InvalidInput

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".har", ".jsonl"})
#: Bytes of a compressed body, unpacked.
_UNPACKED = 8 * KEPT
#: Files of one folder.
_FILES = 10_000
#: Reasons that one file may give for what is left out.
_SKIPPED = 1000
_SUFFIX = re.compile(r"\.(?:ya?ml|json|har)\Z")
_UNNAMED = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 100


@dataclass(slots=True)
class Imported:
    """What was read; ``skipped`` says in words what was left out, and why."""

    cassettes: list[Cassette] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


class Hosts:
    """Whose a host is. ``known`` has the hosts of each service; ``only``, where it is said, gets every host that is not
    another service's. ``relocate`` moves what stands before a service's host into the path: (service, label, path)."""

    def __init__(
        self,
        known: Mapping[str, Iterable[str]],
        only: str | None = None,
        relocate: Callable[[str, str, str], str] | None = None,
    ) -> None:
        self._services = {host: service for service, hosts in known.items() for host in hosts}
        self._only = only
        self._relocate = relocate

    def find(self, host: str, path: str) -> tuple[str, str] | None:
        """The service and its path; None for a host that nobody knows, or that is not the wanted service's."""
        service, label = self._services.get(host), ""
        if service is None:
            label, _, rest = host.partition(".")
            while rest and (service := self._services.get(rest)) is None:
                step, _, rest = rest.partition(".")
                label = f"{label}.{step}"
        if service is None:
            return None if self._only is None else (self._only, path)
        if self._only not in (None, service):
            return None
        if label and self._relocate is not None:
            path = self._relocate(service, label, path)
        return service, path


def read(path: Path, hosts: Hosts, *, format: Format | None = None) -> Imported:
    """A file, or every recording below a folder; links out of it are not followed. Raises InvalidInput, but not for one
    of a folder's files: that is left out, with its reason."""
    if not path.is_dir():
        return _one(path, hosts, format, path.stem)
    root, found = path.resolve(), Imported()
    files = sorted(
        each for each in path.rglob("*") if each.suffix in SUFFIXES and "__files" not in each.parts and each.is_file()
    )
    if len(files) > _FILES:
        raise InvalidInput(f"{path}: a folder has at most {_FILES} recordings")
    for each in files:
        if not each.resolve().is_relative_to(root):
            found.skipped.append(f"{each}: it is a link that leads out of the folder")
            continue
        try:
            one = _one(each, hosts, format, str(each.relative_to(path).with_suffix("")), path.resolve().name)
        except InvalidInput as wrong:
            found.skipped.append(wrong.detail)
            continue
        found.cassettes += one.cassettes
        found.skipped += one.skipped
    found.cassettes = _named(_merged(found.cassettes))
    return found


class _Mappings(Cassette):
    """One that other files' mappings belong to as well."""


def _merged(cassettes: Sequence[Cassette]) -> list[Cassette]:
    """Mappings stand one in a file, and are one recording together."""
    found: list[Cassette] = []
    together: dict[str, Cassette] = {}
    for each in cassettes:
        if not isinstance(each, _Mappings):
            found.append(each)
        elif each.service in together:
            together[each.service].exchanges += each.exchanges
        else:
            found.append(each)
            together[each.service] = each
    return found


def _named(cassettes: Sequence[Cassette]) -> list[Cassette]:
    """With names that a shelf takes, each once in its service."""
    taken: set[tuple[str, str]] = set()
    found = []
    for each in cassettes:
        whole = _UNNAMED.sub("-", _SUFFIX.sub("", each.name)).lstrip("._-") or "recording"
        # The end of a long path tells more than its beginning.
        name = whole if len(whole) <= _LONGEST else whole[-_LONGEST:].lstrip("._-")
        number = 1
        while (each.service, name) in taken:
            number += 1
            name = f"{name[: _LONGEST - 6]}-{number}"
        taken.add((each.service, name))
        found.append(Cassette(each.service, name, each.exchanges))
    return found


def _one(path: Path, hosts: Hosts, format: Format | None, called: str, folder: str = "") -> Imported:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(f"{path}: a recording has at most {MAX_BYTES >> 20} MiB")
        raw = path.read_bytes()
    except OSError as unreadable:
        raise InvalidInput(f"{path}: {unreadable.strerror}") from None
    found = Imported()
    if format == "jsonl" or (format is None and path.suffix == ".jsonl"):
        for scenario, lines in _lines(raw, str(path)).items():
            _gather(lines, scenario or called, str(path), hosts, found)
        found.cassettes = _named(found.cassettes)
        return found
    value = _value(raw, str(path))
    form = format or foreign.told(value)
    if form is None:
        raise InvalidInput(f"{path}: in none of the formats {', '.join(FORMATS)}")
    if form == "cassette":
        return Imported([document.read(raw, str(path))])
    try:
        exchanges = list(foreign.READERS[form](value, path, found.skipped))
        _gather(exchanges, folder or called if form == "wiremock" else called, str(path), hosts, found)
    except InvalidInput:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, OSError) as wrong:
        raise InvalidInput(f"{path}: not as {form} writes it: {type(wrong).__name__} {wrong}") from None
    if form == "wiremock":
        found.cassettes = [_Mappings(each.service, each.name, each.exchanges) for each in found.cassettes]
        return found
    found.cassettes = _named(found.cassettes) if not folder else found.cassettes
    return found


def _value(raw: bytes, name: str) -> Any:
    if raw.lstrip()[:1] not in (b"{", b"["):
        return load(raw, name, foreign=True)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        # YAML may begin so, too.
        return load(raw, name, foreign=True)


def _lines(raw: bytes, place: str) -> Mapping[str, Sequence[Raw]]:
    scenarios: dict[str, list[tuple[int, int, Raw]]] = {}
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        try:
            scenario, at, one = foreign.line(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
            raise InvalidInput(f"{place}, line {number}: no such exchange: {type(wrong).__name__} {wrong}") from None
        scenarios.setdefault(scenario, []).append((at, number, one))
    return {
        scenario: [one for _, _, one in sorted(lines, key=lambda each: each[:2])]
        for scenario, lines in scenarios.items()
    }


def _gather(exchanges: Sequence[Raw], called: str, place: str, hosts: Hosts, found: Imported) -> None:
    """One cassette a service."""
    made: dict[str, Cassette] = {}
    for number, each in enumerate(exchanges, 1):
        split = urlsplit(each.url)
        whose = hosts.find((split.hostname or "").lower(), split.path or "/")
        if whose is None:
            if len(found.skipped) < _SKIPPED:
                host = f"{split.hostname} is no wanted service's" if split.hostname else "it names no host"
                found.skipped.append(f"{place}: exchange {number}: {host}")
            continue
        service, path = whose
        made.setdefault(service, Cassette(service, called)).exchanges.append(_recorded(each, path, split.query))
    found.cassettes += made.values()


def _recorded(raw: Raw, path: str, query: str) -> Recorded:
    asked, answered = raw.request_headers, raw.response_headers
    body, given = raw.response, answered
    if (opened := _unpacked(body, answered)) is not None:
        body, given = opened, [pair for pair in answered if pair[0].lower() != "content-encoding"]
    if not 100 <= raw.status <= 599:
        raise ValueError(f"the status {raw.status}")
    return Recorded(
        operation=None,
        method=raw.method.upper(),
        path=path,
        query=query_of(query),
        request_headers=joined(telling(asked)),
        request=Body.of(raw.request, header(asked, "content-type")),
        status=raw.status,
        response_headers=joined(telling(given)),
        response=Body.of(body, header(answered, "content-type")),
        recorded_at=moment(header(answered, "date")) or moment(raw.at),
        contract=raw.contract,
    )


def moment(text: str) -> str:
    """A time as HTTP, HAR or VCR writes it, in ISO 8601 and UTC; "" where it is none."""
    for reading in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = reading(text)
        except (ValueError, TypeError, OverflowError):
            continue
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return ""


def _unpacked(body: bytes, headers: Sequence[tuple[str, str]]) -> bytes | None:
    """A compressed body as it was meant; also one that the other tool opened already, and whose field still says that
    it is compressed. None where nothing was compressed, or cannot be opened."""
    if header(headers, "content-encoding").lower() not in ("gzip", "deflate"):
        return None
    if body[:1] not in (b"\x1f", b"\x78"):
        return body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, _UNPACKED)
    except zlib.error:
        return None
