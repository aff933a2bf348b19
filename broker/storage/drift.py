"""What is kept of drift: runs of probes, and what answers of real providers were seen to do that contracts do not say.

In the registry's file: both outlive the environments in which they were found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from contracts.drift import Finding

#: ``running``; ``done``: every probe was run; ``failed``: the check could not be run, or not to its end.
RunStatus = Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often an operation was compared, by what came of it. ``skipped``: it could not be compared."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step that was not compared, and why, in words. ``operation`` is empty where it was about more than one."""

    scenario: str
    step: int
    operation: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One check of one service: our mock against a real account."""

    id: str
    service: str
    account: str
    #: The address that was asked.
    endpoint: str
    #: The contract's version at that time.
    contract: str
    #: Which scenarios, as a pattern; ``*`` for all.
    probes: str
    status: RunStatus
    started_at: datetime
    ended_at: datetime | None = None
    #: Scenarios of this run, and those that are over.
    scenarios: int = 0
    finished: int = 0
    findings: Sequence[Finding] = ()
    operations: Mapping[str, Tally] = field(default_factory=dict)
    skipped: Sequence[Skipped] = ()
    #: Why it failed, or what went wrong beside the probes, in words. Not empty: no green.
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A difference between real answers and their contract, seen in passing."""

    finding: Finding
    count: int
    first_at: datetime
    last_at: datetime
    #: ``{"account": ..., "exchange": ..., "status": ..., "place": ..., "type": ...}``: never a value, but for a short
    #: word that looks like one of an enum (``value``).
    example: Mapping[str, str | int]


class DriftStore(Protocol):
    """Runs and observations. Synchronous under the hood: each is one short statement or transaction."""

    async def put_run(self, run: Run) -> None:
        """Insert or replace, by id; the oldest runs of a service go."""
        ...

    async def run(self, run_id: str) -> Run | None: ...

    async def last(self, service: str) -> Run | None:
        """The newest run of the service that is over."""
        ...

    async def runs(self, *, service: str | None = None, limit: int = 100) -> Sequence[Run]:
        """Newest first."""
        ...

    async def interrupted(self, now: datetime, why: str) -> int:
        """Runs that an earlier process left unfinished are failed; answers how many."""
        ...

    async def add_observed(self, observed: Sequence[Observed]) -> None:
        """New ones are kept up to the cap; of known ones count and last sight grow."""
        ...

    async def observed(self, *, service: str | None = None, limit: int = 1000) -> Sequence[Observed]:
        """The most frequent first."""
        ...

    async def forget_observed(self, *, service: str | None = None, key: str | None = None) -> int:
        """Answers how many there were."""
        ...
