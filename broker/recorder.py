"""The journal's writer: takes finished exchanges at once, redacts and stores them behind the hot path.

What is taken in the last moment before a kill -9 may be missing from the journal; state never is.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from broker.feed import Feed
from broker.metrics import Metrics
from broker.redact import Redactor, open_headers
from broker.storage.base import Environment, Exchange, Storage
from broker.tasks import Keeper
from broker.visit import Visit
from contracts.exchange import Response

log = logging.getLogger("broker.recorder")

#: Exchanges that wait at the most; beyond it the oldest are dropped and counted.
_WAITING = 20_000
#: Bytes of bodies that wait at the most.
_WAITING_BYTES = 64 << 20
#: Bytes of a body that are looked at beyond those that are kept, so that a secret that the cut divides is hidden too.
_BEYOND = 4096
#: Exchanges that are redacted before the event loop gets its turn back: a few, and a part of those that wait where
#: there are many. A server that has more to do than it can would else keep them all in memory.
_SLICE = 4
_PART = 16
#: Exchanges that are held until they are stored together.
_BATCH = 256
_PAUSE_SECONDS = 0.005


@dataclass(slots=True)
class _Taken:
    """A visit that is over, secrets and all, with its answer as it was sent. Of the bodies only the part that is looked
    at: whole ones, by the thousand, would fill the memory until they are written."""

    visit: Visit
    ended: float
    status: int
    request_body: bytes
    request_size: int
    response_headers: list[tuple[str, str]]
    response_body: bytes
    response_size: int

    @property
    def held(self) -> int:
        """Bytes of bodies that it keeps in memory."""
        return len(self.request_body) + len(self.response_body)


class Recorder:
    """``take`` costs an append; a background task does the rest."""

    def __init__(
        self, storage: Storage, redactor: Redactor, keeper: Keeper, *, body_bytes: int, feed: Feed | None = None
    ) -> None:
        self._storage = storage
        self._redactor = redactor
        self._keeper = keeper
        self._body_bytes = body_bytes
        self.feed = feed or Feed()
        self._waiting: deque[_Taken] = deque()
        self._held = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        #: How many were taken, and how many of these wait no more, each since the start.
        self._taken = self._settled = 0
        self._moved = asyncio.Event()
        self.dropped = 0

    def expose(self, metrics: Metrics) -> None:
        """What the journal lost."""
        metrics.counter("journal_dropped", "Exchanges the journal lost.", (), lambda: {(): self.dropped})

    def start(self) -> None:
        """Begin to write."""
        self._keeper.start(self._run(), "journal")

    def take(self, visit: Visit, response: Response, ended: float) -> None:
        """Note a visit that is over; ``ended`` is the monotonic time. Never blocks, never fails."""
        request, cut = visit.request, self._body_bytes + _BEYOND
        taken = _Taken(
            visit,
            ended,
            response.status,
            request.body[:cut],
            _size(request.headers.get("content-length"), request.body),
            response.headers,
            response.body[:cut],
            _size(response.header("content-length"), response.body),
        )
        request.body = b""
        self._waiting.append(taken)
        self._taken += 1
        self._held += taken.held
        while len(self._waiting) > _WAITING or self._held > _WAITING_BYTES:
            self._held -= self._waiting.popleft().held
            self.dropped += 1
        self._idle.clear()
        self._wake.set()

    async def flush(self) -> None:
        """Wait until everything that was taken is stored."""
        await self._idle.wait()

    async def settle(self) -> None:
        """Wait until what was taken so far is stored, whatever is taken meanwhile."""
        wanted = self._taken
        while self._settled < wanted:
            await self._moved.wait()

    def forget(self, uid: str) -> None:
        """The environment is being deleted: nothing of it may be written any more."""
        self._waiting = deque(taken for taken in self._waiting if taken.visit.entry.environment.uid != uid)
        self._held = sum(taken.held for taken in self._waiting)
        self.feed.end(uid)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                # A short pause gathers a batch: one transaction for many exchanges.
                await asyncio.sleep(_PAUSE_SECONDS)
                await self._drain()
                self._move()
            self._move()
            self._idle.set()

    def _move(self) -> None:
        """Tell those who wait how far it is."""
        self._settled = self._taken - len(self._waiting)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _drain(self) -> None:
        batches: dict[str, tuple[Environment, list[Exchange]]] = {}
        since = 0
        for _ in range(min(len(self._waiting), _BATCH)):
            if not self._waiting:
                break
            taken = self._waiting.popleft()
            self._held -= taken.held
            environment = taken.visit.entry.environment
            try:
                exchange = self._exchange(taken)
            except Exception as failed:
                self._lost(environment, 1, failed)
            else:
                batches.setdefault(environment.uid, (environment, []))[1].append(exchange)
            since += 1
            if since >= max(_SLICE, len(self._waiting) // _PART):
                since = 0
                await asyncio.sleep(0)
        for environment, exchanges in batches.values():
            await self._store(environment, exchanges)

    async def _store(self, environment: Environment, exchanges: Sequence[Exchange]) -> None:
        try:
            current = await self._storage.registry.environment_by_uid(environment.uid)
            if current is None or current.status != "open":
                return
            store = await self._storage.open(environment)
            store.users += 1
            try:
                await store.journal.add(exchanges)
            finally:
                store.users -= 1
            self.feed.publish(environment.uid, exchanges)
        except Exception as failed:
            self._lost(environment, len(exchanges), failed)

    def _lost(self, environment: Environment, count: int, failed: Exception) -> None:
        """Whatever failed, the journal goes on: an exchange that is lost is counted."""
        self.dropped += count
        # A disk that is full says all of it in its error.
        known = isinstance(failed, sqlite3.OperationalError | OSError)
        log.warning(
            "the journal of %s lost %d exchanges: %s",
            environment.name,
            count,
            failed,
            exc_info=None if known else failed,
        )

    def _exchange(self, taken: _Taken) -> Exchange:
        visit = taken.visit
        request, operation = visit.request, visit.operation
        path = request.sent_path or request.path
        if request.query:
            path += "?" + request.query
        request_headers, response_headers = open_headers(request.headers.pairs), open_headers(taken.response_headers)
        request_body, response_body = taken.request_body, taken.response_body
        values = [value for _, value in request_headers] + [value for _, value in response_headers]
        together = "\n".join([path, *values]).encode("utf-8", "replace")
        hide = self._redactor.suspicious(b"\n".join((together, request_body, response_body)))
        if hide and self._redactor.suspicious(together):
            request_headers = self._redactor.headers(request_headers)
            response_headers = self._redactor.headers(response_headers)
            path = self._redactor.target(path)
        return Exchange(
            id=visit.id,
            at=visit.now,
            service=visit.service.name if visit.service else None,
            operation=operation.id if operation else None,
            mode=visit.mode,
            fidelity=visit.fidelity,
            method=request.method,
            path=path,
            status=taken.status,
            duration_ms=round((taken.ended - visit.started) * 1000, 3),
            request_headers=request_headers,
            request_body=self._text(request_body, hide=hide),
            request_size=taken.request_size,
            response_headers=response_headers,
            response_body=self._text(response_body, hide=hide),
            response_size=taken.response_size,
            violations=visit.violations,
            incident=visit.incident,
            scope=visit.scope,
        )

    def _text(self, body: bytes, *, hide: bool) -> str | None:
        """The part that is kept, as text; None where there is none or it is no text."""
        if not body:
            return None
        try:
            text = body.decode()
        except UnicodeDecodeError as broken:
            # Only a character that the cut divided may be broken.
            if broken.start < len(body) - 4:
                return None
            text = body[: broken.start].decode()
        if hide and self._redactor.suspicious(body):
            text = self._redactor.text(text)
        return text[: self._body_bytes]


def _size(declared: str | None, body: bytes) -> int:
    """Bytes: what was declared where the body was a stream."""
    return int(declared) if not body and declared and declared.isdecimal() else len(body)
