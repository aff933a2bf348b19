"""Every probe that a service brings, asked of our own mock: it answers as the probe expects, and what differs between
two runs is nothing that the comparison would tell of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from broker.clock import SystemClock
from contracts import comparison, probes
from contracts.comparison import Answer
from contracts.probes import Scenario, Step
from mocks.base import MockService
from mocks.registry import SERVICES
from tests.harness import Harness, read

HOST = "127.0.0.1:4600"


#: Each scenario of each service there is.
SCENARIOS = [
    pytest.param(service, scenario, id=f"{service.name}-{scenario.name}")
    for service in SERVICES
    for scenario in probes.load(service.name)
]


@dataclass(frozen=True, slots=True)
class Answered:
    """A step with what it got, and the operation that was asked."""

    step: Step
    operation: str
    answer: Answer


async def run(service: MockService, scenario: Scenario, folder: Path) -> list[Answered]:
    """The scenario in an environment of its own; fails at the first step that is answered in another way than it
    expects."""
    # Chance as it is, so that two runs differ in all that may differ. SendGrid's document knows other errors than its
    # pages, so errors are not held against contracts here; each mock's own tests do that.
    harness = Harness(service, folder, clock=SystemClock(), strict_errors=False)
    captured = {probes.RUN: "r4nd0mtext"}
    found = []
    try:
        for number, step in enumerate(scenario.steps, 1):
            asked = replace(probes.request(step, captured), host=HOST)
            asked = replace(asked, sent_path=asked.path)
            match = service.contract().match(asked)
            assert match is not None, f"step {number}: {step.method} {step.path} is no operation"
            response = await harness.send(asked)
            body = await read(response)
            answer = comparison.read(response, body, captured)
            got = probes.capture(step, answer)
            told = f"step {number}, {match.operation.id}: {response.status} {body[:500]!r}"
            assert response.status == step.expect, told
            assert got.keys() == step.capture.keys(), told
            captured |= got
            mine = {name: value for name, value in captured.items() if name != probes.RUN}
            found.append(Answered(step, match.operation.id, replace(answer, captured=mine)))
    finally:
        await harness.close()
    return found


@pytest.mark.parametrize(("service", "scenario"), SCENARIOS)
async def test_our_mock_answers_as_the_probe_expects(service: MockService, scenario: Scenario, tmp_path: Path) -> None:
    first = await run(service, scenario, tmp_path / "first")
    again = await run(service, scenario, tmp_path / "again")
    for one, other in zip(first, again, strict=True):
        differ = comparison.compare(service.name, one.operation, one.answer, other.answer, one.step.compare)
        assert not differ, f"{one.operation} is told to differ from itself: {differ}"
