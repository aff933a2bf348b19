"""Scores a mock by cassettes: every recorded exchange is played against it as a scenario, and the answers compared.

In process, in a throwaway environment for each cassette, at the time of the recording. Recorded ids are mapped to the
mock's own, learned pair by pair from the answers. What cannot be played fairly (it needs what was made before the
recording began) counts in no score, and is counted with its reason. docs/cassettes.md says how the number is made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from broker.backends.mock import MockBackend
from broker.cassettes.likeness import ASPECTS, Aspect, Difference, Likeness, compare
from broker.cassettes.recorded import Cassette, Recorded, pairs
from broker.cassettes.retelling import Retelling, needs
from broker.clock import ALPHANUMERIC, Clock, SystemClock
from broker.directory import Entry
from broker.policy import Policy
from broker.remaking import Remaking
from broker.storage.base import Delivery, Environment, Event
from broker.storage.sqlite import SqliteStorage
from broker.vault import Vault
from broker.visit import Visit
from contracts import comparison
from contracts.contract import ContractViolation
from contracts.exchange import Headers, Request, Response
from mocks.base import MockService, Refusal, ServiceError, Target

#: Bytes of a streamed answer that are compared.
_READ = 1 << 20
#: Places that are kept for one kind of difference, and breakdowns in words.
_EXAMPLES, _FAILURES = 3, 20
_READ_BACK = "it reads what was made before the recording began"


@dataclass(slots=True)
class Tally:
    """Exchanges of one operation, or of all. ``exact`` have no difference; ``lost`` is what each aspect took of
    ``total``."""

    exchanges: int = 0
    scored: int = 0
    exact: int = 0
    total: float = 0.0
    lost: dict[Aspect, float] = field(default_factory=dict)

    @property
    def score(self) -> float | None:
        """From 0 to 1, the mean of what was scored; None where nothing was."""
        return self.total / self.scored if self.scored else None

    @property
    def unscored(self) -> int:
        """Those that could not be played fairly."""
        return self.exchanges - self.scored

    def losses(self) -> Mapping[Aspect, float]:
        """What each aspect takes of the score, in the order of reports: together with it they make 1."""
        return {aspect: self.lost[aspect] / self.scored for aspect in ASPECTS if self.lost.get(aspect)}

    def take(self, likeness: Likeness) -> None:
        """Count one that was compared."""
        self.scored += 1
        self.exact += not likeness.differences
        self.total += likeness.score
        for aspect, lost in likeness.losses().items():
            self.lost[aspect] = self.lost.get(aspect, 0.0) + lost


@dataclass(slots=True)
class Score:
    """What came of it. ``differences`` count exchanges by (operation, difference); ``examples`` say where."""

    cassettes: int = 0
    all: Tally = field(default_factory=Tally)
    operations: dict[str, Tally] = field(default_factory=dict)
    versions: dict[str, Tally] = field(default_factory=dict)
    #: Why exchanges could not be scored.
    reasons: Counter[str] = field(default_factory=Counter)
    #: Exchanges that asked for no version, by the one that answered: the account's default.
    defaults: Counter[str] = field(default_factory=Counter)
    differences: Counter[tuple[str, Difference]] = field(default_factory=Counter)
    examples: dict[tuple[str, Difference], list[str]] = field(default_factory=dict)
    #: What the mock broke down at: its bugs.
    failures: list[str] = field(default_factory=list)

    def tallies(self, operation: str, version: str) -> Sequence[Tally]:
        """Those that an exchange counts in, with it counted."""
        found = (
            self.all,
            self.operations.setdefault(operation, Tally()),
            self.versions.setdefault(version or "unknown", Tally()),
        )
        for tally in found:
            tally.exchanges += 1
        return found

    def note(self, operation: str, differences: Sequence[Difference], place: str) -> None:
        """Count each kind of difference of one exchange once."""
        for key in dict.fromkeys((operation, each) for each in differences):
            self.differences[key] += 1
            kept = self.examples.setdefault(key, [])
            if len(kept) < _EXAMPLES:
                kept.append(place)


async def score(cassettes: Sequence[Cassette], services: Mapping[str, MockService], folder: Path) -> Score:
    """Plays every cassette. ``folder`` is for what the mocks store, and is the caller's to delete."""
    found = Score()
    clock = _Held()
    storage = SqliteStorage(folder, lambda: clock.text(20))
    try:
        for number, cassette in enumerate(cassettes):
            found.cassettes += 1
            service = services.get(cassette.service)
            if service is None:
                found.all.exchanges += len(cassette.exchanges)
                found.reasons[f"there is no mock of {cassette.service}"] += len(cassette.exchanges)
            else:
                await _Scenario(cassette, service, storage, clock, number, found).play()
    finally:
        await storage.close()
    return found


class _Held:
    """The machine's clock, but for the time of the day: that is the recording's."""

    def __init__(self) -> None:
        self._own: Clock = SystemClock()
        self.at: datetime = self._own.now()

    def begin(self, exchanges: Sequence[Recorded]) -> None:
        """The first time that is known, else now."""
        known = next((each.recorded_at for each in exchanges if each.recorded_at), None)
        self.at = self._own.now() if known is None else datetime.fromisoformat(known)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._own.monotonic()

    def text(self, length: int, alphabet: str = ALPHANUMERIC) -> str:
        return self._own.text(length, alphabet)


def _unplanned(event: Event, targets: Sequence[Target], now: datetime) -> Sequence[Delivery]:
    return ()


def _unheard(uid: str, delivery_ids: Sequence[str]) -> None:
    return None


