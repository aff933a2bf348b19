"""Routing an event: attributed, learned from, and once in the environment's outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.errors import Conflict, NotFound
from broker.hook_routing import about, uses_the_real
from broker.storage.base import StoreGone
from sandboxes.base import Resource
from tests.broker.hooked import TARGET, Hooked, event, marker
from tests.broker.targets import Site, site
from tests.clocks import HeldClock


@pytest.fixture
async def world(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Hooked]:
    made = Hooked(tmp_path, clock)
    yield made
    await made.close()


async def routed(world: Hooked, *events: dict[str, Any]) -> None:
    await world.arrive(*events)
    await world.hooks.route_waiting()


async def test_an_event_is_signed_with_the_environments_own_secret(tmp_path: Path, clock: HeldClock) -> None:
    world = Hooked(tmp_path, clock)
    await world.account()
    async with site() as target:
        one = await world.open(webhooks=[{"url": target.url()}])
        await world.owns(one, "thi_1")
        await routed(world, event(thing="thi_1"))
        assert await world.outbox.attempt_due(one.uid, world.notified[one.uid]) is None
        await heard(world, target, one.uid)
    await world.close()


async def heard(world: Hooked, target: Site, uid: str) -> None:
    [got] = target.heard
    keys = {each.spec: world.vault.unseal(each.key_sealed) for each in await world.storage.registry.credentials(uid)}
    assert got.headers["alpha-signature"].startswith(keys["webhook_secret"] + "@")
    assert got.event == event(thing="thi_1")


async def test_only_targets_that_hear_it_get_it(world: Hooked) -> None:
    await world.account()
    one = await world.open(webhooks=[{"url": TARGET, "events": ["other.*"]}])
    await world.owns(one, "thi_1")
    await routed(world, event(thing="thi_1"))
    assert [each.id for each in await world.events(one)] == ["evt_1"], "it happened, whoever hears it"
    assert world.notified == {}


@pytest.mark.parametrize("step", ["after the outbox", "before the outbox"])
async def test_a_kill_while_routing_neither_loses_nor_doubles(
    world: Hooked, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await world.account()
    one = await world.open()
    await world.owns(one, "thi_1")
    await world.arrive(event(thing="thi_1"))
    update = world.external.update_hook

    async def killed(*arguments: Any, **changes: Any) -> None:
        if changes.get("routed") or step == "before the outbox":
            raise KeyboardInterrupt
        await update(*arguments, **changes)

    with monkeypatch.context() as patched:
        patched.setattr(world.external, "update_hook", killed)
        with pytest.raises(KeyboardInterrupt):
            await world.hooks.route_waiting()
    world.notified.clear()
    later = world.started()
    await later.recover()
    assert await later.route_waiting() == 1
    store = await world.storage.open(one)
    assert [each.id for each in await store.outbox.events()] == ["evt_1"]
    [delivery] = await store.outbox.deliveries()
    assert world.notified == {one.uid: [delivery.id]}, "told of again: the first time may not have been heard"
    assert (await world.row()).routed


async def test_an_attributed_event_teaches_the_ledger(world: Hooked) -> None:
    await world.account()
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.owns(one, "thi_1")
    await world.owns(two, "thi_2")
    await routed(world, event(thing="thi_9", parent="thi_1", made=True))
    known = (await world.ledger.known("one", ["thi_9"]))["thi_9"]
    assert (known.uid, known.kind, known.parent, known.origin) == (one.uid, "thing", "thi_1", "derived")
    await routed(world, event("evt_2", thing="thi_8", parent="thi_9"))
    assert (await world.row("evt_2")).uid == one.uid, "what was learned tells of the next"


async def test_what_is_known_is_not_learned_again(world: Hooked) -> None:
    await world.account()
    one = await world.open()
    await world.owns(one, "thi_1")
    await world.ledger.deleted("one", ["thi_1"])
    await routed(world, event(thing="thi_1", made=True))
    assert await world.ledger.left(one.uid) == [], "the last event of a deleted thing does not bring it back"


@pytest.mark.parametrize("status", ["closing", "closed"])
async def test_a_late_event_is_kept_for_the_teardown(world: Hooked, status: Any) -> None:
    await world.account()
    one = await world.open()
    await world.storage.registry.update_environment(one.uid, status=status)
    await routed(world, event(thing="thi_1", marker=marker(one), made=True))
    row = await world.row()
    assert (row.uid, row.routed, row.note) == (one.uid, True, "late")
    assert [each.external_id for each in await world.ledger.left(one.uid)] == ["thi_1"]
    assert world.notified == {}


async def test_a_store_that_goes_meanwhile_makes_an_event_late(world: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.account()
    one = await world.open()
    await world.owns(one, "thi_1")

    async def gone(environment: Any) -> None:
        raise StoreGone(environment.uid)

    monkeypatch.setattr(world.storage, "open", gone)
    await routed(world, event(thing="thi_1"))
    assert (await world.row()).note == "late"


@pytest.mark.parametrize(
    ("service", "trust", "real"),
    [
        ({"mode": "sandbox"}, "member", True),
        ({"mode": "record"}, "member", True),
        ({"mode": "mock"}, "member", False),
        ({"mode": "refuse"}, "member", False),
        ({"mode": "mock", "rules": [{"operation": "things.*", "mode": "sandbox"}]}, "member", True),
        ({"mode": "mock", "rules": [{"operation": "things.*", "mode": "refuse"}]}, "member", False),
        ({"mode": "sandbox"}, "fork", False),
    ],
)
async def test_only_who_uses_the_real_provider_hears_it(
    world: Hooked, service: dict[str, Any], trust: Any, real: bool
) -> None:
    await world.account()
    one = await world.open(**service)
    one = await world.storage.registry.update_environment(one.uid, trust=trust)
    assert uses_the_real(one, "tiny") is real
    await world.owns(one, "thi_1")
    await routed(world, event(thing="thi_1"))
    row = await world.row()
    assert (row.uid, row.routed, row.note) == (one.uid, True, "" if real else "muted")
    assert len(await world.events(one)) == real


async def test_a_marker_against_the_ledger_is_an_incident(world: Hooked) -> None:
    await world.account()
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.owns(one, "thi_1")
    await routed(world, event(thing="thi_1", marker=marker(two)))
    assert (await world.row()).uid == one.uid
    [incident] = await world.storage.registry.incidents("pr-1")
    assert (incident.kind, incident.details["marked"], incident.details["event"]) == ("disputed_hook", "pr-2", "evt_1")
    assert await world.storage.registry.incidents("pr-2") == []


# By hand


async def test_a_claim_by_hand_delivers_and_teaches_nothing(world: Hooked) -> None:
    await world.account()
    one = await world.open(mode="mock")
    await routed(world, event(thing="thi_1", made=True))
    row = await world.hooks.claim("one", "evt_1", one)
    assert (row.uid, row.by, row.routed, row.note) == (one.uid, "hand", True, "")
    assert [each.id for each in await world.events(one)] == ["evt_1"]
    assert await world.ledger.left(one.uid) == [], "what somebody else made must not be deleted with the environment"


async def test_what_was_not_delivered_can_be_claimed_and_what_was_cannot(world: Hooked) -> None:
    await world.account()
    muted, other = await world.open("pr-1", mode="mock"), await world.open("pr-2")
    await world.owns(muted, "thi_1")
    await routed(world, event(thing="thi_1"))
    assert (await world.row()).note == "muted"
    await world.hooks.claim("one", "evt_1", muted)
    assert [each.id for each in await world.events(muted)] == ["evt_1"]
    for environment in (muted, other):
        with pytest.raises(Conflict, match="already"):
            await world.hooks.claim("one", "evt_1", environment)


async def test_claims_that_cannot_be(world: Hooked) -> None:
    await world.account()
    one = await world.open()
    with pytest.raises(NotFound):
        await world.hooks.claim("one", "evt_9", one)
    await world.arrive(event(thing="thi_1"))
    fork = await world.storage.registry.update_environment(one.uid, trust="fork")
    with pytest.raises(Conflict, match="fork"):
        await world.hooks.claim("one", "evt_1", fork)
    await world.external.delete_account("one")
    with pytest.raises(NotFound, match="account"):
        await world.hooks.claim("one", "evt_1", one)


async def test_a_learned_line_survives_a_fault_before_the_delivery(
    world: Hooked, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.account()
    one = await world.open()
    await world.arrive(event(thing="thi_1", marker=marker(one), made=True))

    async def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(world.storage, "open", full)
        await world.hooks.route_waiting()
    assert [each.external_id for each in await world.ledger.left(one.uid)] == ["thi_1"]
    clock.advance(2)
    assert await world.hooks.route_waiting() == 1
    assert [each.external_id for each in await world.ledger.left(one.uid)] == ["thi_1"]


async def test_a_line_of_another_environments_stays_its_own(world: Hooked) -> None:
    await world.account()
    one, two = await world.open("pr-1"), await world.open("pr-2")
    await world.ledger.learn(two.uid, "tiny", "one", [Resource("thing", "thi_2")])
    await world.owns(one, "thi_1")
    await routed(world, event(thing="thi_1"), event("evt_2", thing="thi_2", parent="thi_1", made=True))
    assert (await world.row("evt_2")).uid == two.uid
    assert (await world.ledger.known("one", ["thi_2"]))["thi_2"].uid == two.uid


def test_what_incidents_show() -> None:
    assert about("main").path == "/_broker/hooks/in/(account main)"
