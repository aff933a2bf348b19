"""When a night is due, how it goes on after interruptions, what it tells, and that old nights are not taken for new."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker import nights as module
from broker.errors import Conflict
from broker.metrics import Metrics
from broker.nights import Interrupted, Nights, latest
from broker.reports.night import Night, ServiceScore
from tests.broker.nightly import PlainChecks, account, finding, nights
from tests.broker.targets import World, site
from tests.clocks import START, HeldClock


@pytest.fixture
def checks(world: World) -> PlainChecks:
    return PlainChecks(world, finding())


async def through(made: Nights, due: Any = None) -> Night:
    """One night to its end."""
    if not made._started.is_set():
        await made.start()
    night = await made.begin(due)
    assert await made.attempt(night.id) is None
    last = await made.last()
    assert last is not None
    assert last.id == night.id
    return last


async def cut_off(made: Nights, night: Night, checks: PlainChecks) -> None:
    """An attempt ends with its process, amid the check that is held."""
    checks.held.clear()
    asked = asyncio.ensure_future(made.attempt(night.id))  # noqa: TID251 - cancelled below
    await checks.held.wait()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


def test_the_last_time_that_it_was_so_late() -> None:
    assert latest("12:00", START) == START
    assert latest("11:59", START) == START - timedelta(minutes=1)
    assert latest("12:01", START) == START - timedelta(days=1) + timedelta(minutes=1)


async def test_a_night_is_due_once_and_made_up_for(world: World, checks: PlainChecks, clock: HeldClock) -> None:
    await account(world, "one")
    made = nights(world, checks, at="03:00")
    await made.start()
    assert await nights(world, checks).begin_due() is None
    assert await made.begin_due() is None, "a server that just learned of its nights waits for the next"
    clock.advance(hours=14, minutes=59)
    assert await made.begin_due() is None
    clock.advance(minutes=1)
    night = await made.begin_due()
    assert night is not None
    assert night.due_at == clock.now().isoformat()
    assert await made.begin_due() is None
    assert await made.attempt(night.id) is None
    assert await made.begin_due() is None
    # Down for three nights.
    clock.advance(days=3, hours=1)
    again = nights(world, checks, at="03:00")
    late = await again.begin_due()
    assert late is not None
    assert late.due_at == (clock.now() - timedelta(hours=1)).isoformat()
    assert await again.begin_due() is None
    await made.stop()


async def test_no_second_night_while_one_is_at_work(world: World, checks: PlainChecks, clock: HeldClock) -> None:
    await account(world, "one")
    made = nights(world, checks, at="03:00")
    await made.begin_due()
    night = await made.begin()
    with pytest.raises(Conflict):
        await made.begin()
    clock.advance(days=1)
    assert await made.begin_due() is None
    await made.start()
    assert await made.attempt(night.id) is None
    assert await made.begin_due() is not None, "it comes right after"
    await made.stop()


async def test_a_night_that_cannot_be_begun_is_still_due(
    world: World, checks: PlainChecks, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await account(world, "one")
    made = nights(world, checks, at="03:00")
    await made.begin_due()
    clock.advance(days=1)
    replace_fact = world.storage.external.replace_fact

    async def full(name: str, value: str) -> None:
        if name == full_for:
            raise OSError("the disk is full")
        await replace_fact(name, value)

    monkeypatch.setattr(world.storage.external, "replace_fact", full)
    full_for = module._NIGHT
    for _ in range(2):
        with pytest.raises(OSError, match="full"):
            await made.begin_due()
        assert await made.current() is None
    # Begun, and that it was due could not be written down: it is not begun twice.
    full_for = module._DUE
    with pytest.raises(OSError, match="full"):
        await made.begin_due()
    full_for = ""
    night = await made.current()
    assert night is not None
    await made.start()
    assert await made.attempt(night.id) is None
    assert await made.begin_due() is None
    assert await nights(world, checks, at="03:00").begin_due() is None
    await made.stop()


async def test_a_night_from_its_beginning_to_its_end(world: World, checks: PlainChecks) -> None:
    await account(world, "one")
    made = nights(world, checks)
    announced: list[str] = []
    made.announce = announced.append
    last = await through(made)
    assert announced == [last.id]
    assert [(part.name, part.status, part.attempts) for part in last.parts] == [
        ("tiny probes at one", "done", 1),
        ("tiny observed", "done", 1),
    ]
    assert (last.verdict, len(last.fresh)) == ("drift", 1)
    again = await through(made)
    assert (again.verdict, len(again.fresh), len(again.known)) == ("drift", 0, 1)
    assert again.known[0].since == last.begun_at
    checks.findings = []
    assert [each.finding.place for each in (await through(made)).over] == [finding().place]
    assert [each["verdict"] for each in await made.figures()] == ["clean", "drift", "drift"]
    assert await made.attempt(last.id) is None, "one that is over is not done again"
    assert len(checks.asked) == 3
    # Another process reads the same.
    assert await nights(world, checks).last() is not None
    assert await nights(world, checks).current() is None
    await made.stop()


async def test_without_an_account_it_is_no_green(world: World, checks: PlainChecks) -> None:
    last = await through(nights(world, checks))
    assert last.verdict == "failed"
    assert "nothing was compared" in last.failures[0]


async def test_one_part_that_failed_does_not_keep_the_others(world: World, checks: PlainChecks) -> None:
    await account(world, "one")
    await account(world, "two")
    checks.errors = [RuntimeError("the account is locked")]
    made = nights(world, checks)
    last = await through(made)
    assert last.failures == ["tiny probes at one: RuntimeError: the account is locked"]
    assert [part.status for part in last.parts] == ["failed", "done", "done"]
    assert len(last.fresh) == 1
    assert made.failures == {("tiny", "probes"): 1}


async def test_a_part_waits_for_another_check_and_not_for_ever(
    world: World, checks: PlainChecks, clock: HeldClock
) -> None:
    await account(world, "one")
    checks.errors = [Conflict("a check of tiny is at work")] * 3
    made = nights(world, checks)
    await made.start()
    night = await made.begin()
    for _ in range(2):
        assert await made.attempt(night.id) == module._AGAIN
        current = await made.current()
        assert current is not None
        assert [(part.status, part.attempts) for part in current.parts] == [("waiting", 0), ("done", 1)]
    clock.advance(hours=4)
    assert await made.attempt(night.id) is None
    last = await made.last()
    assert last is not None
    assert last.failures == ["tiny probes at one: a check of tiny is at work"]
    await made.stop()


async def test_a_night_of_an_earlier_process_goes_on(world: World, checks: PlainChecks) -> None:
    await account(world, "one")
    await account(world, "two")
    first = nights(world, checks)
    await first.start()
    night = await first.begin()
    checks.holding = {"two"}
    await cut_off(first, night, checks)
    await first.stop()
    checks.holding = set()
    second = nights(world, checks)
    assert await second.unfinished() == night.id
    waiting = asyncio.ensure_future(second.attempt(night.id))  # noqa: TID251 - awaited below
    await asyncio.sleep(0)
    assert len(checks.asked) == 2, "not before what measures is ready"
    await second.start()
    assert await waiting is None
    last = await second.last()
    assert last is not None
    assert [(part.account, part.attempts) for part in last.parts][:2] == [("one", 1), ("two", 2)]
    assert [name for _, name in checks.asked] == ["one", "two", "two"], "what was done is not done again"
    assert await second.unfinished() is None
    await second.stop()


async def test_what_is_interrupted_again_and_again_has_failed(world: World, checks: PlainChecks) -> None:
    await account(world, "one")
    made = nights(world, checks)
    night = await made.begin()
    checks.holding = {"one"}
    for _ in range(module._ATTEMPTS):
        made = nights(world, checks)
        await made.start()
        await cut_off(made, night, checks)
        await made.stop()
    made = nights(world, checks)
    await made.start()
    assert await made.attempt(night.id) is None
    last = await made.last()
    assert last is not None
    assert last.failures == ["tiny probes at one: it was interrupted 3 times, and is not begun again"]
    await made.stop()


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_check_that_is_cut_off_by_the_servers_end_is_begun_again(
    world: World, checks: PlainChecks, cancelled: bool
) -> None:
    """It comes back as failed, or not at all."""
    await account(world, "one")
    made = nights(world, checks)
    await made.start()
    night = await made.begin()
    checks.changes = {"status": "failed", "errors": ["the server ended"]}
    checks.errors = [asyncio.CancelledError()] if cancelled else []
    checks.holding = {"one"}
    asked = asyncio.ensure_future(made.attempt(night.id))  # noqa: TID251 - awaited below
    await checks.held.wait()
    await made.stop()
    checks.go.set()
    with pytest.raises(Interrupted):
        await asked
    left = await nights(world, checks).current()
    assert left is not None
    assert [(part.status, part.attempts) for part in left.parts] == [("waiting", 0), ("waiting", 0)]


async def test_one_that_was_judged_and_not_put_away_is_put_away(
    world: World, checks: PlainChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await account(world, "one")
    made = nights(world, checks)
    await through(made)
    keep = made._keep

    async def full(name: str, night: Night) -> None:
        if name == module._NIGHT and night.ended_at:
            raise OSError("the disk is full")
        await keep(name, night)

    monkeypatch.setattr(made, "_keep", full)
    night = await made.begin()
    with pytest.raises(OSError, match="full"):
        await made.attempt(night.id)
    await made.stop()
    again = nights(world, checks)
    await again.start()
    assert await again.unfinished() == night.id
    assert await again.attempt(night.id) is None
    last = await again.last()
    assert last is not None
    assert (last.id, len(last.known), last.fresh) == (night.id, 1, [])
    assert len(await again.figures()) == 2
    await again.stop()


async def test_the_file_of_accepted_drift(world: World, checks: PlainChecks, tmp_path: Path) -> None:
    await account(world, "one")
    path = tmp_path / "accepted.yaml"
    path.write_text(f"accepted:\n  - {{key: '{finding().key}', reason: agreed, until: '2026-03-01'}}\n")
    made = nights(world, checks, path=path)
    assert (await through(made)).verdict == "clean"
    path.write_text("accepted: no list\n")
    unreadable = await through(made)
    assert unreadable.verdict == "failed"
    assert "cannot be read, so nothing is accepted" in unreadable.failures[0]
    assert len(unreadable.counted) == 1
    assert made.failures == {("", "night"): 1}


async def test_scores_that_fail_are_no_green(world: World, checks: PlainChecks) -> None:
    await account(world, "one")
    made = nights(world, checks)
    checks.findings = []

    async def scores() -> list[ServiceScore]:
        return [ServiceScore(service="tiny", contract="1", mean=70)]

    made.scores = scores
    last = await through(made)
    assert (last.verdict, [each.mean for each in last.fidelity]) == ("clean", [70])

    async def broken() -> list[ServiceScore]:
        raise RuntimeError("no tallies")

    made.scores = broken
    assert "no tallies" in (await through(made)).failures[0]


async def test_what_is_new_is_told_once(world: World, checks: PlainChecks) -> None:
    await account(world, "one")
    async with site() as target:
        made = nights(world, checks, told=target.url())
        first = await through(made)
        checks.findings = [finding(), finding("safe", severity="safe")]
        second = await through(made)
        checks.errors = [RuntimeError("locked")]
        third = await through(made)
    told = {notice.id: notice for notice in await world.storage.external.notices()}
    assert set(told) == {f"ntc_drift-found-{first.id}", f"ntc_drift-failed-{third.id}"}, "what is safe is not told"
    assert len(second.fresh) == 1
    found = told[f"ntc_drift-found-{first.id}"].payload["data"]
    assert (found["verdict"], found["fresh"]["breaking"]) == ("drift", 1)
    assert [each["key"] for each in found["findings"]] == [finding().key]
    failed = told[f"ntc_drift-failed-{third.id}"].payload["data"]
    assert failed["failures"] == ["tiny probes at one: RuntimeError: locked"]


async def test_an_acceptance_that_is_over_is_told(world: World, checks: PlainChecks, tmp_path: Path) -> None:
    await account(world, "one")
    path = tmp_path / "accepted.yaml"
    await through(nights(world, checks))
    path.write_text(f"accepted:\n  - {{key: '{finding().key}', reason: agreed, until: '2026-02-28'}}\n")
    last = await through(nights(world, checks, path=path, told="http://127.0.0.1:9/"))
    [told] = await world.storage.external.notices()
    assert told.payload["data"]["expired"] == [{"key": finding().key, "reason": "agreed", "until": "2026-02-28"}]
    assert (last.verdict, last.fresh) == ("drift", [])


async def test_an_old_night_is_said_to_be_old(world: World, checks: PlainChecks, clock: HeldClock) -> None:
    await account(world, "one")
    made = nights(world, checks, at="03:00")
    assert await made.late() is None, "there was none yet: that is said otherwise"
    await through(made)
    clock.advance(hours=15)
    assert await made.late() is None, "it is due just now"
    clock.advance(hours=8)
    assert "2026-03-02 03:00 UTC is not over" in str(await made.late())
    assert await nights(world, checks).late() is None
    await through(made)
    assert await made.late() is None


async def test_the_night_comes_by_itself(
    world: World, checks: PlainChecks, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK", 0.001)
    await account(world, "one")
    made = nights(world, checks, at="03:00")
    announced = asyncio.Event()
    made.announce = lambda night_id: announced.set()
    await made.begin_due()
    await made.start()
    clock.advance(days=1)
    async with asyncio.timeout(5):
        await announced.wait()
    night = await made.current()
    assert night is not None
    assert night.due_at == "2026-03-02T03:00:00+00:00"
    await made.stop()


async def test_figures(world: World, checks: PlainChecks) -> None:
    await account(world, "one")
    made, metrics = nights(world, checks), Metrics()
    made.expose(metrics)
    assert b"broker_drift_findings{" not in metrics.render()
    await through(made)
    checks.errors = [RuntimeError("locked")]
    await through(made)
    text = metrics.render().decode()
    assert 'broker_drift_findings{known="yes",service="tiny",severity="breaking"} 1.0' in text
    assert 'broker_drift_failures_total{service="tiny",source="probes"} 1.0' in text
    assert f'broker_drift_night_ended_timestamp_seconds{{verdict="failed"}} {START.timestamp():.7g}'[:60] in text
