"""The journal's writer: takes finished exchanges at once, redacts and stores them behind the hot path.

What is taken in the last moment before a kill -9 may be missing from the journal; state never is.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broker.redact import Redactor
from broker.storage.base import Environment, Exchange, Storage
from broker.tasks import Keeper

log = logging.getLogger("broker.recorder")

#: Exchanges that wait at the most; beyond it the oldest are dropped and counted.
_WAITING = 20_000
#: Exchanges that are redacted before the event loop gets its turn back.
_SLICE = 4
_PAUSE_SECONDS = 0.02


@dataclass(slots=True, kw_only=True)
class Taken:
    """An exchange as it happened, secrets and all: lives in memory only until it is redacted."""

    environment: Environment
    id: str
    at: datetime
    service: str | None
    operation: str | None
    mode: str
    fidelity: str | None
    method: str
    path: str
    status: int
    duration_ms: float
    request_headers: Sequence[tuple[str, str]]
    request_body: bytes
    request_size: int
    response_headers: Sequence[tuple[str, str]]
    response_body: bytes
    response_size: int
    violations: list[dict[str, Any]] = field(default_factory=list)
    incident: str | None = None


class Recorder:
    """``take`` costs an append; a background task does the rest."""

    def __init__(self, storage: Storage, redactor: Redactor, keeper: Keeper, *, body_bytes: int) -> None:
        self._storage = storage
        self._redactor = redactor
        self._keeper = keeper
        self._body_bytes = body_bytes
        self._waiting: deque[Taken] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.dropped = 0

    def start(self) -> None:
        """Begin to write."""
        self._keeper.start(self._run(), "journal")

    def take(self, taken: Taken) -> None:
        """Never blocks, never fails."""
        if len(self._waiting) >= _WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(taken)
        self._idle.clear()
        self._wake.set()

    async def flush(self) -> None:
        """Wait until everything that was taken is stored."""
        await self._idle.wait()

    def forget(self, uid: str) -> None:
        """The environment is being deleted: nothing of it may be written any more."""
        self._waiting = deque(taken for taken in self._waiting if taken.environment.uid != uid)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            # A short pause gathers a batch: one transaction for many exchanges.
            await asyncio.sleep(_PAUSE_SECONDS)
            await self._drain()
            if not self._waiting:
                self._idle.set()

    async def _drain(self) -> None:
        batches: dict[str, tuple[Environment, list[Exchange]]] = {}
        for count in range(len(self._waiting)):
            if not self._waiting:
                break
            taken = self._waiting.popleft()
            environment = taken.environment
            batches.setdefault(environment.uid, (environment, []))[1].append(self._exchange(taken))
            if count % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
        for environment, exchanges in batches.values():
            await self._store(environment, exchanges)

    async def _store(self, environment: Environment, exchanges: Sequence[Exchange]) -> None:
        current = await self._storage.registry.environment_by_uid(environment.uid)
        if current is None or current.status != "open":
            return
        try:
            store = await self._storage.open(environment)
            store.users += 1
            try:
                await store.journal.add(exchanges)
            finally:
                store.users -= 1
        except (sqlite3.Error, OSError) as failed:
            self.dropped += len(exchanges)
            log.warning("the journal of %s lost %d exchanges: %s", environment.name, len(exchanges), failed)

    def _exchange(self, taken: Taken) -> Exchange:
        path, mark, query = taken.path.partition("?")
        return Exchange(
            id=taken.id,
            at=taken.at,
            service=taken.service,
            operation=taken.operation,
            mode=taken.mode,
            fidelity=taken.fidelity,
            method=taken.method,
            path=self._redactor.text(path) + (mark + self._redactor.text(query) if mark else ""),
            status=taken.status,
            duration_ms=round(taken.duration_ms, 3),
            request_headers=self._redactor.headers(taken.request_headers),
            request_body=self._body(taken.request_body),
            request_size=taken.request_size,
            response_headers=self._redactor.headers(taken.response_headers),
            response_body=self._body(taken.response_body),
            response_size=taken.response_size,
            violations=taken.violations,
            incident=taken.incident,
        )

    def _body(self, body: bytes) -> str | None:
        """The part that is kept, as text; None where there is none or it is no text. A secret that the cut divides is
        hidden too, because what is looked at reaches past the cut."""
        if not body:
            return None
        try:
            text = body[: self._body_bytes + 4096].decode()
        except UnicodeDecodeError as broken:
            if broken.start < min(len(body), self._body_bytes) - 4:
                return None
            text = body[: broken.start].decode()
        return self._redactor.text(text)[: self._body_bytes]
