"""Mode ``record``: as ``sandbox``, and what passes is written into the environment's cassette, behind the hot path.

Only answers of the real provider are recorded, and that what is not the environment's own is missing there; never the
broker's own refusals or a mock's answers. A cassette has one recorder: another environment is refused before anything
is sent. What cannot be written (it looks like a secret, the disk is full) hinders no call, and is told: in the log, as
an incident, and beside the cassette.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from broker.backends.base import Backend, Watched
from broker.cassettes.recorded import Body, Kept, Recorded, joined, query_of, telling
from broker.cassettes.scan import LooksSecret
from broker.cassettes.shelf import Shelf
from broker.errors import BrokerError
from broker.storage.base import Environment
from broker.tasks import Keeper
from broker.visit import Visit
from contracts.contract import Match, Operation
from contracts.exchange import Request, Response
from mocks.base import Missing, MockService, Refusal

log = logging.getLogger("broker.record")

#: Exchanges that wait to be written at the most, and bytes of their bodies.
_WAITING, _WAITING_BYTES = 1000, 32 << 20
#: Seconds for more to come before it is written.
_GATHER = 0.1
#: What was lost of a cassette that is remembered.
_LOST = 20
_TAKEN = (
    "The cassette {name} of {service} holds what {owner} recorded, and a cassette has one recorder. Delete it (broker "
    "cassette delete {service} {name}), or name another one: services.{service}.cassette in the policy."
)

#: The texts that must not occur in a cassette, for an environment and a service.
Secrets = Callable[[Environment, str], Awaitable[Sequence[str]]]


class Report(Protocol):
    """As broker.incidents.Incidents.report."""

    def __call__(
        self, kind: str, message: str, *, request: Request, environment: Environment, service: str, **details: Any
    ) -> Awaitable[str]: ...


@dataclass(frozen=True, slots=True)
class Lost:
    """An exchange that is not in its cassette. ``why`` is secret, failed or dropped."""

    at: datetime
    operation: str
    why: str
    words: str


@dataclass(slots=True)
class _Waiting:
    """Bodies are decoded where they are written, not where they pass."""

    environment: Environment
    service: str
    name: str
    exchange: str
    at: datetime
    operation: Operation
    request: Request
    asked: Kept
    response: Response
    answered: Kept
    contract: str
    secrets: Sequence[str] = ()

    @property
    def size(self) -> int:
        return self.asked.held + self.answered.held

    def recorded(self) -> Recorded:
        """As the cassette gets it."""
        headers = telling(self.response.headers)
        length = self.response.header("content-length")
        if self.request.method == "HEAD" and length is not None:
            headers.append(("content-length", length))
        operation = self.operation
        return Recorded(
            operation=operation.id,
            method=self.request.method,
            path=self.request.path,
            query=query_of(self.request.query),
            request_headers=joined(telling(self.request.headers.pairs)),
            request=request_body(self.request, operation, self.asked),
            status=self.response.status,
            response_headers=joined(headers),
            response=self.answered.body(self.response.header("content-type") or "", opaque=operation.streams_response),
            recorded_at=self.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            contract=self.contract,
        )


class RecordBackend:
    """``proxy`` is what answers. ``outcomes`` count exchanges by service: written, secret (not written because it looks
    like one), failed, dropped (too many at once). ``lost`` tells of those that are not in their cassette."""

    def __init__(self, proxy: Backend, shelf: Shelf, keeper: Keeper, *, report: Report, secrets: Secrets) -> None:
        self._proxy = proxy
        self._shelf = shelf
        self._keeper = keeper
        self._report = report
        self._secrets = secrets
        #: Who records which cassette, by uid.
        self._claims: dict[tuple[str, str], str] = {}
        self._waiting: deque[_Waiting] = deque()
        self._held = 0
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._started = False
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.lost: dict[tuple[str, str], deque[Lost]] = {}

    def forget(self, uid: str) -> None:
        """The environment is over: what it recorded stays its own."""
        self._claims = {key: owner for key, owner in self._claims.items() if owner != uid}

    def is_recording(self, service: str, name: str) -> bool:
        """Whether an open environment writes into the cassette."""
        return (service, name) in self._claims

    async def answer(self, visit: Visit, service: MockService, match: Match) -> Response:
        environment, request = visit.entry.environment, visit.request
        name = visit.entry.policy.cassette(service.name) or environment.name
        await self._claim(service.name, name, environment)
        asked = Kept()
        if request.stream is not None:
            request.stream = _Watched(request.stream, asked)
        else:
            asked.take(request.body)
        try:
            response = await self._proxy.answer(visit, service, match)
        except Missing as missing:
            # What is not the environment's own is missing, as it would be at the provider for one that is alone there.
            if not visit.crossed:
                said = service.render_error(missing, request)
                one = self._waiting_one(visit, service, match, name, asked, said)
                one.answered.take(said.body)
                await self._take_with_secrets(one, service)
            raise
        if visit.fidelity != "real":
            return response
        one = self._waiting_one(visit, service, match, name, asked, response)
        if response.stream is not None and request.method != "HEAD":
            if await self._know_secrets(one, service):
                response.stream = self._to_the_end(response.stream, one)
        else:
            one.answered.take(response.body)
            await self._take_with_secrets(one, service)
        return response

    @staticmethod
    def _waiting_one(
        visit: Visit, service: MockService, match: Match, name: str, asked: Kept, response: Response
    ) -> _Waiting:
        request = visit.request
        return _Waiting(
            environment=visit.entry.environment,
            service=service.name,
            name=name,
            exchange=visit.id,
            at=visit.now,
            operation=match.operation,
            request=Request(method=request.method, path=request.path, query=request.query, headers=request.headers),
            asked=asked,
            response=Response(response.status, list(response.headers)),
            answered=Kept(),
            contract=service.contract().version,
        )

    async def _take_with_secrets(self, one: _Waiting, service: MockService) -> None:
        if await self._know_secrets(one, service):
            self._take(one)

    async def _know_secrets(self, one: _Waiting, service: MockService) -> bool:
        """Without them the scan could miss one."""
        try:
            own = await self._secrets(one.environment, service.name)
        except Refusal as refused:
            self._lose(one, "failed", f"the credentials of the real account are not known: {refused.message}")
            return False
        presented = service.credential(one.request)
        one.secrets = [*own, *(() if presented is None else (presented.key,))]
        return True

    async def _claim(self, service: str, name: str, environment: Environment) -> None:
        """The cassette is this environment's to write, or nobody's yet. Raises Refusal."""
        key = (service, name)
        if self._claims.get(key) == environment.uid:
            return
        found = await asyncio.to_thread(self._shelf.recorder, service, name)
        if found is not None and found[1] != environment.uid:
            owner = f"the environment {found[0]}" if found[0] else "nobody here"
            raise Refusal("no_recording", _TAKEN.format(name=name, service=service, owner=owner))
        # Whoever came first while nothing was written yet.
        if self._claims.setdefault(key, environment.uid) != environment.uid:
            raise Refusal("no_recording", _TAKEN.format(name=name, service=service, owner="another environment"))

    async def _to_the_end(self, stream: AsyncIterator[bytes], one: _Waiting) -> AsyncIterator[bytes]:
        """Half an answer is none: what the caller did not take to its end is not recorded."""
        try:
            async for piece in stream:
                one.answered.take(piece)
                yield piece
            self._take(one)
        finally:
            close: Any = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    def _take(self, one: _Waiting) -> None:
        if len(self._waiting) >= _WAITING or self._held + one.size > _WAITING_BYTES:
            self._lose(one, "dropped", "too many exchanges waited to be written")
            return
        self._held += one.size
        self._waiting.append(one)
        self._idle.clear()
        self._wake.set()
        if not self._started:
            self._started = True
            self._keeper.start(self._run(), "cassettes")

    async def flush(self) -> None:
        """Wait until everything that was taken is written."""
        self._hurry.set()
        await self._idle.wait()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            # What comes together is written together: a cassette is written anew each time.
            try:
                await asyncio.wait_for(self._hurry.wait(), _GATHER)
            except TimeoutError:
                pass  # nobody waits for it
            self._wake.clear()
            while self._waiting:
                batch = [self._waiting.popleft()]
                while self._waiting and _same_cassette(self._waiting[0], batch[0]):
                    batch.append(self._waiting.popleft())
                self._held -= sum(one.size for one in batch)
                await self._written(batch)
            self._hurry.clear()
            self._idle.set()

    async def _written(self, batch: Sequence[_Waiting]) -> None:
        """All at once, which is one new file; one after the other where one of them must not be written."""
        try:
            await asyncio.to_thread(self._append, batch)
        except Exception as failed:
            if len(batch) > 1:
                for one in batch:
                    await self._written([one])
                return
            await self._refused(batch[0], failed)
        else:
            self.outcomes[batch[0].service, "written"] += len(batch)

    def _append(self, batch: Sequence[_Waiting]) -> None:
        first = batch[0]
        self._shelf.append(
            first.service,
            first.name,
            [one.recorded() for one in batch],
            list({secret: None for one in batch for secret in one.secrets}),
            environment=first.environment.name,
            uid=first.environment.uid,
        )

    async def _refused(self, one: _Waiting, failed: Exception) -> None:
        if isinstance(failed, LooksSecret):
            why, words = "secret", str(failed)
        elif isinstance(failed, BrokerError | OSError):
            why, words = "failed", f"an exchange is not in its cassette: {failed}"
        else:
            log.error("an exchange of %s is not in its cassette", one.service, exc_info=failed)
            why, words = "failed", f"an exchange is not in its cassette: {type(failed).__name__}"
        self._lose(one, why, words)
        await self._report(
            "unrecorded",
            words,
            request=one.request,
            environment=one.environment,
            service=one.service,
            exchange=one.exchange,
            operation=one.operation.id,
            cassette=one.name,
        )

    def _lose(self, one: _Waiting, why: str, words: str) -> None:
        log.error("cassette %s of %s, %s: %s", one.name, one.service, one.operation.id, words)
        self.outcomes[one.service, why] += 1
        kept = self.lost.setdefault((one.service, one.name), deque(maxlen=_LOST))
        kept.append(Lost(one.at, one.operation.id, why, words))


def request_body(request: Request, operation: Operation, kept: Kept) -> Body:
    """A request's body as cassettes hold it: here and where it is looked for again."""
    return kept.body(request.headers.get("content-type", "") or "", opaque=operation.streams_request)


def _same_cassette(one: _Waiting, other: _Waiting) -> bool:
    return (one.service, one.name, one.environment.uid) == (other.service, other.name, other.environment.uid)


class _Watched(Watched):
    """The application's body, with a copy of what passes."""

    def __init__(self, source: AsyncIterator[bytes], kept: Kept) -> None:
        super().__init__(source)
        self._kept = kept

    async def __anext__(self) -> bytes:
        piece = await super().__anext__()
        self._kept.take(piece)
        return piece
