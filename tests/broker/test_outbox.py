"""Planning and attempting deliveries, against real storage and real targets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from broker.outbox import NothingToResend, hears
from mocks.base import Target
from tests.broker.targets import World, site, statuses
from tests.clocks import HeldClock


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def held(tmp_path: Path, clock: HeldClock) -> AsyncIterator[World]:
    made = World(tmp_path, clock)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("patterns", "type_", "heard"),
    [
        (["*"], "invoice.paid", True),
        (["invoice.paid"], "invoice.paid", True),
        (["invoice.paid"], "invoice.paid.late", False),
        (["invoice.*"], "invoice.paid", True),
        (["invoice.*"], "invoice.line.made", True),
        (["invoice.*"], "invoiceitem.made", False),
        (["invoice.*"], "invoice", False),
        (["charge.*", "invoice.paid"], "invoice.paid", True),
        ([], "invoice.paid", False),
        (["invoice.[p]aid"], "invoice.paid", False),
    ],
)
def test_patterns(patterns: list[str], type_: str, heard: bool) -> None:
    assert hears(Target(url="http://x.example/", secret="s", events=patterns), type_) is heard


async def test_a_plan_holds_one_sealed_delivery_for_each_target_that_hears(held: World, clock: HeldClock) -> None:
    environment = await held.environment()
    ids = await held.emit(
        environment,
        Target(url="http://one.example/", secret="s1"),
        Target(url="http://two.example/", secret="s2", events=["other.*"]),
        Target(url="http://three.example/", secret="s3", events=["thing.*"], endpoint="we_1"),
        Target(url="http://four.example/", secret="s4", wants=lambda event: "account" in event),
    )
    found = [await held.delivery(environment, each) for each in ids]
    assert [(each.url, each.endpoint) for each in found] == [
        ("http://one.example/", None),
        ("http://three.example/", "we_1"),
    ]
    assert [held.vault.unseal(each.secret_sealed) for each in found] == ["s1", "s3"]
    assert "s1" not in found[0].secret_sealed
    assert {(each.status, each.attempts, each.next_at) for each in found} == {("pending", 0, clock.now())}


async def test_a_delivery_is_signed_sent_and_recorded(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        [name] = await world.emit(environment, Target(url=target.url(), secret="alsec_1"))
        assert await world.outbox.attempt_due(environment.uid, [name]) is None
        heard = target.heard[0]
    delivery = await world.delivery(environment, name)
    assert delivery.status == "delivered"
    assert delivery.next_at is None
    assert heard.event["id"] == delivery.event_id
    assert heard.headers["alpha-signature"].startswith("alsec_1@")
    assert heard.headers["broker-delivery"] == name
    [attempt] = await world.attempts(environment, name)
    assert (attempt.number, attempt.status, attempt.error) == (1, 200, None)
    assert attempt.duration_ms > 0


async def test_retries_follow_the_schedule_until_it_is_used_up(held: World, clock: HeldClock) -> None:
    environment = await held.environment(retries=["30s", "10m"])
    async with site(statuses(500, 302, 404)) as target:
        [name] = await held.emit(environment, Target(url=target.url(), secret="s"))
        assert await held.outbox.attempt_due(environment.uid, [name]) == 30
        assert await held.outbox.attempt_due(environment.uid, [name]) == 30  # not due: nothing is sent
        assert len(target.heard) == 1
        clock.advance(30)
        assert await held.outbox.attempt_due(environment.uid, [name]) == 600
        clock.advance(600)
        assert await held.outbox.attempt_due(environment.uid, [name]) is None
        assert await held.outbox.attempt_due(environment.uid, [name]) is None
        assert len(target.heard) == 3
        assert {each.headers["broker-delivery"] for each in target.heard} == {name}
    delivery = await held.delivery(environment, name)
    assert (delivery.status, delivery.attempts, delivery.next_at) == ("failed", 3, None)
    attempts = await held.attempts(environment, name)
    assert [(each.number, each.status) for each in attempts] == [(1, 500), (2, 302), (3, 404)]
    assert [each.error for each in attempts] == [None, "redirects are not followed", None]


async def test_what_cannot_be_reached_says_why(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        gone = target.url()
    ids = await world.emit(
        environment,
        Target(url=gone, secret="s"),
        Target(url="http://169.254.169.254/hook", secret="s"),
    )
    assert await world.outbox.attempt_due(environment.uid, ids) is None
    refused, forbidden = [(await world.attempts(environment, each))[0] for each in ids]
    assert refused.status is None
    assert "cannot connect" in refused.error
    assert forbidden.status is None
    assert "never a target" in forbidden.error


async def test_two_rounds_at_once_send_once(world: World) -> None:
    environment = await world.environment()
    release = asyncio.Event()

    async def answer(request: web.Request, number: int) -> web.Response:
        await release.wait()
        return web.Response()

    async with site(answer) as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        first = asyncio.gather(*(world.outbox.attempt_due(environment.uid, ids) for _ in range(3)))
        await target.wait(1)
        release.set()
        waits = await first
        assert sorted(waits, key=str) == [1.0, 1.0, None]  # the other two look again in a moment
        assert await world.outbox.attempt_due(environment.uid, ids) is None
    assert len(target.heard) == 1


async def test_one_slow_target_does_not_hold_up_the_others(world: World) -> None:
    environment = await world.environment()

    async def answer(request: web.Request, number: int) -> web.Response:
        if request.path == "/slow":
            await asyncio.sleep(1)
        return web.Response()

    async with site(answer) as target:
        slow = await world.emit(environment, Target(url=target.url("/slow"), secret="s"))
        fast = await world.emit(environment, *[Target(url=target.url("/fast"), secret="s")] * 20)
        round_ = asyncio.ensure_future(world.outbox.attempt_due(environment.uid, [*slow, *fast]))  # noqa: TID251 - awaited below
        await target.wait(21)
        await world.over(environment, *fast)
        assert not round_.done()
        assert await round_ is None


async def test_a_closed_environment_ends_its_deliveries(world: World) -> None:
    environment = await world.environment(retries=["1h"])
    async with site() as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        await world.storage.registry.update_environment(environment.uid, status="closing")
        assert await world.outbox.attempt_due(environment.uid, ids) is None
        assert await world.outbox.attempt_due("never-was", ids) is None
    assert target.heard == []


async def test_an_environment_that_closes_meanwhile_is_not_made_again(world: World) -> None:
    environment = await world.environment()

    async def answer(request: web.Request, number: int) -> web.Response:
        await world.storage.registry.update_environment(environment.uid, status="closing")
        await world.storage.destroy(environment)
        return web.Response()

    async with site(answer) as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        assert await world.outbox.attempt_due(environment.uid, ids) is None
    assert await world.storage.leftovers(environment) == []


async def test_a_reset_ends_deliveries(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        await (await world.storage.open(environment)).reset()
        assert await world.outbox.attempt_due(environment.uid, ids) is None
    assert target.heard == []


async def test_a_fault_of_ours_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = await world.environment()
    async with site() as target:
        ids = await world.emit(environment, Target(url=target.url(), secret="s"))
        store = await world.storage.open(environment)

        async def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(store.outbox, "record_attempts", full)
            assert await world.outbox.attempt_due(environment.uid, ids) == 5
        assert await world.outbox.attempt_due(environment.uid, ids) is None
    assert len(target.heard) == 2  # what is not on record is sent again
    assert (await world.delivery(environment, ids[0])).status == "delivered"


async def test_resend(world: World) -> None:
    environment = await world.environment()
    async with site() as target:
        one = Target(url=target.url("/1"), secret="s1")
        two = Target(url=target.url("/2"), secret="s2", endpoint="we_2")
        ids = await world.emit(environment, one, two)
        await world.outbox.attempt_due(environment.uid, ids)
        event_id = (await world.delivery(environment, ids[0])).event_id
        again = await world.outbox.resend(environment, event_id)
        assert [(each.url, each.endpoint) for each in again] == [(one.url, None), (two.url, "we_2")]
        assert not {each.id for each in again} & set(ids)
        third = await world.outbox.resend(environment, event_id, delivery_id=again[1].id)
        assert [each.url for each in third] == [two.url]
        fresh = [each.id for each in (*again, *third)]
        assert await world.outbox.pending(environment) == fresh
        await world.outbox.attempt_due(environment.uid, fresh)
        assert [each.path for each in target.heard].count("/2") == 3
        assert len({each.event["id"] for each in target.heard}) == 1
    with pytest.raises(LookupError, match="no event"):
        await world.outbox.resend(environment, "evt_none")
    with pytest.raises(LookupError, match="no delivery"):
        await world.outbox.resend(environment, event_id, delivery_id="dlv_none")


async def test_an_event_that_was_sent_nowhere_needs_a_target(world: World) -> None:
    environment = await world.environment()
    await world.emit(environment)
    [event] = await (await world.storage.open(environment)).outbox.events()
    with pytest.raises(NothingToResend):
        await world.outbox.resend(environment, event.id)
    [made] = await world.outbox.resend(
        environment, event.id, targets=[Target(url="http://x.example/", secret="s", events=["thing.*"])]
    )
    assert made.url == "http://x.example/"


async def test_stop_lets_an_attempt_end_and_begins_none(world: World) -> None:
    environment = await world.environment()

    async def answer(request: web.Request, number: int) -> web.Response:
        await asyncio.sleep(0.2)
        return web.Response()

    async with site(answer) as target:
        running = await world.emit(environment, Target(url=target.url(), secret="s"))
        later = await world.emit(environment, Target(url=target.url(), secret="s"))
        round_ = asyncio.ensure_future(world.outbox.attempt_due(environment.uid, running))  # noqa: TID251 - awaited below
        await target.wait(1)
        await world.outbox.stop()
        assert (await world.delivery(environment, running[0])).status == "delivered"
        assert await world.outbox.attempt_due(environment.uid, later) == 1
        await round_
    assert len(target.heard) == 1
