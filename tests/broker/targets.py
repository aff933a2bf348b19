"""Webhook targets on loopback, and what deliveries need around them: storage, one environment, a signing service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from broker.clock import Clock, SystemClock
from broker.outbox import Outbox
from broker.policy import Policy
from broker.settings import Settings
from broker.storage.base import Credential, Environment, Event
from broker.storage.sqlite import SqliteStorage
from broker.upstream import Timeouts, Upstream
from broker.vault import Vault
from contracts.exchange import Headers, Request
from mocks.base import MockService, Target
from tests.broker.services import alpha

KEY = "a key of the tests, long enough"
#: Bytes of a request: parts of uploads have 5 MiB at the least.
_LARGEST = 8 << 20


@dataclass
class Heard:
    """One request that a target received."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A web site on loopback. ``answer`` decides what each request gets; everything is kept in ``heard``."""

    answer: Callable[[web.Request, int], Awaitable[web.StreamResponse]]
    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._arrived:
            self.heard.append(Heard(request.path_qs, dict(request.headers), body))
            self._arrived.notify_all()
        return await self.answer(request, len(self.heard))

    async def wait(self, count: int, seconds: float = 10) -> list[Heard]:
        """Until that many requests have arrived."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.heard) >= count)
        return self.heard


def statuses(*codes: int) -> Callable[[web.Request, int], Awaitable[web.StreamResponse]]:
    """Answers these statuses in turn, the last one for ever."""

    async def answer(request: web.Request, number: int) -> web.StreamResponse:
        return web.Response(status=codes[min(number, len(codes)) - 1])

    return answer


def _roomy(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    """A request that may be as long as a part of an upload."""
    return web.BaseRequest(
        message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=_LARGEST
    )


@asynccontextmanager
async def site(
    answer: Callable[[web.Request, int], Awaitable[web.StreamResponse]] | None = None, *, port: int = 0
) -> AsyncIterator[Site]:
    """A running Site; 200 to everything unless told otherwise."""
    found = Site(answer or statuses(200))
    server = web.Server(found.receive, request_factory=_roomy)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    address = web.TCPSite(runner, "127.0.0.1", port)
    await address.start()
    found.port = runner.addresses[0][1]
    try:
        yield found
    finally:
        await runner.cleanup()


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait for a state that storage keeps and tells nobody about."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.01)


def sign(payload: Mapping[str, Any], target: Target, at: datetime) -> Request:
    """A scheme of the tests: the secret itself, so that its way through the vault is seen."""
    headers = Headers([("content-type", "application/json"), ("alpha-signature", f"{target.secret}@{at.isoformat()}")])
    return Request(method="POST", path="/", headers=headers, body=json.dumps(payload).encode())


def signing_services() -> dict[str, MockService]:
    return {"alpha": replace(alpha(), sign_event=sign)}


class World:
    """A data folder with everything that durable work needs."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.settings = Settings(data=folder)
        self.clock = clock or SystemClock()
        self.vault = Vault(KEY)
        self.upstream = Upstream(self.settings)
        self.storage = SqliteStorage(folder, lambda: "id_" + self.clock.text(20))
        self.services = signing_services()
        self.outbox = Outbox(
            storage=self.storage,
            services=self.services,
            vault=self.vault,
            clock=self.clock,
            upstream=self.upstream,
            timeouts=Timeouts(connect=2, total=2),
        )

    async def environment(self, name: str = "pr-1", *, retries: Sequence[str] = (), **changes: Any) -> Environment:
        """An open one that retries deliveries after ``retries``, with a credential and a record in its store."""
        policy = Policy.parse({"version": 1, "services": {"alpha": {"webhook_retries": list(retries)}}}, {"alpha"})
        now = self.clock.now()
        made = Environment(
            **{
                "name": name,
                "uid": f"{name}-{self.clock.text(10).lower()}",
                "tag": self.clock.text(5),
                "status": "open",
                "policy": policy.normalised,
                "seed": 1,
                "created_at": now,
                "expires_at": now + timedelta(days=7),
                **changes,
            }
        )
        key = Credential(
            environment=made.uid,
            service="alpha",
            spec="secret_key",
            key_hash=self.vault.fingerprint(made.uid),
            key_sealed=self.vault.seal(made.uid),
            secret_sealed=None,
            presented=True,
        )
        await self.storage.registry.add_environment(made, [key])
        store = await self.storage.create(made)
        call = store.begin("alpha")
        await call.put("thing", "th_1", {"id": "th_1"})
        await call.commit()
        return made

    async def emit(self, environment: Environment, *targets: Target, type_: str = "thing.made") -> list[str]:
        """Store an event and its deliveries as a call does; answers the deliveries' ids."""
        now = self.clock.now()
        name = "evt_" + self.clock.text(16)
        event = Event(id=name, service="alpha", type=type_, payload={"id": name, "type": type_}, created_at=now)
        planned = self.outbox.plan(event, targets, now)
        call = (await self.storage.open(environment)).begin("alpha")
        await call.start()
        call.add_event(event)
        for delivery in planned:
            call.add_delivery(delivery)
        await call.commit()
        return [delivery.id for delivery in planned]

    async def delivery(self, environment: Environment, delivery_id: str) -> Any:
        return await (await self.storage.open(environment)).outbox.delivery(delivery_id)

    async def over(self, environment: Environment, *delivery_ids: str, status: str = "delivered") -> None:
        """Wait until the deliveries have that status."""

        async def holds() -> bool:
            found = [await self.delivery(environment, each) for each in delivery_ids]
            return all(each.status == status for each in found)

        await until(holds)

    async def attempts(self, environment: Environment, delivery_id: str) -> Sequence[Any]:
        return await (await self.storage.open(environment)).outbox.attempts(delivery_id)

    async def close(self) -> None:
        await self.upstream.close()
        await self.storage.close()