class _Scenario:
    """One cassette in an environment of its own."""

    def __init__(
        self, cassette: Cassette, service: MockService, storage: SqliteStorage, clock: _Held, number: int, found: Score
    ) -> None:
        self._cassette = cassette
        self._service = service
        self._storage = storage
        self._clock = clock
        self._found = found
        self._retelling = Retelling(cassette.exchanges)
        self._remaking = Remaking(cassette.exchanges, service, self._retelling, self._plainly)
        clock.begin(cassette.exchanges)
        now = clock.now()
        self._environment = Environment(
            name=f"score-{number}",
            uid=f"score-{number}.{number:05}",
            tag=f"{number:05}",
            status="open",
            policy={},
            seed=1,
            created_at=now,
            expires_at=now.replace(year=now.year + 50, day=min(now.day, 28)),
        )
        self._backend = MockBackend(storage, clock, Vault("of a throwaway environment"), _unplanned, _unheard)

    async def play(self) -> None:
        """Every exchange in order."""
        for number, each in enumerate(self._cassette.exchanges, 1):
            if each.recorded_at:
                self._clock.at = max(self._clock.at, datetime.fromisoformat(each.recorded_at))
            await self._exchange(each, f"{self._cassette.name} #{number}")
        await self._storage.destroy(self._environment)

    async def _exchange(self, one: Recorded, place: str) -> None:
        request = self._service.relocate(self._retelling.request(one))
        match = self._service.contract().match(request)
        operation = match.operation.id if match is not None else f"{one.method} {_template(one.path)}"
        tallies = self._found.tallies(operation, one.contract)
        if one.contract and not any(name.endswith("-version") for name in one.request_headers):
            self._found.defaults[one.contract] += 1
        if one.status == 401:
            likeness = compare(_read(one), self._refused(request), self._retelling.expected(one))
            for tally in tallies:
                tally.take(likeness)
            self._found.note(operation, likeness.differences, place)
            return
        reason = self._retelling.unfair(one)
        if reason is not None and one.status != 404 and await self._remaking.supply(one):
            reason = self._retelling.unfair(one)
            request = self._service.relocate(self._retelling.request(one))
        if reason is None and one.method == "GET" and self._remaking.rests_on_it(one):
            reason = _READ_BACK
        if reason is None:
            response, missed = await self._answer(request, place)
            recorded = _read(one)
            ours = comparison.read(response, response.body)
            if recorded.status < 400 <= ours.status:
                missed = self._retelling.missed(one, missed)
                if missed and await self._remaking.missing(one, missed):
                    # Its key would bring the refusal back.
                    again = _without_key(self._service.relocate(self._retelling.request(one)))
                    response, missed = await self._answer(again, place)
                    ours = comparison.read(response, response.body)
                    missed = self._retelling.missed(one, missed) if ours.status >= 400 else ()
                reason = needs(missed[0]) if missed else None
        if reason is not None:
            self._found.reasons[reason] += 1
            return
        likeness = compare(recorded, ours, self._retelling.expected(one))
        for tally in tallies:
            tally.take(likeness)
        self._found.note(operation, likeness.differences, place)
        self._retelling.learn(recorded, ours)

    def _refused(self, request: Request) -> comparison.Answer:
        """How a key is refused here that nobody knows."""
        shown = self._service.credential(request)
        refusal = Refusal("unknown_credential", "unknown key", hint=shown.hint if shown else "")
        response = self._service.render_error(refusal, request)
        self._service.decorate(request, response, lambda prefix, length: prefix + self._clock.text(length))
        return comparison.read(response, response.body)

    async def _plainly(self, request: Request) -> Response:
        return (await self._answer(request, "what it presupposes"))[0]

    async def _answer(self, request: Request, place: str) -> tuple[Response, Sequence[str]]:
        """The mock's answer, and the keys that it looked for and did not find."""
        service = self._service
        match = service.contract().match(request)
        if match is None:
            return service.render_error(Refusal("unknown_operation", "no such operation"), request), ()
        if match.operation.streams_request:
            request.stream, request.body = _pieces(request.body), b""
        visit = Visit(
            self._clock.text(16),
            Entry(self._environment, Policy.from_normalised({}), {}),
            service,
            service.credentials[0].name,
            request,
            self._clock.now(),
            self._clock.monotonic(),
            "mock",
            match,
        )
        try:
            response = await self._backend.answer(visit, service, match)
        except (ServiceError, ContractViolation, Refusal) as refused:
            response = service.render_error(refused, request)
        except Exception as failed:  # whatever it is: a bug of the mock, told and scored as such
            if len(self._found.failures) < _FAILURES:
                self._found.failures.append(f"{place}: {match.operation.id}: {type(failed).__name__}: {failed}")
            response = service.render_error(Refusal("internal", "The mock failed."), request)
        if response.stream is not None:
            body = b""
            async for piece in response.stream:
                body = (body + piece)[:_READ]
            response.body = body
        service.decorate(request, response, lambda prefix, length: prefix + self._clock.text(length))
        return response, visit.missed


def _read(one: Recorded) -> comparison.Answer:
    raw = one.response.raw()
    return comparison.read(Response(one.status, list(pairs(one.response_headers)), raw), raw)


def _without_key(request: Request) -> Request:
    kept = [pair for pair in request.headers if not pair[0].endswith("idempotency-key")]
    return replace(request, headers=Headers(kept))


def _template(path: str) -> str:
    """A path that no operation knows, with what may be an id left out."""
    return "/".join("{id}" if re.search(r"[0-9A-Z]", each) and len(each) > 3 else each for each in path.split("/"))


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body
