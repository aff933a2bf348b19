"""What reaches real providers, wired: it starts, counts and ends with the server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from broker.app import Broker
from broker.settings import Settings
from broker.storage.base import Trust
from broker.storage.external import AccountRow
from sandboxes.base import Resource
from tests.broker.sandbox import KEY, tiny_provider
from tests.broker.sandbox import Outside as World
from tests.broker.targets import site
from tests.broker.tiny import tiny
from tests.clocks import HeldClock


async def test_accounts_are_known_to_the_scheduler_from_the_start(tmp_path: Path, clock: HeldClock) -> None:
    broker = Broker(Settings(data=tmp_path), clock=clock, services=[tiny()], providers=[tiny_provider()])
    row = AccountRow(name="one", service="tiny", secret={"variable": "TINY_KEY"}, created_at=clock.now(), rate=7)
    await broker.storage.external.put_account(row)
    async with broker.lifespan():
        usage = broker.outside.scheduler.usage("one")
        assert (usage["rate"], usage["concurrency"]) == (7, 100)
        assert broker.outside.running("pr-1-aaaaaaaaaa") == 0
        assert b"broker_fallbacks_total" in broker.metrics.render()


async def test_a_bundle_has_the_accounts_own_variables_where_the_mode_is_real(
    tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    provider = tiny_provider(variables=lambda account: {"TINY_PUBLIC": account.name})
    broker = Broker(Settings(data=tmp_path), clock=clock, services=[tiny()], providers=[provider])
    row = AccountRow(name="one", service="tiny", secret={"variable": "TINY_KEY"}, created_at=clock.now())

    async def variables(name: str, mode: str, trust: Trust = "member") -> dict[str, str]:
        policy = broker.environments.parse_policy({"version": 1, "services": {"tiny": mode}})
        opened = await broker.environments.open(name, policy, trust=trust)
        return dict((await broker.environments.bundle(opened.environment))["variables"])

    async with broker.lifespan():
        assert "TINY_PUBLIC" not in await variables("pr-0", "sandbox"), "there is no account yet"
        await broker.storage.external.put_account(row)
        broker.outside.accounts.forget()
        assert (await variables("pr-1", "sandbox"))["TINY_PUBLIC"] == "one"
        assert "TINY_PUBLIC" not in await variables("pr-2", "mock")
        assert "TINY_PUBLIC" not in await variables("pr-3", "sandbox", "fork")


async def test_a_request_without_an_answer_is_settled_while_its_environment_is_open(
    tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    world = World()
    settings = Settings(data=tmp_path, sandbox_timeout_seconds=1, sandbox_settle_seconds=1)
    broker = Broker(settings, clock=clock, services=[tiny()], providers=[tiny_provider()])
    async with site(world.answer) as target, broker.lifespan():
        row = AccountRow(name="one", service="tiny", secret={"variable": "TINY_KEY"}, created_at=clock.now())
        await broker.storage.external.put_account(replace(row, endpoint=target.url("")))
        await broker.outside.accounts.start()
        opened = await broker.environments.open("pr-1")
        uid = opened.environment.uid
        marker = await broker.outside.accounts.marker(uid)
        lost = await broker.outside.ledger.intend(uid, "tiny", "one", Resource("thing", ""))
        never = await broker.outside.ledger.intend(uid, "tiny", "one", Resource("note", ""))
        world.objects["thi_1"] = {"id": "thi_1", "kind": "thing", "marker": marker.text, "parent": ""}
        await broker.outside.settle()
        assert {entry.status for entry in await broker.outside.ledger.left(uid)} == {"pending"}, "too early"
        clock.advance(minutes=5)
        await broker.outside.settle()
        store = broker.storage.external.ledger
        found, absent = await store.entry(lost.id), await store.entry(never.id)
        assert found is not None
        assert absent is not None
        assert (found.status, found.external_id) == ("live", "thi_1")
        assert (absent.status, absent.outcome) == ("gone", "absent")
