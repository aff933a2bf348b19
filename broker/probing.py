"""Runs probes: each scenario step by step at our mock and at the real provider, and what differs between the two.

Knows neither environments nor accounts: what is asked are two sides.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson

from broker.storage.drift import Skipped, Tally
from contracts import comparison, probes
from contracts.comparison import Answer
from contracts.contract import Contract, Operation, Violation
from contracts.drift import Finding
from contracts.exchange import Headers, Request, Response
from contracts.probes import Scenario, Step

#: Seconds that events of the real side may take to come, and between two looks.
PATIENCE, _LOOK = 20.0, 0.1
_WORD = re.compile(r"[a-z_]*")
#: Steps of a value that are walked for ids and words.
_DEPTH = 12
#: Methods that change nothing.
_READS = frozenset({"GET", "HEAD"})
#: Characters of the words of a refusal.
_WORDS = 300
_UNCAPTURED = "an answer before it did not give {name}"
_UNRULED = "it has no rule in the driver of the real provider: teardown could not take back what it does there"
_UNMATCHED = "the contract has no such operation"
_OWN = "the broker answered in the provider's place: {words}"
_PARTED = "call {number} was carried out on one side only: this one would be asked of two that are no longer alike"
_PARTED_EVENTS = "events were not compared: call {number} was carried out on one side only"
_DEAF = "events: none came from the real side within {seconds:g} s, so they were not compared"
#: Refusals that say that the check itself cannot go on as it should.
_TROUBLES = frozenset(
    {
        "closed_environment",
        "foreign_credential",
        "internal",
        "no_account",
        "no_credential",
        "over_budget",
        "over_quota",
        "over_rate",
        "overloaded",
        "storage_full",
        "unknown_credential",
        "unknown_environment",
        "upstream_failed",
        "upstream_timeout",
    }
)


class Unusable(Exception):
    """The check makes no sense beyond this: why, in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event: its type, and all of it as text."""

    type: str
    text: bytes


class Side(Protocol):
    """One of the two that are compared."""

    async def ask(self, request: Request) -> Response:
        """The answer to a request without host and credential, with its whole body."""
        ...

    async def events(self) -> Sequence[Told] | None:
        """All events so far, oldest first; None where they cannot be known."""
        ...


@dataclass(slots=True)
class Outcome:
    """What came of scenarios, added up."""

    findings: dict[str, Finding] = field(default_factory=dict)
    operations: dict[str, Tally] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    #: What went wrong beside the probes.
    errors: dict[str, None] = field(default_factory=dict)
    #: Calls that were compared and that the mock, and the real side, carried out.
    succeeded: int = 0
    carried_out: int = 0
    #: Scenarios that are over.
    finished: int = 0

    @property
    def compared(self) -> int:
        """Calls that were."""
        return sum(tally.passed + tally.failed for tally in self.operations.values())

    def add(self, operation: str, found: Sequence[Finding]) -> None:
        """A call was compared; what is safe does not fail it."""
        for each in found:
            self.findings.setdefault(each.key, each)
        tally = self.operations.get(operation, Tally())
        if any(each.severity != "safe" for each in found):
            self.operations[operation] = replace(tally, failed=tally.failed + 1)
        else:
            self.operations[operation] = replace(tally, passed=tally.passed + 1)

    def skip(self, scenario: str, step: int, operation: str, why: str) -> None:
        """A call was not compared."""
        self.skipped.append(Skipped(scenario, step, operation, why))
        if operation:
            tally = self.operations.get(operation, Tally())
            self.operations[operation] = replace(tally, skipped=tally.skipped + 1)


@dataclass(slots=True)
class _Way:
    """A scenario under way at one side: what it captured, and every id that it met."""

    side: Side
    captured: dict[str, str]
    ids: set[str] = field(default_factory=set)
    #: Events before it began.
    before: int = 0
    #: Ids that earlier scenarios met as well: what is the account's own tells nothing apart.
    common: Collection[str] = ()

    @property
    def own(self) -> Collection[str]:
        """The ids that only this scenario met."""
        return self.ids.difference(self.common)


class Probing:
    """Of one service: a mock and a real side. ``run`` is the text that names of this run hold. ``ruled`` are the
    operations that pass to the real side at all."""

    def __init__(
        self,
        service: str,
        contract: Contract,
        mock: Side,
        real: Side,
        *,
        run: str,
        ruled: Collection[str],
        outcome: Outcome,
        patience: float = PATIENCE,
    ) -> None:
        self._service = service
        self._contract = contract
        self._mock = mock
        self._real = real
        self._run = run
        self._ruled = ruled
        self._outcome = outcome
        self._patience = patience
        self._heard = False
        self._deaf = False
        #: Ids that were met before, at the mock and at the real side.
        self._met: tuple[set[str], set[str]] = (set(), set())

    async def go(self, scenario: Scenario) -> None:
        """Run one scenario. Raises Unusable."""
        before = len(await self._mock.events() or ())
        ours = _Way(self._mock, {probes.RUN: self._run}, before=before, common=self._met[0])
        theirs = _Way(self._real, {probes.RUN: self._run}, common=self._met[1])
        parted, unmade = 0, False
        for number, step in enumerate(scenario.steps, 1):
            skipped = len(self._outcome.skipped)
            # What is expected rests on every change before it.
            taken = replace(step, expect=None) if unmade else step
            if not await self._step(scenario, number, taken, ours, theirs, parted):
                parted = parted or number
            unmade = unmade or (len(self._outcome.skipped) > skipped and step.method not in _READS)
        await self._compare_events(scenario, ours, theirs, parted)
        for met, way in zip(self._met, (ours, theirs), strict=True):
            met |= way.ids
        self._outcome.finished += 1

    async def _step(self, scenario: Scenario, number: int, step: Step, ours: _Way, theirs: _Way, parted: int) -> bool:
        """One call at both sides; False where only one of them carried out what changes something. ``parted`` is the
        first call of which that was so."""
        outcome = self._outcome
        try:
            asked, again = probes.request(step, ours.captured), probes.request(step, theirs.captured)
        except probes.Uncaptured as missing:
            named = self._operation(_shape(step))
            name = named.id if named else ""
            outcome.skip(scenario.name, number, name, _UNCAPTURED.format(name=missing.args[0]))
            return True
        operation = self._operation(again)
        if operation is None:
            outcome.skip(scenario.name, number, "", _UNMATCHED)
            return True
        if operation.id not in self._ruled:
            outcome.skip(scenario.name, number, operation.id, _UNRULED)
            return True
        if parted and _builds(step):
            outcome.skip(scenario.name, number, operation.id, _PARTED.format(number=parted))
            return True
        mock, _ = await self._asked(ours, asked, step)
        real, answered = await self._asked(theirs, again, step)
        if answered.header("broker-fidelity") != "real":
            self._own(scenario, number, operation, real, answered)
            return mock.status >= 400 or step.method in _READS
        if real.status == 401 and mock.status != 401:
            raise Unusable(f"the real side does not take the account's credential: {_words(real) or 'it answers 401'}")
        outcome.succeeded += mock.status < 400
        outcome.carried_out += real.status < 400
        where = f" [{scenario.name}, call {number}]"
        found = self._compared(step, operation, mock, real, answered)
        outcome.add(operation.id, [replace(each, message=each.message + where) for each in found])
        return (mock.status < 400) == (real.status < 400) or step.method in _READS

    def _own(self, scenario: Scenario, number: int, operation: Operation, answer: Answer, answered: Response) -> None:
        """The broker spoke where the provider should have."""
        words = _words(answer) or f"status {answer.status}"
        self._outcome.skip(scenario.name, number, operation.id, _OWN.format(words=words))
        if answered.header("broker-refusal") in _TROUBLES:
            self._outcome.errors[f"{scenario.name}, call {number} ({operation.id}): {words}"] = None

    def _operation(self, request: Request) -> Operation | None:
        match = self._contract.match(request)
        return None if match is None else match.operation

    @staticmethod
    async def _asked(way: _Way, request: Request, step: Step) -> tuple[Answer, Response]:
        response = await way.side.ask(request)
        known = {name: value for name, value in way.captured.items() if name != probes.RUN}
        answer = comparison.read(response, response.body, known)
        found = probes.capture(step, answer)
        way.captured.update(found)
        way.ids.update(found.values(), _ids(answer.value))
        return replace(answer, captured={**answer.captured, **found}), response

    def _compared(
        self, step: Step, operation: Operation, mock: Answer, real: Answer, answered: Response
    ) -> list[Finding]:
        name = operation.id
        found = comparison.compare(self._service, name, mock, real, step.compare)
        if step.expect is not None and mock.status == real.status != step.expect:
            message = f"both answer {real.status}, the probe expects {step.expect}"
            found.append(
                comparison.finding(
                    self._service, name, "unexpected-status", "response.status", message, step.expect, real.status
                )
            )
        if mock.status == real.status:
            for violation in self._contract.check(operation, answered):
                if violation.rule == "enum":
                    found = self._with_enum(step, found, name, real.status, violation)
        return found

    def _with_enum(
        self, step: Step, found: list[Finding], operation: str, status: int, violation: Violation
    ) -> list[Finding]:
        """A value that the contract does not know says more than that it differs from the mock's."""
        inside = comparison.place(violation)
        if step.compare.ignores(inside):
            return found
        place = f"response.{status}.{inside}"
        others = [each for each in found if (each.place, each.rule) != (place, "value-changed")]
        word = comparison.word(violation.value)
        message = "has a value that the contract does not list" + ("" if word is None else f": {word}")
        return [
            *others,
            comparison.finding(self._service, operation, "enum-value-added", place, message, None, word),
        ]

    # -- events ------------------------------------------------------------------------------------------

    async def _compare_events(self, scenario: Scenario, ours: _Way, theirs: _Way, parted: int) -> None:
        """Events belong to the scenario whose ids they mention: those of the real side come when they come."""
        told = await self._mock.events()
        if told is None or self._deaf or await self._real.events() is None:
            return None
        if parted:
            return self._outcome.skip(scenario.name, 0, "", _PARTED_EVENTS.format(number=parted))
        sent = _about(told[ours.before :], ours.own)
        heard = _about(await self._real.events() or (), theirs.own)
        waited = 0.0
        while len(heard) < len(sent) and waited < self._patience:
            await asyncio.sleep(_LOOK)
            waited += _LOOK
            heard = _about(await self._real.events() or (), theirs.own)
        self._heard = self._heard or bool(heard)
        if sent and not self._heard:
            self._deaf = True
            return self._outcome.skip(scenario.name, 0, "", _DEAF.format(seconds=self._patience))
        for found in comparison.compare_events(self._service, scenario.name, sent, heard):
            self._outcome.findings.setdefault(found.key, found)
        return None


