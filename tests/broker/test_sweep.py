"""The sweep: whose is what carries our marker, and what of it goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.errors import Conflict, NotFound
from broker.ledger import Ledger
from broker.revocation import Revocation
from broker.storage.base import Environment
from broker.sweep import Sweep
from sandboxes.base import Marker, Resource
from tests.broker.sandbox import INSTANCE, Outside, PlainAccounts, line
from tests.broker.targets import World
from tests.clocks import HeldClock

OLD = timedelta(hours=5)


class Scene:
    """Two accounts outside, an open environment, one that is closing and one that is closed."""

    def __init__(self, world: World, clock: HeldClock) -> None:
        self.world, self.clock = world, clock
        self.outside, self.other = Outside(), Outside()
        self.accounts: Any = PlainAccounts(world.storage, clock, {"one": self.outside, "two": self.other})
        self.store = world.storage.external.ledger
        self.open: Environment
        self.closing: Environment
        self.closed: Environment

    async def begin(self) -> None:
        await self.accounts.keep()
        self.open = await self.world.environment("pr-1")
        self.closing = await self.world.environment("pr-2")
        self.closed = await self.world.environment("pr-3")
        registry = self.world.storage.registry
        await registry.update_environment(self.closing.uid, status="closing")
        await registry.update_environment(self.closed.uid, status="closed", closed_at=self.clock.now())

    def sweep(self, *keep: str) -> Sweep:
        ledger = Ledger(self.store, self.clock)
        revocation = Revocation(storage=self.world.storage, clock=self.clock, ledger=ledger, accounts=self.accounts)
        return Sweep(
            storage=self.world.storage,
            clock=self.clock,
            accounts=self.accounts,
            ledger=ledger,
            revocation=revocation,
            keep=keep,
        )

    async def ran(self, *keep: str, **options: Any) -> Any:
        sweep = self.sweep(*keep)
        assert await sweep.attempt(await sweep.prepare(**options)) is None
        # As it was stored: another server reads the same.
        last = await self.sweep().last()
        assert last is not None
        assert last == await sweep.last()
        assert (last["status"], last["ended_at"] is None) == ("ended", False)
        return last


@pytest.fixture
async def scene(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Scene]:
    world = World(tmp_path, clock)
    made = Scene(world, clock)
    await made.begin()
    yield made
    await world.close()


async def test_only_leftovers_go(scene: Scene) -> None:
    make = scene.accounts.make
    open_known, open_unknown = [await make(scene.open.uid, age=OLD) for _ in range(2)]
    await scene.store.add([line(scene.open.uid, scene.clock, Resource("thing", open_known["id"]))])
    closing = await make(scene.closing.uid, age=OLD)
    leftover = await make(scene.closed.uid, age=OLD)
    note = await make(scene.closed.uid, "note", thing=leftover["id"], age=OLD)
    short = await make(scene.closed.uid[-10:], age=OLD)
    unknown = await make("pr-9-0000000000", age=OLD, account="two")
    stranger = await make("", marker=Marker("zzzzzz", scene.closed.uid).text, age=OLD)
    own = await make("", marker=Marker(INSTANCE).text, age=OLD)
    by_hand = await make("", marker="", age=OLD)
    run = await scene.ran()
    assert set(scene.outside.objects) == {
        each["id"] for each in (open_known, open_unknown, closing, stranger, own, by_hand)
    }
    assert scene.other.objects == {}
    assert run["counts"] == {"open": 2, "learned": 1, "closing": 1, "own": 1, "deleted": 4}
    rows = {row["id"]: row for row in run["rows"] if row["account"] == "one"}
    assert set(rows) == {each["id"] for each in (leftover, note, short)}
    assert rows[short["id"]] == {
        "account": "one",
        "kind": "thing",
        "id": short["id"],
        "owner": "pr-3",
        "age_seconds": 18000,
        "action": "deleted",
        "words": "",
    }
    assert [row["owner"] for row in run["rows"] if row["account"] == "two"] == ["pr-9-0000000000"]
    assert unknown["id"].startswith("thi_")
    [learned] = [each for each in await scene.store.entries(scene.open.uid) if each.origin == "found"]
    assert (learned.external_id, learned.status) == (open_unknown["id"], "live")
    # What it deleted stands in the ledger of whose it was.
    assert await scene.store.counts(scene.closed.uid) == {"tiny": {"thing": {"deleted": 2}, "note": {"deleted": 1}}}
    # Again: nothing to do.
    assert (await scene.ran())["counts"] == {"open": 2, "closing": 1, "own": 1}


async def test_a_dry_run_changes_nothing(scene: Scene) -> None:
    await scene.accounts.make(scene.closed.uid, age=OLD)
    await scene.accounts.make(scene.open.uid)
    run = await scene.ran(dry_run=True)
    assert run["counts"] == {"open": 1, "would delete": 1}
    assert len(scene.outside.objects) == 2
    assert await scene.store.entries() == []


async def test_what_is_young_or_blocked_stays(scene: Scene) -> None:
    ids = [(await scene.accounts.make(scene.closed.uid, age=age))["id"] for age in (OLD, OLD, timedelta(minutes=5))]
    run = await scene.ran(ids[0], "pr-77*")
    assert [(row["id"], row["action"]) for row in run["rows"]] == [
        (ids[2], "kept"),
        (ids[0], "blocked"),
        (ids[1], "deleted"),
    ]
    assert set(scene.outside.objects) == {ids[0], ids[2]}
    assert (await scene.ran("pr-3", min_age=timedelta(0)))["counts"] == {"blocked": 2}
    assert (await scene.ran(min_age=timedelta(0)))["counts"] == {"deleted": 2}


async def test_what_has_no_age_is_old_enough(scene: Scene) -> None:
    made = await scene.accounts.make(scene.closed.uid)
    del scene.outside.objects[made["id"]]["created"]
    [row] = (await scene.ran())["rows"]
    assert (row["age_seconds"], row["action"]) == (None, "deleted")


async def test_the_ledger_is_surer_than_a_marker(scene: Scene) -> None:
    """An application copied the marker of an object that it read."""
    made = await scene.accounts.make(scene.closed.uid, age=OLD)
    await scene.store.add([line(scene.open.uid, scene.clock, Resource("thing", made["id"]))])
    assert (await scene.ran())["counts"] == {"open": 1}
    assert made["id"] in scene.outside.objects


async def test_lines_that_came_after_the_close_are_leftovers(scene: Scene) -> None:
    made = await scene.accounts.make(scene.closed.uid, marker="", age=OLD)
    entry = line(scene.closed.uid, scene.clock, Resource("thing", made["id"]), created_at=scene.clock.now() - OLD)
    await scene.store.add([entry])
    assert (await scene.ran())["counts"] == {"deleted": 1}
    assert scene.outside.objects == {}


async def test_what_was_deleted_and_came_back_goes_again(scene: Scene) -> None:
    made = await scene.accounts.make(scene.closed.uid, age=OLD)
    gone = line(scene.closed.uid, scene.clock, Resource("thing", made["id"]), status="gone", outcome="deleted")
    kept = await scene.accounts.make(scene.closed.uid, age=OLD)
    end = line(scene.closed.uid, scene.clock, Resource("thing", kept["id"]), status="gone", outcome="canceled")
    await scene.store.add([gone, end])
    assert (await scene.ran())["counts"] == {"deleted": 1, "ended": 1}
    assert set(scene.outside.objects) == {kept["id"]}


async def test_what_is_refused_is_said_and_tried_by_the_next(scene: Scene) -> None:
    await scene.accounts.make(scene.closed.uid, age=OLD)
    scene.outside.fail(403, "DELETE", words="it is locked")
    [row] = (await scene.ran())["rows"]
    assert (row["action"], row["words"]) == ("stuck", "403: it is locked")
    # Known by its line and listed: one row.
    [row] = (await scene.ran())["rows"]
    assert row["action"] == "deleted"


async def test_an_account_that_cannot_be_asked_holds_up_no_other(scene: Scene) -> None:
    await scene.accounts.make(scene.closed.uid, age=OLD, account="two")
    scene.outside.fail(500, "GET")
    run = await scene.ran()
    assert run["accounts"]["one"] == {
        "status": "failed",
        "listed": 0,
        "words": "account one cannot be asked: 500: not now",
    }
    assert run["accounts"]["two"]["status"] == "done"
    assert run["counts"] == {"deleted": 1}


async def test_a_silent_provider_is_left_alone(scene: Scene) -> None:
    for _ in range(20):
        await scene.accounts.make(scene.closed.uid, age=OLD)
    scene.outside.fail("unsent", "DELETE", times=100)
    scene.outside.calls.clear()
    run = await scene.ran()
    assert run["counts"] == {"stuck": 20}
    assert len([call for call in scene.outside.calls if call.startswith("DELETE")]) == 4
    assert run["accounts"]["one"]["words"] == "account one does not answer: no answer within 1 s"


async def test_one_account_and_one_run_at_a_time(scene: Scene) -> None:
    for account in ("one", "two"):
        await scene.accounts.make(scene.closed.uid, age=OLD, account=account)
    sweep = scene.sweep()
    assert await sweep.last() is None
    with pytest.raises(NotFound):
        await sweep.prepare(account="three")
    run = await sweep.prepare(account="two")
    with pytest.raises(Conflict):
        await sweep.prepare()
    last = await sweep.last()
    assert last is not None
    assert last["status"] == "waiting"
    await sweep.attempt(run)
    assert (len(scene.outside.objects), len(scene.other.objects)) == (1, 0)
    await sweep.prepare()


async def test_it_is_repeated_at_will(scene: Scene) -> None:
    for _ in range(3):
        await scene.accounts.make(scene.closed.uid, age=OLD)
    sweep = scene.sweep()
    run = await sweep.prepare()
    await sweep.attempt(run)
    await sweep.attempt(run)
    assert scene.outside.objects == {}
    last = await sweep.last()
    assert last is not None
    assert last["counts"] == {}


async def test_a_night_is_due_once_and_made_up_for(scene: Scene, clock: HeldClock) -> None:
    sweep = scene.sweep()
    assert not await sweep.due("off")
    assert await sweep.due("03:00")  # of this morning: nobody did it
    assert not await sweep.due("03:00")
    clock.advance(hours=14, minutes=59)
    assert not await sweep.due("03:00")
    clock.advance(minutes=1)
    assert await sweep.due("03:00")
    assert not await scene.sweep().due("03:00")
    # Down for two nights.
    clock.advance(days=2)
    assert await scene.sweep().due("03:00")
    assert not await sweep.due("03:00")


async def test_no_night_is_due_without_accounts_or_while_one_is_at_work(scene: Scene, clock: HeldClock) -> None:
    for name in ("one", "two"):
        await scene.world.storage.external.delete_account(name)
    assert not await scene.sweep().due("03:00")
    await scene.accounts.keep()
    assert not await scene.sweep().due("03:00")  # the first account is no reason for one at noon
    clock.advance(days=1)
    sweep = scene.sweep()
    run = await sweep.prepare()
    assert not await sweep.due("03:00")
    assert (await scene.sweep().unfinished() or {}).get("id") == run["id"]
    await sweep.attempt(run)
    assert await scene.sweep().unfinished() is None
    assert await sweep.due("03:00")
