"""How true a mock is, operation by operation: a number of 0 to 100 that says how much was shown, and how lately.

The formula (docs/drift.md has it in words): of 100 points the contract gives 30, probes 50, real answers in passing 20.
Each part gives its points times the share that agreed, times how fresh its evidence is; a part without evidence gives
none, and without any evidence there is no score at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from broker.clock import Clock
from broker.storage.external import External
from broker.tallies import DAYS, Counted, Tallies
from broker.visit import Visit
from contracts.contract import Contract
from contracts.drift import Severity

log = logging.getLogger("broker.fidelity")

#: Points of the parts: 100 together.
CONTRACT, PROBES, PASSIVE = 30, 50, 20
#: What one kind of difference that real answers showed takes of the passive part.
COST: Mapping[Severity, float] = {"breaking": 0.5, "risky": 0.25, "safe": 0.0}
#: Evidence is as good as new for so long; then it halves with each half-life, and at the end it is none.
FRESH, HALF_LIFE, END = timedelta(days=7), timedelta(days=30), timedelta(days=180)
#: The header field that asks for a score with ``?``, and answers it.
SCORE = "broker-fidelity-score"
#: Differences that real answers showed count as long as the answers do; one that is over ends with them.
_OBSERVED = timedelta(days=DAYS)
#: Seconds for which a service's scores are answered from memory.
_REMEMBERED = 5.0
_UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one operation. A part without its moment has no evidence."""

    #: The mock's answers that were held against the contract, and those that broke it.
    checked: int = 0
    broken: int = 0
    checked_at: datetime | None = None
    #: Comparisons by probes in the newest run that had any.
    passed: int = 0
    failed: int = 0
    probed_at: datetime | None = None
    #: Real answers in passing, and the kinds of difference that they showed.
    answers: int = 0
    observed: Sequence[Severity] = ()
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """``points`` is None while nothing was measured, and so is each part."""

    points: int | None = None
    contract: float | None = None
    probes: float | None = None
    passive: float | None = None
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def measured_at(self) -> datetime | None:
        """When the newest evidence was seen."""
        evidence = self.evidence
        moments = (evidence.checked_at, evidence.probed_at, evidence.answered_at)
        return max((each for each in moments if each is not None), default=None)


def freshness(at: datetime | None, now: datetime) -> float:
    """What evidence of that age still says: 1 down to 0."""
    if at is None or now - at > END:
        return 0.0
    return float(0.5 ** (max(timedelta(0), now - at - FRESH) / HALF_LIFE))


def score(evidence: Evidence, now: datetime) -> Score:
    """The formula."""
    contract = _part(CONTRACT, evidence.checked - evidence.broken, evidence.checked, evidence.checked_at, now)
    probes = _part(PROBES, evidence.passed, evidence.passed + evidence.failed, evidence.probed_at, now)
    agreed = max(0.0, 1.0 - sum(COST[each] for each in evidence.observed))
    passive = _part(PASSIVE, agreed, 1 if evidence.answers else 0, evidence.answered_at, now)
    parts = [part for part in (contract, probes, passive) if part is not None]
    points = round(sum(parts)) if parts else None
    return Score(points=points, contract=contract, probes=probes, passive=passive, evidence=evidence)


