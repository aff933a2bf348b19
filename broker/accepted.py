"""Accepted drift: a file that names known differences, why they may stay, and until when.

Read anew by every night, so that what was added counts at once. What cannot be read accepts nothing, and is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from broker.policy.faults import Faults, worded
from broker.policy.yaml_text import parse as parse_yaml
from contracts.drift import Finding

_KEY = re.compile(r"[0-9a-f]{16}")
_MEMBERS = ("key", "reason", "until")
#: Bytes of the file, and characters of a reason.
_SIZE, _REASON = 1 << 20, 500


class UnreadableAcceptance(ValueError):
    """The file accepts nothing: says what is wrong with it, and where."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One entry of the file. ``key`` is a finding's; ``until`` is the last day on which it holds, in UTC."""

    key: str
    reason: str
    until: date

    def holds(self, today: date) -> bool:
        """Whether it accepts today."""
        return today <= self.until


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings by what the file says of them."""

    #: Those that count: nobody accepts them, or not any more.
    counted: Sequence[Finding]
    #: By the finding's key.
    accepted: Mapping[str, Acceptance]
    #: Entries whose time is over while their finding is still there: it counts again.
    expired: Sequence[Acceptance]
    #: Entries of which nothing is found: the drift is over, or the key is wrong.
    unknown: Sequence[Acceptance]


def read(path: Path | None) -> Sequence[Acceptance]:
    """The entries of the file; none of no file. Raises UnreadableAcceptance."""
    if path is None:
        return ()
    try:
        with path.open("rb") as file:
            raw = file.read(_SIZE + 1)
    except OSError as wrong:
        raise UnreadableAcceptance(f"{path}: {wrong.strerror}") from wrong
    if len(raw) > _SIZE:
        raise UnreadableAcceptance(f"{path}: larger than {_SIZE >> 20} MiB")
    return parse(raw, str(path))


def parse(raw: bytes, name: str = "the file") -> Sequence[Acceptance]:
    """The entries of ``accepted: [{key, reason, until}]``. Raises UnreadableAcceptance with every fault."""
    faults = Faults()
    value = parse_yaml(raw, faults)
    found: list[Acceptance] = []
    if not faults.found:
        entries = value.get("accepted") if isinstance(value, dict) and set(value) == {"accepted"} else None
        if not isinstance(entries, list):
            faults.add((), "write one key, accepted, with a list of entries: key, reason, until")
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            made = _entry(entry, number, faults)
            if made is not None and any(made.key == other.key for other in found):
                faults.add(("accepted", number, "key"), "stands twice")
            elif made is not None:
                found.append(made)
    if faults.found:
        raise UnreadableAcceptance(f"{name}: " + "; ".join(worded(fault) for fault in faults.found[:20]))
    return found


def _entry(entry: Any, number: int, faults: Faults) -> Acceptance | None:
    place = ("accepted", number)
    if not isinstance(entry, dict):
        faults.add(place, "must be a mapping with key, reason and until")
        return None
    before = len(faults.found)
    for name in entry:
        if name not in _MEMBERS:
            faults.add((*place, name), f"unknown key; there are {', '.join(_MEMBERS)}")
    for name in _MEMBERS:
        if name not in entry:
            faults.add(place, f"{name} is missing")
    key, reason, until = (entry.get(name) for name in _MEMBERS)
    # YAML reads sixteen digits without a letter as a number; its text is lost then, leading zeros and all.
    if "key" in entry and not (isinstance(key, str) and _KEY.fullmatch(key)):
        faults.add((*place, "key"), "is no finding's key: sixteen of 0-9 and a-f, as a report shows it, in quotes")
    if "reason" in entry and not (isinstance(reason, str) and reason.strip() and len(reason) <= _REASON):
        faults.add((*place, "reason"), f"says why it may stay, in at most {_REASON} characters")
    day = _day(until)
    if "until" in entry and day is None:
        faults.add((*place, "until"), "is no day: write one like 2027-03-31")
    if len(faults.found) > before or day is None:
        return None
    return Acceptance(str(key), str(reason).strip(), day)


def _day(text: Any) -> date | None:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def sort(findings: Iterable[Finding], entries: Sequence[Acceptance], today: date) -> Sorted:
    """What the entries say of the findings, on that day."""
    by_key = {entry.key: entry for entry in entries}
    counted: list[Finding] = []
    accepted: dict[str, Acceptance] = {}
    expired: dict[str, Acceptance] = {}
    seen: set[str] = set()
    for finding in findings:
        key = finding.key
        seen.add(key)
        entry = by_key.get(key)
        if entry is not None and entry.holds(today):
            accepted[key] = entry
            continue
        counted.append(finding)
        if entry is not None:
            expired[key] = entry
    unknown = [entry for entry in entries if entry.key not in seen]
    return Sorted(counted, accepted, list(expired.values()), unknown)
