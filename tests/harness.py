"""Runs one mock service over real SQLite storage without a socket: what the gateway does, minus the caller's key.

Every reply is checked against its contract, and a broken one raises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from broker.backends.mock import BrokenReply, MockBackend, broken_error
from broker.clock import Clock
from broker.directory import Entry
from broker.outbox import hears
from broker.policy import Policy
from broker.storage.base import Delivery, Environment, EnvironmentStore, Event
from broker.storage.sqlite import SqliteStorage
from broker.vault import Vault
from broker.visit import Visit
from contracts.contract import ContractViolation
from contracts.exchange import Headers, Request, Response
from mocks.base import Grant, MockService, Refusal, ServiceError, Target
from tests.clocks import HeldClock


def planned(clock: Clock, vault: Vault, event: Event, targets: Sequence[Target], now: datetime) -> Sequence[Delivery]:
    """One delivery for each target that hears the event."""
    return [
        Delivery(
            id=clock.text(20),
            event_id=event.id,
            service=event.service,
            url=target.url,
            secret_sealed=vault.seal(target.secret),
            endpoint=target.endpoint,
            status="pending",
            attempts=0,
            next_at=now,
            created_at=now,
            scope=event.scope,
        )
        for target in targets
        if hears(target, event.type) and target.wants(event.payload)
    ]


class Harness:
    """One environment with one service. ``clock`` is the test's to advance; ``notified`` collects delivery ids. Without
    ``strict_errors`` only the errors of the service may differ from its contract."""

    def __init__(
        self,
        service: MockService,
        folder: Path,
        *,
        policy: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        strict_errors: bool = True,
    ) -> None:
        self.service = service
        self._strict_errors = strict_errors
        self.clock = clock or HeldClock()
        self.vault = Vault("a key for tests only")
        self.storage = SqliteStorage(folder, lambda: self.clock.text(20))
        self.notified: list[str] = []
        #: What the environment has besides, by service and name: handlers see the names alone.
        self.credentials: dict[tuple[str, str], Any] = {}
        #: The keys that the last call looked for and did not find: how foreign ids are recognised.
        self.missed: list[str] = []
        #: Whose test the calls are of.
        self.scope = ""
        #: The last call in the words of the contract's version.
        self.adapted: Request | None = None
        now = self.clock.now()
        self.environment = Environment(
            name="pr-1",
            uid="pr-1.00001",
            tag="00001",
            status="open",
            policy=policy or {},
            seed=1,
            created_at=now,
            expires_at=now.replace(year=now.year + 50),
        )
        self.backend = MockBackend(self.storage, self.clock, self.vault, self._plan, self._notify, strict=True)

    def _plan(self, event: Event, targets: Sequence[Target], now: Any) -> Sequence[Delivery]:
        return planned(self.clock, self.vault, event, targets, now)

    def _notify(self, uid: str, delivery_ids: Sequence[str]) -> None:
        self.notified += delivery_ids

    async def store(self) -> EnvironmentStore:
        """The environment's store, to look at events, mails and blobs."""
        return await self.storage.open(self.environment)

    async def grant(self, key: str) -> Grant:
        """What the state knows of a key that the service's API made. Raises AssertionError."""
        assert self.service.made_keys is not None
        state = (await self.store()).begin(self.service.name)
        found = await self.service.made_keys.find(state, key)
        await state.rollback()
        assert found is not None, "no such key"
        return found

    async def send(self, request: Request, *, credential: str | None = None, key: str | None = None) -> Response:
        """As the gateway: match, answer, render what is refused, decorate. An unmatched request raises Refusal's
        rendering for an unknown operation. ``credential`` is the name of the caller's, "" for nobody's; ``key`` is one
        that the service's API made."""
        response = await self._answer(request, credential, key)
        self.service.decorate(
            self.adapted or request, response, lambda prefix, length: prefix + self.clock.text(length)
        )
        return response

    async def _answer(self, request: Request, credential: str | None, key: str | None) -> Response:
        request = self.service.relocate(request)
        match = self.service.contract().match(request)
        if match is None:
            return self.service.render_error(Refusal("unknown_operation", "no such operation"), request)
        policy = Policy.from_normalised(self.environment.policy)
        visit = Visit(
            self.clock.text(16),
            Entry(self.environment, policy, self.credentials),
            self.service,
            self.service.credentials[0].name if credential is None else credential or None,
            request,
            self.clock.now(),
            self.clock.monotonic(),
            "mock",
            match,
        )
        if key is not None:
            grant = await self.grant(key)
            visit.credential, visit.grant = grant.name, grant.terms
        visit.scope = self.scope
        try:
            return await self.backend.answer(visit, self.service, match)
        except Refusal as refused:
            return self.service.render_error(refused, request)
        except (ServiceError, ContractViolation) as refused:
            response = self.service.render_error(refused, request)
            broken = broken_error(self.service.contract(), match.operation, response)
            if broken and self._strict_errors:
                raise BrokenReply(match.operation, broken) from refused
            return response
        finally:
            self.missed = visit.missed
            self.adapted = visit.adapted

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | str = "",
        form: Any = None,
        json: Any = None,
        body: bytes = b"",
        stream: AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        credential: str | None = None,
        key: str | None = None,
    ) -> Response:
        """One request. ``form`` is a mapping or pairs of already bracketed names; ``json`` any JSON value."""
        fields = {name.lower(): value for name, value in (headers or {}).items()}
        if form is not None:
            body = urlencode(form, doseq=True).encode()
            fields.setdefault("content-type", "application/x-www-form-urlencoded")
        if json is not None:
            body = orjson.dumps(json)
            fields.setdefault("content-type", "application/json")
        if stream is None:
            fields.setdefault("content-length", str(len(body)))
        request = Request(
            method=method,
            path=path,
            query=query if isinstance(query, str) else urlencode(query, doseq=True),
            headers=Headers(fields.items()),
            body=body,
            stream=stream,
            sent_path=path,
            host="127.0.0.1:4600",
        )
        return await self.send(request, credential=credential, key=key)

    async def visit(
        self, method: str, path: str, *, query: str = "", form: Mapping[str, Any] | None = None, body: bytes = b""
    ) -> Response:
        """What a browser is answered, which has no credential."""
        body = body if form is None else urlencode(form).encode()
        request = Request(method=method, path=path, query=query, body=body, sent_path=path, host="127.0.0.1:4600")
        page = self.service.pages(request)
        assert page is not None, path
        entry = Entry(self.environment, Policy.from_normalised(self.environment.policy), {})
        visit = Visit(
            self.clock.text(16), entry, self.service, None, request, self.clock.now(), self.clock.monotonic(), "mock"
        )
        try:
            return await self.backend.page(visit, self.service, page)
        finally:
            self.missed = visit.missed

    async def wake(self) -> None:
        """What the service does by time alone."""
        entry = Entry(self.environment, Policy.from_normalised(self.environment.policy), {})
        request = Request(method="POST", path="/")
        now, started = self.clock.now(), self.clock.monotonic()
        await self.backend.wake(
            Visit(self.clock.text(16), entry, self.service, None, request, now, started), self.service
        )

    async def close(self) -> None:
        await self.storage.close()


async def read(response: Response) -> bytes:
    """All bytes of an answer, streamed or not."""
    if response.stream is None:
        return response.body
    return b"".join([chunk async for chunk in response.stream])


def value(response: Response) -> Any:
    """The JSON value of an answer."""
    return orjson.loads(response.body)
