"""A real provider whose drift is planted: one of our own mocks behind a wrapper that changes what it says.

``Planted.answer`` serves it on a socket. Its events go to the endpoints that were made through its API, signed by the
mock's own scheme, by a way that the test gives.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from aiohttp import web

from broker.app import Broker
from broker.clock import SystemClock
from broker.settings import Settings
from broker.storage.base import Delivery
from contracts.exchange import Headers, Request, Response
from contracts.probes import Scenario
from mocks.base import MockService, Target
from sandboxes.base import SandboxProvider
from tests.broker.targets import Site, site
from tests.harness import Harness, read

#: Changes an answer to a request, in place or by another one.
Plant = Callable[[Request, Response], Response | None]
ACCOUNT = "team-test"
#: More events than all probes together bring.
_ALL = 100_000
#: The real key, which only the gateway holds.
KEY = "sk_test_" + "51RealKeyOfTheGateway" * 3


@dataclass
class Planted:
    """``plants`` are at work until they are removed; ``swapped`` turns the order of a call's events."""

    harness: Harness
    #: Sends an event to an endpoint's address.
    send: Callable[[Request, str], Awaitable[None]]
    plants: list[Plant] = field(default_factory=list)
    swapped: bool = False
    muted: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)

    async def answer(self, request: web.Request, number: int) -> web.StreamResponse:
        """One request on the socket."""
        asked = Request(
            method=request.method,
            path=request.raw_path.partition("?")[0],
            query=request.query_string,
            headers=Headers([(name.lower(), value) for name, value in request.headers.items()]),
            body=await request.read(),
            sent_path=request.raw_path.partition("?")[0],
            host=request.host,
        )
        self.asked.append(f"{asked.method} {asked.path}")
        self.keys.add(request.headers.get("authorization", ""))
        response = await self.harness.send(asked)
        body = await read(response)
        response = Response(response.status, response.headers, body)
        for plant in self.plants:
            response = plant(asked, response) or response
        await self._tell()
        # What a HEAD is told of the length is no length of this answer.
        fields = [(n, value) for n, value in response.headers if n != "content-length" or request.method == "HEAD"]
        return web.Response(status=response.status, headers=fields, body=response.body)

    async def _tell(self) -> None:
        """The events that are not told yet."""
        outbox = (await self.harness.store()).outbox
        waiting = [each for each in await outbox.deliveries(limit=_ALL) if each.id not in self._told]
        events = {each.id: each for each in await outbox.events(limit=_ALL)}
        order = list(reversed(events))
        waiting.sort(key=lambda each: order.index(each.event_id), reverse=self.swapped)
        for delivery in waiting:
            self._told.add(delivery.id)
            if events[delivery.event_id].type not in self.muted:
                await self._deliver(delivery, events[delivery.event_id].payload)

    async def _deliver(self, delivery: Delivery, payload: Any) -> None:
        sign = self.harness.service.sign_event
        assert sign is not None
        target = Target(delivery.url, self.harness.vault.unseal(delivery.secret_sealed))
        await self.send(sign(payload, target, self.harness.clock.now()), delivery.url)


def edited(change: Callable[[Any], None], method: str = "GET", path: str = "/", status: int = 200) -> Plant:
    """Changes the JSON of answers of that status to calls of that method below the path."""

    def plant(request: Request, response: Response) -> Response | None:
        if request.method != method or not request.path.startswith(path) or response.status != status:
            return None
        value = orjson.loads(response.body)
        change(value)
        return replace(response, body=orjson.dumps(value))

    return plant


@dataclass
class Pair:
    """A broker, and the planted provider that its account is at."""

    broker: Broker
    provider: Planted
    site: Site


@asynccontextmanager
async def pair(
    folder: Path, service: MockService, provider: SandboxProvider, secret: Any, scenarios: list[Scenario]
) -> AsyncIterator[Pair]:
    """Both of them, running; the scenarios are the service's probes."""
    clock = SystemClock()
    broker = Broker(
        Settings(data=folder / "broker", port=0, sandbox_timeout_seconds=2, sandbox_settle_seconds=1),
        clock=clock,
        services=[service],
        providers=[provider],
    )
    broker.drift.checks.load = lambda name, pattern: scenarios
    broker.drift.checks.patience = 2.0
    transport = httpx.ASGITransport(broker.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://broker.test") as client:  # noqa: TID251 - speaks to the application in this process

        async def send(request: Request, url: str) -> None:
            answer = await client.post(urlsplit(url).path, content=request.body, headers=dict(request.headers))
            assert answer.status_code == 200, answer.text

        harness = Harness(service, folder / "provider", clock=clock, strict_errors=False)
        planted = Planted(harness, send)
        async with site(planted.answer) as target, broker.lifespan():
            answer = await client.put(
                f"/_broker/v1/accounts/{ACCOUNT}",
                json={"service": service.name, "endpoint": target.url(""), "secret": {"value": secret}, "rate": 1000},
                headers={"authorization": f"Bearer {broker.token}"},
            )
            assert answer.status_code == 201, answer.text
            if provider.hooks is not None:
                await broker.hooks.endpoints.ensure(ACCOUNT)
            yield Pair(broker, planted, target)
        await harness.close()