def _part(points: int, agreed: float, of: int, at: datetime | None, now: datetime) -> float | None:
    if not of or at is None or now - at > END:
        return None
    return points * agreed / of * freshness(at, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelities:
    """Of one service: a score for each operation of its contract, and what it was measured against."""

    service: str
    contract: str
    operations: Mapping[str, Score]
    #: Accounts with their addresses, of the runs that the scores rest on.
    against: Sequence[str] = ()

    @property
    def measured(self) -> int:
        """How many operations have a score."""
        return sum(score.points is not None for score in self.operations.values())

    @property
    def mean(self) -> int | None:
        """Of those that were measured; None of none."""
        points = [score.points for score in self.operations.values() if score.points is not None]
        return round(sum(points) / len(points)) if points else None

    @property
    def measured_at(self) -> datetime | None:
        """The newest evidence of all."""
        moments = [score.measured_at for score in self.operations.values()]
        return max((each for each in moments if each is not None), default=None)


class Fidelity:
    """Scores of this server's services, made from what it keeps."""

    def __init__(self, external: External, clock: Clock, contracts: Mapping[str, Callable[[], Contract]]) -> None:
        """``contracts`` by service, loaded on first use."""
        self._store = external.drift
        self.tallies = Tallies(external, clock)
        self._clock = clock
        self._contracts = contracts
        self._remembered: dict[str, tuple[float, Fidelities]] = {}

    @property
    def services(self) -> Sequence[str]:
        """By name."""
        return sorted(self._contracts)

    async def of(self, service: str, pattern: str = "*") -> Fidelities:
        """Every operation whose id the pattern fits, measured or not. Raises KeyError for an unknown service."""
        found = await self._measure(service)
        if pattern == "*":
            return found
        kept = {name: score for name, score in found.operations.items() if fnmatchcase(name, pattern)}
        return Fidelities(service=service, contract=found.contract, operations=kept, against=found.against)

    async def header(self, service: str, operation: str | None) -> str:
        """For an answer's header field: ``87;age=3600``, with the seconds since the newest evidence, or ``unmeasured``.
        At most some seconds old. Never raises: the answer that it goes with is more than it."""
        now = self._clock.monotonic()
        at, found = self._remembered.get(service, (0.0, None))
        if found is None or now - at > _REMEMBERED:
            try:
                found = await self._measure(service)
            except Exception as error:
                log.warning("the fidelity of %s could not be looked up: %r", service, error)
                return _UNMEASURED
            self._remembered[service] = (now, found)
        scored = found.operations.get(operation or "")
        if scored is None or scored.points is None or scored.measured_at is None:
            return _UNMEASURED
        age = max(0, int((self._clock.now() - scored.measured_at).total_seconds()))
        return f"{scored.points};age={age}"

    def take(self, visit: Visit) -> None:
        """An answer was given. On the hot path."""
        self.tallies.take(visit)

    async def _measure(self, service: str) -> Fidelities:
        contract, now = self._contracts[service](), self._clock.now()
        counted = await self.tallies.of(service)
        probed, against = await self._probed(service)
        seen: dict[str, list[Severity]] = {}
        for each in await self._store.observed(service=service):
            if each.finding.operation is not None and now - each.last_at <= _OBSERVED:
                seen.setdefault(each.finding.operation, []).append(each.finding.severity)
        operations: dict[str, Score] = {}
        for name in contract.operations():
            evidence = _evidence(counted.get(name, Counted()), probed.get(name), seen.get(name, ()))
            operations[name] = score(evidence, now)
        return Fidelities(service=service, contract=contract.version, operations=operations, against=against)

    async def _probed(self, service: str) -> tuple[Mapping[str, tuple[int, int, datetime]], Sequence[str]]:
        """By operation: passed, failed and when, of the newest run that compared it."""
        found: dict[str, tuple[int, int, datetime]] = {}
        against: dict[str, None] = {}
        for run in await self._store.runs(service=service):
            if run.status != "done" or run.ended_at is None:
                continue  # one that could not be carried out says nothing of the mock
            for name, tally in run.operations.items():
                if name not in found and tally.passed + tally.failed:
                    found[name] = (tally.passed, tally.failed, run.ended_at)
                    against[f"{run.account} {run.endpoint}"] = None
        return found, list(against)


def _evidence(counted: Counted, probed: tuple[int, int, datetime] | None, seen: Sequence[Severity]) -> Evidence:
    passed, failed, probed_at = probed or (0, 0, None)
    return Evidence(
        checked=counted.checked,
        broken=counted.broken,
        checked_at=counted.checked_at,
        passed=passed,
        failed=failed,
        probed_at=probed_at,
        answers=counted.answers,
        observed=tuple(seen),
        answered_at=counted.answered_at,
    )
