"""The score: the formula as a table, and what it is made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.fidelity import CONTRACT, COST, END, PASSIVE, PROBES, Evidence, Fidelity, freshness, score
from broker.storage.drift import Observed, Run, Tally
from broker.tallies import Tallies
from contracts.drift import Finding, Severity
from tests.broker.targets import World
from tests.broker.test_tallies import visit
from tests.clocks import START, HeldClock

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("evidence", "points"),
    [
        ({}, None),
        ({"checked": 10, "checked_at": START}, 30),
        ({"checked": 10, "broken": 5, "checked_at": START}, 15),
        ({"checked": 10, "broken": 10, "checked_at": START}, 0),
        ({"passed": 4, "probed_at": START}, 50),
        ({"passed": 3, "failed": 1, "probed_at": START}, 38),
        ({"failed": 1, "probed_at": START}, 0),
        ({"answers": 9, "answered_at": START}, 20),
        ({"answers": 9, "answered_at": START, "observed": ["risky"]}, 15),
        ({"answers": 9, "answered_at": START, "observed": ["breaking", "safe"]}, 10),
        ({"answers": 9, "answered_at": START, "observed": ["breaking"] * 3}, 0),
        # Differences that were seen are no evidence without answers.
        ({"observed": ["breaking"]}, None),
        ({"checked": 1, "checked_at": START, "passed": 1, "probed_at": START, "answers": 1, "answered_at": START}, 100),
        # As good as new for a week, half a month later, nothing after half a year.
        ({"passed": 1, "probed_at": START - 7 * DAY}, 50),
        ({"passed": 1, "probed_at": START - 37 * DAY}, 25),
        ({"passed": 1, "probed_at": START - 67 * DAY}, 12),
        ({"passed": 1, "probed_at": START - END - DAY}, None),
        ({"passed": 1, "probed_at": START - END - DAY, "checked": 1, "checked_at": START}, 30),
    ],
)
def test_the_formula(evidence: dict[str, Any], points: int | None) -> None:
    found = score(Evidence(**evidence), START)
    assert found.points == points
    if points is None:
        assert (found.contract, found.probes, found.passive) == (None, None, None)


def test_the_parts_make_a_hundred() -> None:
    assert CONTRACT + PROBES + PASSIVE == 100
    assert set(COST) == {"breaking", "risky", "safe"}


def test_evidence_only_ages() -> None:
    shares = [freshness(START - days * DAY, START) for days in range(200)]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1], freshness(None, START)) == (1.0, 0.0, 0.0)
    # A clock that was set back makes nothing better than new.
    assert freshness(START + DAY, START) == 1.0


def run(clock: HeldClock, number: int, **operations: Tally) -> Run:
    return Run(
        id=f"run_{number}",
        service="alpha",
        account="acc",
        endpoint="https://alpha.example",
        contract="1",
        probes="*",
        status="done",
        started_at=clock.now(),
        ended_at=clock.now(),
        operations={name.replace("_", "."): tally for name, tally in operations.items()},
    )


def observed(clock: HeldClock, operation: str, severity: Severity) -> Observed:
    finding = Finding(service="alpha", operation=operation, rule="r", place="p", severity=severity, message="differs")
    return Observed(finding=finding, count=3, first_at=clock.now(), last_at=clock.now(), example={})


class PlainContract:
    version = "2026-01-01"

    def operations(self) -> dict[str, None]:
        return dict.fromkeys(("things.create", "things.get", "things.list"))


def fidelity_of(world: World, clock: HeldClock) -> tuple[Fidelity, Tallies]:
    external = world.storage.external
    contract: Any = PlainContract
    fidelity = Fidelity(external, clock, {"alpha": contract})
    return fidelity, fidelity.tallies


async def test_nothing_is_measured_without_evidence(world: World, clock: HeldClock) -> None:
    fidelity, _ = fidelity_of(world, clock)
    found = await fidelity.of("alpha")
    assert set(found.operations) == {"things.create", "things.get", "things.list"}
    assert (found.measured, found.mean, found.measured_at) == (0, None, None)
    assert await fidelity.header("alpha", "things.get") == "unmeasured"


async def test_scores_are_made_from_runs_answers_and_observations(world: World, clock: HeldClock) -> None:
    fidelity, tallies = fidelity_of(world, clock)
    store = world.storage.external.drift
    # The newest run that compared an operation speaks for it.
    await store.put_run(run(clock, 1, things_get=Tally(passed=1), things_create=Tally(failed=1)))
    await store.put_run(run(clock, 2, things_create=Tally(passed=3, failed=1), things_get=Tally(skipped=1)))
    await store.put_run(replace(run(clock, 3, things_get=Tally(failed=9)), status="failed", errors=["no such key"]))
    await store.add_observed([observed(clock, "things.get", "risky")])
    for fidelity_word in ("stateful", "real"):
        tallies.take(visit(clock, fidelity_word))
    found = await fidelity.of("alpha")
    points = {name: each.points for name, each in found.operations.items()}
    assert points == {"things.get": 30 + 50 + 15, "things.create": 38, "things.list": None}
    assert (found.measured, found.mean) == (2, 66)
    assert list(found.against) == ["acc https://alpha.example"]
    assert found.measured_at == START
    assert set((await fidelity.of("alpha", "*.get")).operations) == {"things.get"}


async def test_a_difference_that_is_no_longer_seen_stops_counting(world: World, clock: HeldClock) -> None:
    fidelity, tallies = fidelity_of(world, clock)
    await world.storage.external.drift.add_observed([observed(clock, "things.get", "breaking")])
    tallies.take(visit(clock, "real"))
    assert (await fidelity.of("alpha")).operations["things.get"].points == 10
    clock.advance(days=31)
    tallies.take(visit(clock, "real"))
    assert (await fidelity.of("alpha")).operations["things.get"].points == 20


async def test_a_header_is_at_most_some_seconds_old(world: World, clock: HeldClock) -> None:
    fidelity, _ = fidelity_of(world, clock)
    assert await fidelity.header("alpha", "things.get") == "unmeasured"
    await world.storage.external.drift.put_run(run(clock, 1, things_get=Tally(passed=1)))
    assert await fidelity.header("alpha", "things.get") == "unmeasured"
    clock.advance(6)
    assert await fidelity.header("alpha", "things.get") == "50;age=6"
    assert await fidelity.header("alpha", None) == "unmeasured"
    with pytest.raises(KeyError):
        await fidelity.of("nobody")
