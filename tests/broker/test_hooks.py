"""Events from a provider: proven, stored once, looked at until they are somebody's."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker import hooks as module
from broker.errors import Conflict, InvalidInput, NotFound
from broker.metrics import Metrics
from broker.storage.external import HookRow
from contracts.exchange import Headers, Request
from sandboxes.base import Resource
from tests.broker.hooked import Hooked, event, marker
from tests.broker.targets import until
from tests.clocks import HeldClock


@pytest.fixture
async def world(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Hooked]:
    made = Hooked(tmp_path, clock)
    yield made
    await made.close()


async def test_an_event_is_stored_before_it_is_answered_and_routed_behind(world: Hooked) -> None:
    await world.account()
    one = await world.open()
    await world.owns(one, "thi_1")
    assert await world.arrive(event(thing="thi_1")) == (1, 1)
    stored = await world.row()
    assert (stored.ids, stored.uid, stored.routed, stored.received_at) == (("thi_1",), None, False, world.clock.now())
    assert await world.events(one) == []
    assert await world.hooks.route_waiting() == 1
    routed = await world.row()
    assert (routed.uid, routed.by, routed.routed, routed.note) == (one.uid, "ledger", True, "")
    assert [each.id for each in await world.events(one)] == ["evt_1"]


async def test_each_environment_gets_its_own_only(world: Hooked) -> None:
    await world.account()
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.owns(one, "thi_1")
    await world.owns(two, "thi_2")
    events = [event("evt_1", thing="thi_1"), event("evt_2", thing="thi_2"), event("evt_3", thing="x", parent="thi_2")]
    assert await world.arrive(*events) == (3, 3)
    assert await world.hooks.route_waiting() == 3
    assert [each.id for each in await world.events(one)] == ["evt_1"]
    assert [each.id for each in await world.events(two)] == ["evt_3", "evt_2"]
    assert (await world.row("evt_3")).by == "parent"
    assert {uid: len(ids) for uid, ids in world.notified.items()} == {one.uid: 1, two.uid: 2}


async def test_duplicates_are_dropped(world: Hooked) -> None:
    await world.account()
    one = await world.open()
    await world.owns(one, "thi_1")
    await world.arrive(event(thing="thi_1"))
    await world.hooks.route_waiting()
    assert await world.arrive(event(thing="thi_1")) == (1, 0)
    assert await world.arrive(event(thing="thi_1"), event("evt_2", thing="thi_1")) == (2, 1)
    assert await world.hooks.route_waiting() == 1
    assert len(await world.events(one)) == 2
    assert world.hooks.counts == {("tiny", "routed"): 2, ("tiny", "duplicate"): 2}


async def test_accounts_do_not_share_their_event_ids(world: Hooked) -> None:
    await world.account("one")
    await world.account("two")
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.owns(one, "thi_1", account="one")
    await world.owns(two, "thi_1", account="two")
    await world.arrive(event(thing="thi_1"), account="one")
    await world.arrive(event(thing="thi_1"), account="two")
    assert await world.hooks.route_waiting() == 2
    assert [len(await world.events(each)) for each in (one, two)] == [1, 1]


async def test_a_wrong_signature_is_refused_and_an_incident(world: Hooked) -> None:
    await world.account()
    with pytest.raises(InvalidInput, match="signature"):
        await world.arrive(event(thing="thi_1"), secret="guessed")
    [incident] = await world.storage.registry.incidents(None)
    assert (incident.kind, incident.service) == ("bad_hook", "tiny")
    assert "path-of-one" not in str(incident), "the address stays between us and the provider"
    assert await world.external.hooks() == []
    assert world.hooks.counts == {("tiny", "refused"): 1}


async def test_what_is_no_event_is_refused(world: Hooked) -> None:
    await world.account()
    bad = Request(method="POST", path="/x", headers=Headers([("x-signature", "whs_of_the_tests")]), body=b"no JSON")
    with pytest.raises(InvalidInput, match="cannot be read"):
        await world.hooks.receive("path-of-one", bad)
    with pytest.raises(InvalidInput, match="id"):
        await world.arrive(event("x" * 201))


async def test_an_unknown_address_is_not_found(world: Hooked) -> None:
    await world.account(hook_path="")
    for path in ("path-of-one", ""):
        with pytest.raises(NotFound):
            await world.hooks.receive(path, Request(method="POST", path="/x"))


async def test_the_provider_is_asked_to_come_again_while_the_secret_is_on_its_way(world: Hooked) -> None:
    await world.account(hook_secret_sealed=None)
    with pytest.raises(Conflict):
        await world.arrive(event(thing="thi_1"))


async def test_the_signature_is_checked_at_the_address_that_the_provider_knows(world: Hooked) -> None:
    await world.account()
    seen: list[Request] = []
    hooks = world.accounts.provider.hooks
    assert hooks is not None
    plain = hooks.verify
    object.__setattr__(hooks, "verify", lambda request, *rest: (seen.append(request), plain(request, *rest))[1])
    await world.arrive(event())
    assert (seen[0].scheme, seen[0].host, seen[0].path) == (
        "https",
        "broker.example",
        "/_broker/hooks/in/path-of-one",
    )


# What nobody claims, yet


async def test_an_event_that_comes_before_the_answer_to_its_call_waits_for_it(world: Hooked, clock: HeldClock) -> None:
    await world.account()
    one = await world.open()
    entry = await world.ledger.intend(one.uid, "tiny", "one", Resource("thing", ""))
    await world.arrive(event(thing="thi_1"))
    assert await world.hooks.route_waiting() == 0
    assert (await world.row()).uid is None
    assert [each.event_id for each in await world.external.hooks(claimed=False)] == ["evt_1"]
    await world.ledger.made(entry, Resource("thing", "thi_1"))
    assert await world.hooks.route_waiting() == 0, "not due yet"
    clock.advance(2)
    assert await world.hooks.route_waiting() == 1
    assert [each.id for each in await world.events(one)] == ["evt_1"]


async def test_an_event_may_teach_the_ledger_before_the_answer_to_its_call(world: Hooked) -> None:
    await world.account()
    one = await world.open()
    entry = await world.ledger.intend(one.uid, "tiny", "one", Resource("thing", ""))
    await world.arrive(event(thing="thi_1", marker=marker(one), made=True))
    assert await world.hooks.route_waiting() == 1
    await world.ledger.made(entry, Resource("thing", "thi_1"))
    [left] = await world.ledger.left(one.uid)
    assert (left.external_id, left.origin, left.status) == ("thi_1", "derived", "live"), "one line, not two"


async def test_unclaimed_events_are_looked_at_ever_more_rarely_and_no_longer_than_a_day(
    world: Hooked, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.account()
    looks: list[float] = []
    settle = world.hooks._routing.settle

    async def counted(account: str, event_id: str) -> HookRow | None:
        looks.append((clock.now() - start).total_seconds())
        return await settle(account, event_id)

    monkeypatch.setattr(world.hooks._routing, "settle", counted)
    start = clock.now()
    await world.arrive(event(thing="thi_1"))
    for _ in range(48 * 3600 // 60):
        await world.hooks.route_waiting()
        clock.advance(60)
    assert looks[:4] == [0, 60, 120, 180], "at every chance while it is young"
    assert 20 < len(looks) < 150
    assert max(looks) < 24 * 3600 + 1000
    assert world.hooks.waiting == 0
    assert [each.event_id for each in await world.external.hooks(claimed=False)] == ["evt_1"], "it stays visible"


async def test_another_brokers_event_is_not_looked_at_again(world: Hooked) -> None:
    await world.account()
    await world.arrive(event(thing="thi_1", marker="pb:zzz999:pr-1-aaaaaaaaaa"))
    assert await world.hooks.route_waiting() == 0
    assert ((await world.row()).note, world.hooks.waiting) == ("foreign", 0)


async def test_events_of_an_account_that_is_gone_are_let_go(world: Hooked) -> None:
    await world.account()
    await world.arrive(event(thing="thi_1"))
    await world.external.delete_account("one")
    assert await world.hooks.route_waiting() == 0
    assert world.hooks.waiting == 0


# Ends of this process, and faults


async def test_a_new_start_takes_up_what_waits(world: Hooked, clock: HeldClock) -> None:
    await world.account()
    one = await world.open()
    for number in range(3):
        await world.arrive(event(f"evt_{number}", thing=f"thi_{number}"))
    await world.external.update_hook("one", "evt_0", uid=one.uid, by="ledger")
    clock.advance(days=2)
    await world.arrive(event("evt_3", thing="thi_3"))
    await world.owns(one, "thi_3")
    later = world.started()
    await later.recover()
    assert later.waiting == 2, "what is claimed, and what is young"
    assert await later.route_waiting() == 2
    assert {each.id for each in await world.events(one)} == {"evt_0", "evt_3"}


async def test_a_new_start_reads_more_than_a_page(world: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    await world.account("one")
    await world.account("two")
    for account in ("one", "two"):
        for number in range(5):
            await world.arrive(event(f"evt_{number}", thing="thi_1"), account=account)
    later = world.started()
    await later.recover()
    assert later.waiting == 10
    await later.recover()
    assert later.waiting == 10, "each waits once"


async def test_a_fault_of_ours_delays_an_event_and_loses_none(
    world: Hooked, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.account()
    one = await world.open()
    await world.owns(one, "thi_1")
    await world.arrive(event(thing="thi_1"))

    async def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR, "broker.hooks"):
        patched.setattr(world.external, "update_hook", full)
        assert await world.hooks.route_waiting() == 0
        patched.setattr(world.external, "hook", full)
        clock.advance(2)
        assert await world.hooks.route_waiting() == 0
    clock.advance(2)
    assert await world.hooks.route_waiting() == 1
    assert [each.id for each in await world.events(one)] == ["evt_1"]


async def test_a_claim_that_was_cut_short_is_delivered_later(
    world: Hooked, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.account()
    one = await world.open()
    await world.arrive(event(thing="thi_1"))
    await world.hooks.route_waiting()

    async def gone(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(world.hooks._routing, "_deliver", gone)
        with pytest.raises(sqlite3.OperationalError):
            await world.hooks.claim("one", "evt_1", one)
    clock.advance(2)
    assert await world.hooks.route_waiting() == 1
    assert [each.id for each in await world.events(one)] == ["evt_1"]


async def test_the_figures(world: Hooked) -> None:
    metrics = Metrics()
    world.hooks.expose(metrics)
    await world.account()
    one = await world.open()
    await world.owns(one, "thi_1")
    await world.arrive(event(thing="thi_1"), event("evt_2", thing="thi_2"))
    await world.hooks.route_waiting()
    text = metrics.render().decode()
    assert 'broker_provider_events_total{outcome="routed",service="tiny"} 1.0' in text
    assert "broker_provider_events_waiting 1.0" in text
    assert "broker_hooks_down 0.0" in text


# In the background


async def test_a_running_server_routes_by_itself(world: Hooked) -> None:
    await world.account(hook_id=None)  # registered by hand: nothing is asked of the provider
    one = await world.open()
    await world.owns(one, "thi_1", "thi_2")
    await world.arrive(event(thing="thi_1"), hooks=world.started())  # an earlier run's
    await world.hooks.start()

    async def both() -> bool:
        return len(await world.events(one)) == 2

    async def first() -> bool:
        return len(await world.events(one)) == 1

    await until(first)
    await world.arrive(event("evt_2", thing="thi_2"))
    await until(both)


async def test_a_fault_in_the_background_ends_neither_loop(
    world: Hooked, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_LOOK", 0.001)
    monkeypatch.setattr(module, "_ENSURE", 0.001)
    calls = {"accounts": 0}
    accounts = world.external.accounts

    async def flaky(**selection: Any) -> Any:
        calls["accounts"] += 1
        if calls["accounts"] < 5:
            raise sqlite3.OperationalError("database is locked")
        return await accounts(**selection)

    monkeypatch.setattr(world.external, "accounts", flaky)
    await world.account(hook_path=None, hook_id=None, hook_secret_sealed=None)
    with caplog.at_level(logging.WARNING, "broker.hooks"):
        await world.hooks.start()

        async def alive() -> bool:
            await asyncio.sleep(0)
            row = await world.external.account("one")
            return row is not None and row.hook_id is not None

        await until(alive)


async def test_a_configured_account_gets_its_endpoint(world: Hooked) -> None:
    await world.account(hook_path=None, hook_id=None, hook_secret_sealed=None)
    await world.hooks.attend("one")

    async def there() -> bool:
        return len(world.outsides["one"].of("endpoint")) == 1

    await until(there)
