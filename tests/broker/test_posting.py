"""Several deliveries in one request, a token from the target's own server, and a body that was stored before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from broker.storage.base import Environment, Event
from contracts.exchange import Headers, Request, Response
from mocks.base import Target
from mocks.posting import BODY, Batching, Granting, NotGranted
from tests.broker.services import alpha
from tests.broker.targets import Site, World, sign, site, statuses


def together(payloads: Sequence[Mapping[str, Any]], target: Target, at: datetime) -> Request:
    """The scheme of the tests, over a list."""
    return replace(sign({}, target, at), body=json.dumps(list(payloads)).encode())


def common(payload: Mapping[str, Any]) -> bool:
    return payload["type"] != "thing.alone"


BATCHING = Batching(sign=together, most=3, of=common, gather=0.005)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    made.services["alpha"] = replace(alpha(), sign_event=sign, batching=BATCHING)
    yield made
    await made.close()


async def emitted(world: World, environment: Environment, target: Target, count: int, **more: Any) -> list[str]:
    return [name for _ in range(count) for name in await world.emit(environment, target, **more)]


def names(target: Site) -> list[list[str]]:
    """The events of each request, as many as it has."""
    return [[each["id"] for each in heard.event] for heard in target.heard]


async def test_what_is_due_together_leaves_together(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        ids = await emitted(world, environment, Target(url=target.url(), secret="s"), 7)
        assert await world.outbox.attempt_due(environment.uid, ids) is None
        assert sorted(map(len, names(target))) == [1, 3, 3]
        assert len({name for request in names(target) for name in request}) == 7
        assert {heard.headers["alpha-signature"].partition("@")[0] for heard in target.heard} == {"s"}
        # One delivery's id tells a repetition; of several, each event has an id of its own.
        assert ["broker-delivery" in heard.headers for heard in target.heard].count(True) == 1
    for each in ids:
        assert [attempt.status for attempt in await world.attempts(environment, each)] == [200]
        assert (await world.delivery(environment, each)).status == "delivered"


async def test_a_request_is_only_so_long(world: World) -> None:
    environment = await world.environment()
    world.services["alpha"] = replace(alpha(), sign_event=sign, batching=replace(BATCHING, bytes=120))
    async with site() as target:
        ids = await emitted(world, environment, Target(url=target.url(), secret="s"), 3)
        assert await world.outbox.attempt_due(environment.uid, ids) is None
        assert list(map(len, names(target))) == [2, 1]


async def test_those_of_several_rounds_join(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        ids = await emitted(world, environment, Target(url=target.url(), secret="s"), 3)
        waits = await asyncio.gather(*(world.outbox.attempt_due(environment.uid, [each]) for each in ids))
        assert waits == [None, None, None]
        assert list(map(len, names(target))) == [3]


async def test_places_are_apart_and_so_is_what_goes_alone(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        ids = [
            *await emitted(world, environment, Target(url=target.url("/1"), secret="s"), 2),
            *await emitted(world, environment, Target(url=target.url("/2"), secret="t", endpoint="we_1"), 2),
            *await emitted(world, environment, Target(url=target.url("/1"), secret="s"), 2, type_="thing.alone"),
        ]
        assert await world.outbox.attempt_due(environment.uid, ids) is None
        found = sorted((heard.path, len(heard.event) if isinstance(heard.event, list) else 0) for heard in target.heard)
        assert found == [("/1", 0), ("/1", 0), ("/1", 2), ("/2", 2)]


async def test_a_failure_is_one_of_each_and_all_are_tried_again(world: World) -> None:
    environment = await world.environment(retries=["10ms"])
    async with site(statuses(500, 200)) as target:
        ids = await emitted(world, environment, Target(url=target.url(), secret="s"), 2)
        wait = await world.outbox.attempt_due(environment.uid, ids)
        assert wait is not None
        await asyncio.sleep(wait)
        assert await world.outbox.attempt_due(environment.uid, ids) is None
        assert list(map(len, names(target))) == [2, 2]
    for each in ids:
        assert [attempt.status for attempt in await world.attempts(environment, each)] == [500, 200]


async def test_what_is_gone_meanwhile_is_left_out(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        first, second = await emitted(world, environment, Target(url=target.url(), secret="s"), 2)
        store = await world.storage.open(environment)
        kept = await store.outbox.delivery(second)
        assert kept is not None
        begun = asyncio.gather(*(world.outbox.attempt_due(environment.uid, [each]) for each in (first, second)))
        await asyncio.sleep(0)
        await store.reset()
        event = Event(
            id=kept.event_id,
            service="alpha",
            type="thing.made",
            payload={"id": kept.event_id, "type": "thing.made"},
            created_at=kept.created_at,
        )
        await store.outbox.add_event(event, [kept])
        assert await begun == [None, None]
        assert names(target) in ([[kept.event_id]], [])
        assert await world.outbox.attempt_due(environment.uid, [first, second]) is None
        assert names(target) == [[kept.event_id]]


async def test_a_round_that_fails_is_looked_at_again_by_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = await world.environment()
    async with site() as target:
        ids = await emitted(world, environment, Target(url=target.url(), secret="s"), 2)
        store = await world.storage.open(environment)

        async def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(store.outbox, "record_attempts", full)
            waits = await asyncio.gather(*(world.outbox.attempt_due(environment.uid, [each]) for each in ids))
            assert sorted(wait or 0 for wait in waits) == [1, 5]
        assert await world.outbox.attempt_due(environment.uid, ids) is None
    assert [len(request) for request in names(target)] == [2, 2]


async def test_a_resent_one_goes_alone(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        ids = await emitted(world, environment, Target(url=target.url(), secret="s"), 2)
        await world.outbox.attempt_due(environment.uid, ids)
        delivery = await world.delivery(environment, ids[0])
        [fresh] = await world.outbox.resend(environment, delivery.event_id)
        assert await world.outbox.attempt_due(environment.uid, [fresh.id]) is None
        assert names(target)[1:] == [[delivery.event_id]]
        assert target.heard[1].headers["broker-delivery"] == fresh.id


def asking(url: str) -> Granting:
    """A target whose secret is ``token`` wants one from ``url``."""

    def ask(target: Target) -> tuple[str, Request] | None:
        return (url, Request(method="POST", path="/", body=b"give")) if target.secret == "token" else None

    def admit(request: Request, answer: Response) -> Request:
        if answer.status != 200:
            raise NotGranted(f"the token's server answered {answer.status}")
        return replace(request, headers=Headers([*request.headers, ("authorization", answer.body.decode())]))

    return Granting(ask, admit)


async def test_a_token_is_asked_for_first(world: World) -> None:
    environment = await world.environment()

    async def answer(request: web.Request, number: int) -> web.Response:
        return web.Response(text="Bearer abc") if request.path == "/token" else web.Response()

    async with site(answer) as target:
        world.services["alpha"] = replace(alpha(), sign_event=sign, granting=asking(target.url("/token")))
        ids = await world.emit(
            environment, Target(url=target.url("/1"), secret="token"), Target(url=target.url("/2"), secret="s")
        )
        assert await world.outbox.attempt_due(environment.uid, ids) is None
        found = {heard.path: heard.headers.get("Authorization") for heard in target.heard}
        assert found == {"/token": None, "/1": "Bearer abc", "/2": None}


async def test_no_token_no_delivery(world: World) -> None:
    environment = await world.environment()
    async with site(statuses(401)) as target:
        world.services["alpha"] = replace(alpha(), sign_event=sign, granting=asking(target.url("/token")))
        ids = await world.emit(environment, Target(url=target.url("/1"), secret="token"))
        assert await world.outbox.attempt_due(environment.uid, ids) is None
        assert [heard.path for heard in target.heard] == ["/token"]
        [attempt] = await world.attempts(environment, ids[0])
        assert (attempt.status, attempt.error) == (None, "the token's server answered 401")


class Seal:
    """Counts what it signs."""

    def __init__(self) -> None:
        self.size = 0

    def update(self, chunk: bytes) -> None:
        self.size += len(chunk)

    def headers(self) -> list[tuple[str, str]]:
        return [("alpha-sealed", str(self.size))]


async def test_a_body_that_was_stored_is_streamed_with_its_length(world: World) -> None:
    environment = await world.environment()
    world.services["alpha"] = replace(alpha(), sign_event=sign, body_seal=lambda target, at: Seal())
    body = bytes(range(256)) * 1000

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    async with site() as target:
        now = world.clock.now()
        call = (await world.storage.open(environment)).begin("alpha")
        blob = await call.write_blob(chunks())
        payload = {"id": "evt_1", "type": "thing.alone", BODY: {"id": blob.id, "size": blob.size}}
        event = Event(id="evt_1", service="alpha", type="thing.alone", payload=payload, created_at=now)
        planned = world.outbox.plan(event, [Target(url=target.url(), secret="s")], now)
        await call.start()
        call.add_event(event)
        for delivery in planned:
            call.add_delivery(delivery)
        await call.commit()
        assert await world.outbox.attempt_due(environment.uid, [planned[0].id]) is None
        assert target.heard[0].body == body
        assert target.heard[0].headers["Content-Length"] == str(len(body))
        assert target.heard[0].headers["alpha-sealed"] == str(len(body))
