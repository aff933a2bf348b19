"""Durable work with a real provider, on a real DBOS: closes, notices, sweeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker import notices, teardown
from broker.accounts import Wanted
from broker.errors import Conflict, NotFound
from broker.outside import Outside as Outer
from broker.storage.external import Notice
from broker.workflows import workflows as module
from sandboxes.base import Resource
from tests.broker.sandbox import KEY, Outside, PlainAccounts, line, tiny_provider, workflows_with
from tests.broker.targets import World, site, statuses, until

OLD = timedelta(hours=5)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def accounts(world: World) -> PlainAccounts:
    made = PlainAccounts(world.storage, world.clock, {"one": Outside()})
    await made.keep()
    return made


async def swept(workflows: Any) -> Any:
    async def ended() -> bool:
        last = await workflows.sweeps.last()
        return bool(last and last["status"] == "ended")

    await until(ended)
    return await workflows.sweeps.last()


async def test_a_stuck_close_is_told_and_goes_on(
    world: World, accounts: PlainAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_FIRST_WAIT", "_LONGEST_WAIT"):
        monkeypatch.setattr(teardown, name, 0.02)
        monkeypatch.setattr(notices, name, 0.02)
    monkeypatch.setattr(teardown, "_TOLD_AFTER", 2)
    environment = await world.environment()
    thing = Resource("thing", (await accounts.make(environment.uid))["id"])
    await world.storage.external.ledger.add([line(environment.uid, world.clock, thing)])
    accounts.outsides["one"].fail(403, "DELETE", times=3, words="it is locked")
    async with site(statuses(500, 200)) as target:
        workflows = workflows_with(world, accounts, told=target.url())
        await workflows.start()
        receipt = await workflows.close("pr-1", wait=20)
        assert receipt["external"]["tiny"]["kinds"] == {"thing": {"deleted": 1}}
        await target.wait(3)
        await workflows.stop()
    told = {heard.headers["webhook-id"]: heard.event for heard in target.heard}
    assert {event["type"] for event in told.values()} == {"teardown.stuck", "environment.closed"}
    assert "403: it is locked" in told[f"ntc_stuck-{environment.uid}-0"]["data"]["stuck"]["reason"]
    assert told[f"ntc_closed-{environment.uid}"]["data"] == receipt


async def test_notices_of_an_earlier_process_are_told(world: World, accounts: PlainAccounts) -> None:
    stored = Notice(id="ntc_closed-x", type="environment.closed", payload={}, created_at=world.clock.now())
    await world.storage.external.put_notice(stored)
    async with site() as target:
        workflows = workflows_with(world, accounts, told=target.url())
        await workflows.start()
        await target.wait(1)
        await workflows.stop()
    assert target.heard[0].headers["webhook-id"] == "ntc_closed-x"


async def test_an_expired_environment_is_told(world: World, accounts: PlainAccounts) -> None:
    environment = await world.environment(expires_at=world.clock.now() - timedelta(seconds=1))
    async with site() as target:
        workflows = workflows_with(world, accounts, told=target.url())
        await workflows.start()
        await target.wait(2)
        await workflows.stop()
    assert {heard.event["type"] for heard in target.heard} == {"environment.expired", "environment.closed"}
    expired = next(heard.event for heard in target.heard if heard.event["type"] == "environment.expired")
    assert expired["data"]["uid"] == environment.uid


async def test_a_sweep_is_carried_to_its_end(world: World, accounts: PlainAccounts) -> None:
    await accounts.make("pr-9-0000000000", age=OLD)
    workflows = workflows_with(world, accounts)
    await workflows.start()
    run = await workflows.sweep()
    assert run["status"] == "waiting"
    with pytest.raises(Conflict):
        await workflows.sweep()
    assert (await swept(workflows))["counts"] == {"deleted": 1}
    with pytest.raises(NotFound):
        await workflows.sweep(account="none")
    await workflows.stop()


async def test_a_sweep_of_an_earlier_process_is_begun_again(world: World, accounts: PlainAccounts) -> None:
    await accounts.make("pr-9-0000000000", age=OLD)
    first = workflows_with(world, accounts)
    assert first.sweeps is not None
    await first.sweeps.prepare()
    second = workflows_with(world, accounts)
    await second.start()
    assert (await swept(second))["counts"] == {"deleted": 1}
    await second.stop()


async def test_the_night_comes_by_itself(
    world: World, accounts: PlainAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_NIGHTLY", 0.01)
    await accounts.make("pr-9-0000000000", age=OLD)
    workflows = workflows_with(world, accounts)
    await workflows.start()
    assert (await swept(workflows))["counts"] == {"deleted": 1}
    await workflows.stop()


async def test_a_server_without_providers_sweeps_nothing(world: World) -> None:
    workflows = module.Workflows(
        world.settings, world.clock, world.storage, world.vault, world.services, world.upstream
    )
    with pytest.raises(NotFound):
        await workflows.sweep()


async def test_a_close_through_real_accounts_over_a_socket(world: World) -> None:
    """Nothing of it is a stand-in but the provider: the key is sealed, opened, and signs what drivers send."""
    provider = Outside()
    upstream = world.upstream
    outside = Outer(
        settings=world.settings,
        clock=world.clock,
        storage=world.storage,
        vault=world.vault,
        upstream=upstream,
        providers={"tiny": tiny_provider()},
    )
    environment = await world.environment()
    async with site(provider.answer) as address:
        wanted = Wanted(name="one", service="tiny", secret={"value": KEY}, endpoint=address.url("").rstrip("/"))
        await outside.accounts.put(wanted)
        marker = await outside.accounts.marker(environment.uid)
        plain = PlainAccounts(world.storage, world.clock, {"one": provider})
        made = await plain.make(environment.uid, marker=marker.text)
        await plain.make(environment.uid, marker=marker.text)  # and nobody wrote it down
        await world.storage.external.ledger.add([line(environment.uid, world.clock, Resource("thing", made["id"]))])
        workflows = workflows_with(world, outside.accounts, running=outside.running)
        await workflows.start()
        receipt = await workflows.close("pr-1", wait=20)
        await workflows.stop()
    assert provider.objects == {}
    assert receipt["external"]["tiny"]["kinds"] == {"thing": {"deleted": 2}}
    assert receipt["verified"]["tiny"]["listed"] == 0
    assert KEY not in str(receipt)
