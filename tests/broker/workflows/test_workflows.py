"""Durable work as the rest of the broker sees it, on a real DBOS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker import teardown
from broker.errors import Conflict, EnvironmentClosed, NotFound
from broker.workflows import workflows as module
from broker.workflows.workflows import Workflows
from mocks.base import Target
from tests.broker.targets import World, site, statuses, until


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    await made.close()


def workflows_of(world: World, **options: Any) -> Workflows:
    return Workflows(world.settings, world.clock, world.storage, world.vault, world.services, world.upstream, **options)


@pytest.fixture
async def workflows(world: World) -> AsyncIterator[Workflows]:
    made = workflows_of(world)
    await made.start()
    yield made
    await made.stop()


async def test_a_delivery_is_retried_until_it_succeeds(world: World, workflows: Workflows) -> None:
    environment = await world.environment(retries=["20ms", "20ms", "20ms"])
    async with site(statuses(500, 503, 200)) as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        workflows.notify(environment.uid, ids)
        await world.over(environment, *ids)
    assert [each.status for each in await world.attempts(environment, ids[0])] == [500, 503, 200]
    assert len(target.heard) == 3


async def test_a_delivery_that_never_succeeds_fails_and_can_be_replayed(world: World, workflows: Workflows) -> None:
    environment = await world.environment(retries=["10ms"])
    async with site(statuses(500, 500, 200)) as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        workflows.notify(environment.uid, ids)
        await world.over(environment, *ids, status="failed")
        event_id = (await world.delivery(environment, ids[0])).event_id
        [again] = await workflows.resend("pr-1", event_id)
        await world.over(environment, again.id)
    assert again.id != ids[0]
    assert (await world.delivery(environment, ids[0])).status == "failed"
    with pytest.raises(NotFound):
        await workflows.resend("pr-1", "evt_none")
    with pytest.raises(NotFound):
        await workflows.resend("pr-none", event_id)


async def test_an_event_without_a_target_cannot_be_replayed(world: World, workflows: Workflows) -> None:
    environment = await world.environment()
    await world.emit(environment)
    [event] = await (await world.storage.open(environment)).outbox.events()
    with pytest.raises(Conflict, match="sent nowhere"):
        await workflows.resend("pr-1", event.id)


async def test_the_first_attempt_does_not_wait_for_the_launch(
    world: World, workflows: Workflows, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch, released = workflows._engine.launch, asyncio.Event()

    async def slowly() -> None:
        await released.wait()
        await launch()

    monkeypatch.setattr(workflows._engine, "launch", slowly)
    environment = await world.environment(retries=["10ms"])
    async with site(statuses(500, 200)) as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        workflows.notify(environment.uid, ids)
        await target.wait(1)
        assert not workflows._engine.launched
        released.set()
        await world.over(environment, *ids)
    assert [each.number for each in await world.attempts(environment, ids[0])] == [1, 2]
    assert len(target.heard) == 2


async def test_an_environment_with_targets_is_expected(world: World, workflows: Workflows) -> None:
    workflows.expect(await world.environment("pr-1"))
    assert not workflows._warming
    policy = {"services": {"alpha": {"webhooks": [{"url": "http://127.0.0.1:9/", "events": ["*"]}]}}}
    workflows.expect(await world.environment("pr-2", policy=policy))

    async def launched() -> bool:
        return workflows._engine.launched

    await until(launched)


async def test_a_burst_shares_workflows(world: World, workflows: Workflows, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = await world.environment()
    begin, batches = workflows._engine.begin, []

    async def counted(name: str, workflow_id: str, *arguments: Any) -> None:
        batches.append(len(arguments[1]))
        await begin(name, workflow_id, *arguments)

    monkeypatch.setattr(workflows._engine, "begin", counted)
    await workflows._launch()
    async with site() as target:
        ids = []
        for _ in range(300):
            ids += await world.emit(environment, Target(url=target.url(), secret="s"))
        for one in ids:
            workflows.notify(environment.uid, [one])
        await world.over(environment, *ids)
    assert sum(batches) == 300
    assert max(batches) == 100
    assert len({each.headers["broker-delivery"] for each in target.heard}) == len(target.heard) == 300


async def test_what_was_committed_and_never_announced_is_delivered(world: World) -> None:
    environments = [await world.environment(name) for name in ("pr-1", "pr-2", "pr-3")]
    async with site() as target:
        ids = [await world.emit(each, Target(url=target.url(), secret="s")) for each in environments[:2]]
        workflows = workflows_of(world)
        await workflows.start()
        for environment, each in zip(environments, ids, strict=False):
            await world.over(environment, *each)
        await workflows.stop()
    assert len(target.heard) == 2


async def test_a_restart_between_two_attempts_loses_and_doubles_nothing(world: World) -> None:
    environment = await world.environment(retries=["300ms"])
    async with site(statuses(500, 200)) as target:
        first = workflows_of(world)
        await first.start()
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        first.notify(environment.uid, ids)

        async def attempted() -> bool:
            return bool((await world.delivery(environment, ids[0])).attempts == 1)

        await until(attempted)
        await first.stop()
        second = workflows_of(world)
        await second.start()
        await world.over(environment, *ids)
        await second.stop()
    assert [each.status for each in await world.attempts(environment, ids[0])] == [500, 200]
    assert len(target.heard) == 2


async def test_close_answers_a_receipt_and_the_same_again(world: World) -> None:
    forgotten: list[str] = []
    workflows = workflows_of(world, forget=forgotten.append)
    await workflows.start()
    environment = await world.environment()
    await world.emit(environment, Target(url="http://127.0.0.1:9/", secret="s"))
    receipt = await workflows.close("pr-1")
    assert receipt["environment"] == "pr-1"
    assert receipt["uid"] == environment.uid
    assert receipt["status"] == "closed"
    assert receipt["existed"]["records"] == {"alpha": {"thing": 1}}
    assert (receipt["existed"]["events"], receipt["existed"]["deliveries"]) == (1, 1)
    assert receipt["existed"]["credentials"] == 1
    assert receipt["deleted"]["records"] == {"alpha": {"thing": 1}}
    assert receipt["deleted"]["files"] >= 1
    assert receipt["left"] == {}
    assert receipt["stuck"] is None
    assert receipt["duration_ms"] > 0
    assert await workflows.close("pr-1") == receipt
    assert forgotten[0] == environment.uid
    tombstone = await world.storage.registry.environment("pr-1")
    assert tombstone is not None
    assert tombstone.status == "closed"
    assert tombstone.closed_at is not None
    assert tombstone.closed_at.isoformat() == receipt["closed_at"]
    assert await world.storage.leftovers(environment) == []
    with pytest.raises(EnvironmentClosed):
        await workflows.resend("pr-1", "evt_1")
    with pytest.raises(NotFound):
        await workflows.close("pr-none")
    await workflows.stop()


async def test_concurrent_closes_agree(world: World, workflows: Workflows) -> None:
    await world.environment()
    receipts = await asyncio.gather(*(workflows.close("pr-1") for _ in range(5)))
    assert all(each == receipts[0] for each in receipts)


async def test_credentials_are_dead_while_the_rest_is_still_to_be_deleted(
    world: World, workflows: Workflows, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = await world.environment()
    destroy, broken = world.storage.destroy, True

    async def destroys(one: Any) -> Any:
        if broken:
            raise PermissionError(13, "Permission denied")
        return await destroy(one)

    monkeypatch.setattr(teardown, "_FIRST_WAIT", 0.02)
    monkeypatch.setattr(world.storage, "destroy", destroys)
    with pytest.raises(Conflict, match="being closed") as refused:
        await workflows.close("pr-1", wait=3)
    assert "Permission denied" in refused.value.members["stuck"]["reason"]
    [credential] = await world.storage.registry.credentials(environment.uid)
    assert credential.key_sealed == ""
    [stuck] = await workflows.stuck()
    assert (stuck["environment"], stuck["phase"]) == ("pr-1", "delete")
    assert stuck["attempts"] >= 1
    broken = False
    receipt = await workflows.close("pr-1", wait=20)
    assert receipt["stuck"] is None
    assert receipt["left"] == {}
    assert receipt["existed"]["records"] == {"alpha": {"thing": 1}}
    assert await workflows.stuck() == []


async def test_a_close_is_resumed_by_the_next_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = await world.environment()

    async def hangs(_: Any) -> Any:
        await asyncio.sleep(3600)

    first = workflows_of(world)
    await first.start()
    with monkeypatch.context() as patched:
        patched.setattr(world.storage, "destroy", hangs)
        with pytest.raises(Conflict):
            await first.close("pr-1", wait=2.5)
        await first.stop()
    second = workflows_of(world)
    await second.start()
    receipt = await second.teardown.closed(environment.uid)
    assert receipt["existed"]["records"] == {"alpha": {"thing": 1}}
    await second.stop()


async def test_a_close_whose_workflow_was_lost_is_begun_anew(world: World) -> None:
    environment = await world.environment()
    await world.storage.registry.update_environment(environment.uid, status="closing")
    workflows = workflows_of(world)
    await workflows.start()
    assert (await workflows.teardown.closed(environment.uid))["left"] == {}
    await workflows.stop()


@pytest.mark.parametrize("point", ["run_step", "sleep"])
async def test_work_that_dbos_loses_is_begun_again(
    world: World, workflows: Workflows, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(module, "_RELAUNCH", 0.1)
    await workflows._launch()
    real, faults = getattr(workflows._engine, point), [1, 2]

    async def faulty(*arguments: Any) -> Any:
        if faults:
            raise OSError(faults.pop(), "No space left on device")
        return await real(*arguments)

    monkeypatch.setattr(workflows._engine, point, faulty)
    environment = await world.environment(retries=["20ms", "20ms", "20ms"])
    async with site(statuses(500, 500, 500, 200)) as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        workflows.notify(environment.uid, ids)
        await world.over(environment, *ids)
    assert not faults
    assert len(target.heard) == 4
    faults += [3] if point == "run_step" else []
    assert (await workflows.close("pr-1", wait=20))["left"] == {}
    assert not faults


async def test_expired_environments_are_closed(world: World) -> None:
    now = world.clock.now()
    gone = await world.environment("pr-1", expires_at=now - timedelta(seconds=1))
    stays = await world.environment("pr-2", expires_at=now + timedelta(days=1))
    workflows = workflows_of(world)
    await workflows.start()
    await workflows.teardown.closed(gone.uid)
    found = await world.storage.registry.environment_by_uid(stays.uid)
    assert found is not None
    assert found.status == "open"
    await workflows.stop()


async def test_what_is_asked_for_while_stopping_begins_at_the_next_start(world: World) -> None:
    first = workflows_of(world)
    await first.start()
    await first.stop()
    environment = await world.environment()
    async with site() as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        first.notify(environment.uid, ids)
        with pytest.raises(Conflict):
            await first.close("pr-1", wait=0.05)
        assert not first._keeper._tasks
    second = workflows_of(world)
    await second.start()
    assert (await second.teardown.closed(environment.uid))["existed"]["deliveries"] == 1
    await second.stop()
    assert target.heard == []


async def test_a_start_without_work_launches_nothing(world: World) -> None:
    await world.environment()
    workflows = workflows_of(world)
    await workflows.start()
    await asyncio.sleep(0.05)
    assert not workflows._engine.launched
    assert not (world.settings.data / "workflows.db").exists()
    await workflows.stop()


async def test_a_close_whose_workflow_cannot_begin_is_begun_again(
    world: World, workflows: Workflows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever raises: who asked for the close must not wait for ever."""
    monkeypatch.setattr(module, "_RELAUNCH", 0.05)
    await world.environment()
    begin, failures = workflows._begin, iter([RuntimeError("broken"), RuntimeError("still")])

    async def failing(name: str, workflow_id: str, *arguments: Any) -> None:
        for failure in failures:
            raise failure
        await begin(name, workflow_id, *arguments)

    monkeypatch.setattr(workflows, "_begin", failing)
    receipt = await asyncio.wait_for(workflows.close("pr-1"), 30)
    assert receipt["left"] == {} or not any(receipt["left"].values())
