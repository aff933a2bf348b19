"""What each part of a night does, and that what hinders it comes back in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from broker import measuring as module
from broker.contract_news import Unfetched
from broker.errors import Conflict, NotFound
from broker.reports.night import Part
from broker.storage.drift import Tally
from broker.storage.external import Lease
from tests.broker.nightly import PlainChecks, PlainContracts, account, finding, measuring, observe
from tests.broker.storage.samples import exchange
from tests.broker.targets import World


def probes(name: str = "one") -> Part:
    return Part(service="tiny", source="probes", account=name)


async def test_the_plan(world: World) -> None:
    checks = PlainChecks(world)
    assert await measuring(world, checks).plan() == []
    await account(world, "one")
    await account(world, "pooled-1", pool="shared", exclusive=True)
    await account(world, "pooled-2", pool="shared", exclusive=True)
    await observe(world, finding(service="other"))
    store = await world.storage.open(await world.environment("pr-1"))
    await store.journal.add([exchange(1, service="third")])
    plan = await measuring(world, checks, PlainContracts(tiny=(), third=(), unused=())).plan()
    assert [each.name for each in plan] == [
        "other observed",
        "third contract",
        "tiny contract",
        "tiny probes at one",
        "tiny probes at pooled-1",
        "tiny observed",
    ]
    lease = Lease(
        id="lea_1", uid="pr-1.1", service="tiny", account="pooled-1", kind="exclusive", issued_at=world.clock.now()
    )
    assert await world.storage.external.add_lease(lease)
    assert "tiny probes at pooled-2" in [each.name for each in await measuring(world, checks).plan()]


async def test_probes_that_ran(world: World) -> None:
    checks = PlainChecks(world, finding("b", severity="safe"), finding("a"), finding("a"))
    found = await measuring(world, checks).measure(probes())
    assert (found.status, list(found.words), found.run) == ("done", [], "run_1")
    assert (found.passed, found.failed, found.skipped) == (3, 1, 1)
    assert [(each.finding.place, each.account) for each in found.rows] == [("a", "one"), ("b", "one")]
    assert found.compared == ["things.create"]
    assert found.ended_at == world.clock.now().isoformat()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"errors": ["it refused our key"]}, "it refused our key"),
        ({"status": "failed"}, "the check did not come to its end"),
        ({"operations": {}}, "nothing was compared: no page"),
        ({"operations": {"things.list": Tally(skipped=4)}, "skipped": []}, "there are no probes of it"),
    ],
)
async def test_probes_that_show_nothing_are_no_green(world: World, changes: dict[str, Any], words: str) -> None:
    checks = PlainChecks(world, finding())
    checks.changes = changes
    found = await measuring(world, checks).measure(probes())
    assert found.status == "failed"
    assert words in found.words[0]
    assert len(found.rows) == 1, "what was found is shown all the same"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotFound("no account is called one"), "no account is called one"),
        (KeyError("tiny"), "KeyError: 'tiny'"),
        (OSError(), "OSError"),
        (Unfetched("the index does not answer"), "the index does not answer"),
        (TimeoutError("no answer within 1 s"), "TimeoutError: no answer within 1 s"),
    ],
)
async def test_what_hinders_is_said(world: World, error: Exception, words: str) -> None:
    checks = PlainChecks(world)
    checks.errors = [error]
    found = await measuring(world, checks).measure(probes())
    assert (found.status, found.words) == ("failed", [words])


async def test_a_part_that_does_not_end_has_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 0.01)
    checks = PlainChecks(world)
    checks.holding = {"one"}
    found = await measuring(world, checks).measure(probes())
    assert found.status == "failed"
    assert "it was not over within" in found.words[0]


async def test_another_check_is_waited_for(world: World) -> None:
    checks = PlainChecks(world)
    checks.errors = [Conflict("a check of tiny is at work")]
    with pytest.raises(Conflict):
        await measuring(world, checks).measure(probes())


async def test_the_newest_contract(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part(service="tiny", source="contract")
    places = [f"p{number}" for number in range(4)]
    monkeypatch.setattr(module, "_ROWS", 3)
    contracts = PlainContracts(tiny=[finding(each) for each in places], other=module.Uncompared("404"))
    made = measuring(world, PlainChecks(world), contracts)
    found = await made.measure(part)
    assert (found.status, [each.finding.place for each in found.rows], found.more) == ("done", places[:3], 1)
    assert (await made.measure(Part(service="other", source="contract"))).words == ["404"]
    assert (await measuring(world, PlainChecks(world)).measure(part)).status == "failed"


async def test_what_was_observed_lately(world: World) -> None:
    old = world.clock.now() - timedelta(days=31)
    await observe(world, finding("old"), first_at=old, last_at=old)
    await observe(world, finding("new"))
    await observe(world, finding("other", service="other"))
    found = await measuring(world, PlainChecks(world)).measure(Part(service="tiny", source="observed"))
    assert [(each.finding.place, each.account) for each in found.rows] == [("new", "one")]


async def test_what_waits_to_be_written_down_is_looked_at(world: World) -> None:
    async def settle() -> None:
        await observe(world, finding("late"))

    made = module.Measuring(storage=world.storage, clock=world.clock, checks=PlainChecks(world), settle=settle)
    found = await made.measure(Part(service="tiny", source="observed"))
    assert [each.finding.place for each in found.rows] == ["late"]


async def test_who_calls_what(world: World) -> None:
    for name in ("pr-1", "pr-2", "drift-abc", "pr-3"):
        environment = await world.environment(name)
        store = await world.storage.open(environment)
        await store.journal.add([exchange(1, operation="things.create"), exchange(2, operation=None)])
    await world.storage.registry.update_environment(environment.uid, status="closed")
    callers = await measuring(world, PlainChecks(world)).callers()
    assert callers["things.create"] == 2