def _builds(step: Step) -> bool:
    """Whether the call's answer depends on what was done before: it reads, or names what the scenario made."""
    return step.method in _READS or "${" in step.path or bool(probes.variables(step) - {probes.RUN})


def _shape(step: Step) -> Request:
    """The step's call with its variables as they stand: enough to tell the operation."""
    path, _, fixed = step.path.partition("?")
    query = "&".join(filter(None, (fixed, *(f"{name}={value or ''}" for name, value in step.query.items()))))
    return Request(method=step.method, path=path, query=query, headers=Headers(step.headers.items()))


def _about(told: Sequence[Told], ids: Collection[str]) -> list[str]:
    """The types of those events that mention one of the ids."""
    quoted = [orjson.dumps(each) for each in ids]
    return [event.type for event in told if any(each in event.text for each in quoted)]


def _ids(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    """Every ``id`` in a value, but for words of the API: a capability is called ``transfers`` in every account."""
    if not depth:
        return
    if isinstance(value, dict):
        if isinstance(found := value.get("id"), str) and not _WORD.fullmatch(found):
            yield found
        for each in value.values():
            yield from _ids(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _ids(each, depth - 1)


def _words(answer: Answer) -> str:
    """What an error says, wherever this provider's errors say it."""
    return next(_messages(answer.value, _DEPTH), "")[:_WORDS]


def _messages(value: Any, depth: int) -> Iterator[str]:
    if not depth:
        return
    if isinstance(value, dict):
        for name in ("message", "Message", "detail"):
            if isinstance(found := value.get(name), str):
                yield found
        for each in value.values():
            yield from _messages(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _messages(each, depth - 1)
