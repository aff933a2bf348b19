"""A visit is refused and unknown until a step of the gateway says otherwise."""

from __future__ import annotations

from broker.visit import Visit
from contracts.contract import Match, Operation
from contracts.exchange import Request
from tests.broker.tiny import Gate


async def test_a_visit_begins_refused_and_without_an_operation(gate: Gate) -> None:
    await gate.open("pr-1")
    entry = await gate.directory.by_name("pr-1")
    assert entry is not None
    visit = Visit("v1", entry, None, None, Request(method="GET", path="/"), gate.clock.now(), 0.0)
    assert (visit.mode, visit.operation, visit.fidelity, visit.incident) == ("refuse", None, None, None)
    other = Visit("v2", entry, None, None, Request(method="GET", path="/"), gate.clock.now(), 0.0)
    visit.missed.append("x")
    visit.violations.append({})
    assert (other.missed, other.violations) == ([], [])
    operation = Operation("things.list", "GET", "/v1/things")
    visit.match = Match(operation, {})
    assert visit.operation is operation
