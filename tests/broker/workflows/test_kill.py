"""kill -9 in the middle: what was begun is ended by the next start, once."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from broker import receipts, teardown
from broker.workflows.workflows import Workflows
from tests.broker.nightly import PlainChecks, finding, nights
from tests.broker.sandbox import workflows_with
from tests.broker.targets import World, site, statuses, until
from tests.broker.workflows.victim import THINGS, outside_of

ROOT = Path(__file__).parents[3]


async def victim(folder: Path, work: str, point: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.broker.workflows.victim", str(folder), work, point, cwd=ROOT
    )


@asynccontextmanager
async def restarted(folder: Path) -> AsyncIterator[tuple[World, Workflows, Any]]:
    """The next start over a folder, with its environment."""
    world = World(folder)
    workflows = Workflows(world.settings, world.clock, world.storage, world.vault, world.services, world.upstream)
    environment = await world.storage.registry.environment("pr-1")
    await workflows.start()
    try:
        yield world, workflows, environment
    finally:
        await workflows.stop()
        await world.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["closing", "disarmed", "begun", "counted", "deleting", "deleted", "receipt", "tombstone"]
)
async def test_a_close_that_is_killed_is_ended_by_the_next_start(tmp_path: Path, point: str) -> None:
    process = await victim(tmp_path, "close", point)
    assert await process.wait() == -signal.SIGKILL
    async with restarted(tmp_path) as (world, workflows, environment):
        async with asyncio.timeout(30):
            receipt = await workflows.teardown.closed(environment.uid)
        assert receipt["status"] == "closed"
        assert receipt["existed"]["records"] == {"alpha": {"thing": 1}}
        assert receipt["existed"]["credentials"] == 1
        assert receipt["left"] == {}
        assert await world.storage.leftovers(environment) == []
        [credential] = await world.storage.registry.credentials(environment.uid)
        assert credential.key_sealed == ""
        assert await workflows.close("pr-1") == receipt


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        "settled",
        "deleting",
        "deleted outside",
        "ended",
        "revoked",
        "verified",
        "released",
        "receipt",
        "told",
        "tombstone",
    ],
)
async def test_a_close_with_real_resources_that_is_killed_leaves_none(
    tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teardown, "_FIRST_WAIT", 0.02)
    process = await victim(tmp_path, "revoke", point)
    assert await process.wait() == -signal.SIGKILL
    world = World(tmp_path)
    outside, accounts = outside_of(tmp_path, world)
    environment = await world.storage.registry.environment("pr-1")
    assert environment is not None
    async with site() as target:
        workflows = workflows_with(world, accounts, told=target.url(), settle=timedelta(milliseconds=200))
        await workflows.start()
        async with asyncio.timeout(30):
            receipt = await workflows.teardown.closed(environment.uid)
            # Told before the kill and again after it under the same name, or once.
            await target.wait(1)
        await workflows.stop()
    [theirs] = outside.objects.values()
    assert theirs["marker"].rsplit(":", 1)[1].startswith("pr-2-")
    receipts.verify(receipt, receipts.public_key(world.vault.signing_key()))
    kinds = receipt["external"]["tiny"]["kinds"]
    # Everything has its end, and the one of which only the marker told is among them.
    assert set(kinds["note"]) <= {"deleted", "absent"}
    assert set(kinds["thing"]) <= {"deleted", "absent"}
    assert sum(kinds["note"].values()) == THINGS
    assert sum(kinds["thing"].values()) >= THINGS
    assert receipt["verified"]["tiny"]["listed"] == 0
    assert (receipt["left"], receipt["stuck"], receipt["status"]) == ({}, None, "closed")
    [notice] = {heard.headers["webhook-id"] for heard in target.heard}
    assert notice == f"ntc_closed-{environment.uid}"
    assert target.heard[0].event["data"] == receipt
    await world.close()


@pytest.mark.slow
@pytest.mark.parametrize("point", ["begun", "checking", "checked", "told", "judged", "over"])
async def test_a_night_that_is_killed_is_ended_by_the_next_start(tmp_path: Path, point: str) -> None:
    process = await victim(tmp_path, "night", point)
    assert await process.wait() == -signal.SIGKILL
    world = World(tmp_path)
    checks = PlainChecks(world, finding())
    made = nights(world, checks, told="http://127.0.0.1:9/")
    workflows = Workflows(world.settings, world.clock, world.storage, world.vault, world.services, world.upstream)
    workflows.attend(made)
    await workflows.start()
    await made.start()

    async def ended() -> bool:
        return await made.current() is None

    await until(ended)
    last = await made.last()
    assert last is not None
    assert ([part.status for part in last.parts], last.verdict, len(last.fresh)) == (["done"] * 3, "drift", 1)
    assert [each["id"] for each in await made.figures()] == [last.id]
    # What was done before the kill is not done again, and what was told is not told twice.
    left = {"begun": ["one", "two"], "checking": ["two"]}.get(point, [])
    assert [name for _, name in checks.asked] == left
    assert [notice.id for notice in await world.storage.external.notices()] == [f"ntc_drift-found-{last.id}"]
    await made.stop()
    await workflows.stop()
    await world.close()


@pytest.mark.slow
async def test_a_delivery_that_is_killed_between_attempts_goes_on(tmp_path: Path) -> None:
    async with site(statuses(500, 200)) as target:
        process = await victim(tmp_path, "deliver", target.url())
        await target.wait(1, 30)
        await asyncio.sleep(0.3)  # on record by now, and asleep until the second attempt
        process.kill()
        await process.wait()
        async with restarted(tmp_path) as (world, _, environment):
            [delivery] = await (await world.storage.open(environment)).outbox.deliveries()
            await world.over(environment, delivery.id)
            assert [each.status for each in await world.attempts(environment, delivery.id)] == [500, 200]
        assert len(target.heard) == 2


@pytest.mark.slow
async def test_a_delivery_that_is_killed_while_its_target_thinks_is_made_again(tmp_path: Path) -> None:
    async def answer(request: web.Request, number: int) -> web.Response:
        if number == 1:
            await asyncio.sleep(1)
        return web.Response()

    async with site(answer) as target:
        process = await victim(tmp_path, "deliver", target.url())
        await target.wait(1, 30)
        process.kill()
        await process.wait()
        async with restarted(tmp_path) as (world, _, environment):
            [delivery] = await (await world.storage.open(environment)).outbox.deliveries()
            await world.over(environment, delivery.id)
        # At least once: the first was never answered. Both carry the same ids, so a receiver can tell.
        assert [each.headers["broker-delivery"] for each in target.heard] == [delivery.id] * 2


@pytest.mark.slow
async def test_a_delivery_that_is_killed_before_it_is_announced_is_made(tmp_path: Path) -> None:
    async with site() as target:
        process = await victim(tmp_path, "commit", target.url())
        assert await process.wait() == -signal.SIGKILL
        async with restarted(tmp_path) as (world, _, environment):
            [delivery] = await (await world.storage.open(environment)).outbox.deliveries()
            await world.over(environment, delivery.id)
        assert len(target.heard) == 1
