"""What one night found out about how true the mocks are: the shape that every report of it is made from.

A night is kept as JSON; here it is read and counted. Who measures is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from contracts.drift import SEVERITIES, Finding, Severity

#: ``contract``: the newest official document against the one in use; ``probes``: the mock against a real account;
#: ``observed``: real answers in passing against the contract.
Source = Literal["contract", "probes", "observed"]
SOURCES: tuple[Source, ...] = ("contract", "probes", "observed")
#: What a finding's ``before`` and ``after`` are of.
SIDES: Mapping[Source, tuple[str, str]] = {
    "contract": ("in use", "newest"),
    "probes": ("mock", "real"),
    "observed": ("contract", "real"),
}
#: ``failed``: something could not be found out; ``drift``: something counts; else ``clean``.
Verdict = Literal["failed", "drift", "clean"]
PartStatus = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One difference in one night."""

    finding: Finding
    source: Source
    #: Where it was seen; empty for a document.
    account: str = ""
    #: The last night did not know it.
    fresh: bool = False
    #: The beginnings of the first night that knew it and of the last one that saw it.
    since: str = ""
    seen: str = ""
    #: Open environments that call its operation; None where it is about more than one operation.
    callers: int | None = None
    #: Why it may stay, and the last day on which it may; empty: it counts.
    reason: str = ""
    until: str = ""

    @property
    def key(self) -> str:
        """The finding's."""
        return self.finding.key

    @property
    def counts(self) -> bool:
        """Whether nobody has accepted it."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing to find out: a service by one source, and one account where there is one."""

    service: str
    source: Source
    account: str = ""
    status: PartStatus = "waiting"
    #: How often it was begun: a night that was interrupted begins it again.
    attempts: int = 0
    #: Why it failed.
    words: Sequence[str] = ()
    #: The run of probes.
    run: str = ""
    #: Comparisons by probes: passed, failed, skipped.
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    #: Operations that probes compared.
    compared: Sequence[str] = ()
    #: What it found, and what was known before and could not be looked at.
    rows: Sequence[Row] = ()
    #: Rows that had no room.
    more: int = 0
    ended_at: str = ""

    @property
    def name(self) -> str:
        """For people, and the same each night."""
        return f"{self.service} {self.source}" + (f" at {self.account}" if self.account else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceScore:
    """How true a service's mock is, as its score said that night: points by operation, those that have any."""

    service: str
    contract: str
    mean: int | None = None
    #: Operations of the contract.
    of: int = 0
    points: Mapping[str, int] = field(default_factory=dict)
    against: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the file of accepted drift."""

    key: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night. Moments are ISO 8601 in UTC."""

    id: str
    #: When it was due; empty: begun by hand.
    due_at: str = ""
    begun_at: str
    #: Empty while it is at work.
    ended_at: str = ""
    parts: Sequence[Part] = ()
    #: What went wrong beside the parts.
    errors: Sequence[str] = ()
    #: Acceptances that are over while their drift is still there: it counts again.
    expired: Sequence[Entry] = ()
    #: Acceptances of which nothing was found.
    unknown: Sequence[Entry] = ()
    #: What the night before knew and this one did not find.
    over: Sequence[Row] = ()
    fidelity: Sequence[ServiceScore] = ()

    @property
    def rows(self) -> Sequence[Row]:
        """Everything that is there, each difference once: the gravest first, what is called most before the rest."""
        found: dict[str, Row] = {}
        for part in self.parts:
            for row in part.rows:
                known = found.setdefault(row.key, row)
                if row.account not in ("", *known.account.split(", ")):
                    found[row.key] = replace(known, account=f"{known.account}, {row.account}".strip(", "))
        return sorted(found.values(), key=_order)

    @property
    def counted(self) -> Sequence[Row]:
        """Those that nobody has accepted."""
        return [row for row in self.rows if row.counts]

    @property
    def fresh(self) -> Sequence[Row]:
        """Counted, and not known to the night before."""
        return [row for row in self.counted if row.fresh]

    @property
    def known(self) -> Sequence[Row]:
        """Counted, and known before."""
        return [row for row in self.counted if not row.fresh]

    @property
    def accepted(self) -> Sequence[Row]:
        """Those that may stay for now."""
        return [row for row in self.rows if not row.counts]

    @property
    def failures(self) -> Sequence[str]:
        """What could not be found out, in words. Not empty: no green."""
        parts = [f"{part.name}: {'; '.join(part.words)}" for part in self.parts if part.status == "failed"]
        return [*self.errors, *parts]

    @property
    def verdict(self) -> Verdict:
        """Of the whole night."""
        if self.failures:
            return "failed"
        return "drift" if self.counted else "clean"


def _order(row: Row) -> tuple[int, int, str, str, str]:
    finding = row.finding
    callers = row.callers or 0
    return SEVERITIES.index(finding.severity), -callers, finding.service, finding.operation or "", finding.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A night as it is asked for: whole, or only what is new since the night before."""

    night: Night
    since_last: bool = False
    #: Why the night says nothing any more, if that is so.
    late: str | None = None
    #: Figures of nights that are over, the newest first: see broker.nights.Nights.figures.
    history: Sequence[Mapping[str, Any]] = ()

    @property
    def failures(self) -> Sequence[str]:
        """What is not known, in words."""
        return [*([] if self.late is None else [self.late]), *self.night.failures]

    @property
    def verdict(self) -> Verdict:
        """Of what the report shows: by what is new alone, when it is asked for that."""
        if self.failures:
            return "failed"
        return "drift" if self.rows else "clean"

    @property
    def rows(self) -> Sequence[Row]:
        """What counts."""
        return self.night.fresh if self.since_last else self.night.counted

    @property
    def title(self) -> str:
        """Of the page or the comment."""
        day = self.night.begun_at[:10]
        return f"Drift since the night before {day}" if self.since_last else f"Drift, night of {day}"


def counts(rows: Iterable[Row]) -> dict[Severity, int]:
    """How many of each severity."""
    found: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for row in rows:
        found[row.finding.severity] += 1
    return found


def figures(rows: Iterable[Row]) -> str:
    """The same in words: ``2 breaking, 1 safe``."""
    return ", ".join(f"{count} {severity}" for severity, count in counts(rows).items() if count) or "none"


def read(value: Mapping[str, Any]) -> Night:
    """A night from its JSON value, as ``orjson.dumps`` writes it."""
    return Night(
        **{
            **value,
            "parts": [Part(**{**part, "rows": _rows(part["rows"])}) for part in value["parts"]],
            "expired": [Entry(**each) for each in value["expired"]],
            "unknown": [Entry(**each) for each in value["unknown"]],
            "over": _rows(value["over"]),
            "fidelity": [ServiceScore(**each) for each in value["fidelity"]],
        }
    )


def _rows(values: Iterable[Mapping[str, Any]]) -> Sequence[Row]:
    return [Row(**{**row, "finding": Finding(**row["finding"])}) for row in values]


def described(row: Row) -> dict[str, Any]:
    """A row as a report's JSON shows it: the finding's own members, its key, and the night's."""
    found = asdict(row)
    finding = found.pop("finding")
    return {"key": row.key, **finding, **found}


#: What to do about drift, by where it was found.
ADVICE: Mapping[Source, str] = {
    "contract": "The provider has published another contract than the one in use. `broker contracts pull SERVICE` "
    "fetches it, `broker contracts diff` shows the whole difference, `broker contracts promote` makes it the mock's.",
    "probes": "The mock and the real provider answered the same calls differently: until the mock is corrected it does "
    "not test what applications rely on here. `broker drift check SERVICE --account ACCOUNT` repeats it.",
    "observed": "Real answers in passing said what the contract does not. `broker drift observed` has an example of "
    "each. A newer contract may know it; until then the mock does not answer so.",
}


#: What is left out of a report beyond it, and what stands in its entries of the file of accepted drift.
_LISTED = 100


def acceptances(night: Night, rows: Sequence[Row]) -> str:
    """Entries of the file of accepted drift for rows, to be copied; whoever does has to say why."""
    until = (datetime.fromisoformat(night.begun_at) + timedelta(days=90)).date().isoformat()
    lines = ["accepted:"]
    for row in rows[:_LISTED]:
        about = f"{row.finding.service} {row.finding.operation or ''} {row.finding.place}"
        lines += [f'  - key: "{row.key}"  # {plain(about)}', "    reason: ", f'    until: "{until}"']
    return "\n".join(lines) + "\n"


#: Controls, and what turns the direction of what follows: Unicode TR 36, section 2.3.
_STEERING = (*range(32), *range(127, 160), 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_PLAIN = dict.fromkeys(_STEERING, " ")


def plain(text: str) -> str:
    """Text from elsewhere on one line, without what would make it read as another."""
    return " ".join(text.translate(_PLAIN).split())
