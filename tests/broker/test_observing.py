"""Passive drift: real answers are looked into behind their calls, and what differs is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from broker import observing
from broker.observing import Observer
from broker.storage.drift import Observed
from contracts.contract import Operation, Violation
from contracts.exchange import Response
from tests.broker.backends.real import Real
from tests.broker.targets import World
from tests.broker.tiny import TinyContract
from tests.clocks import START, HeldClock

GET = Operation("things.get", "GET", "/v1/things/{id}")
CREATE = Operation("things.create", "POST", "/v1/things")


class Contract:
    """Names ``id`` alone."""

    version = "2026-01-01"

    def __init__(self) -> None:
        self.looked = 0

    def observe(self, operation: Operation, response: Response, broken: Sequence[Violation]) -> Sequence[Violation]:
        self.looked += 1
        if response.value == "broken":
            raise ValueError("a contract's own fault")
        extra = [name for name in response.value if name != "id"]
        return [*broken, *(Violation("body", (name,), "unknown", "is not named", None, 1) for name in extra)]


class Looked:
    """An observer with what it needs; ``see`` notes an answer."""

    def __init__(self, world: World, clock: HeldClock) -> None:
        self.clock = clock
        self.contract = Contract()
        self.store = world.storage.external.drift
        self.observer = Observer(self.store, clock)

    def see(self, value: Any, *broken: Violation, operation: Operation = GET, exchange: str = "ex_1") -> None:
        service = SimpleNamespace(name="alpha", contract=lambda: self.contract)
        visit: Any = SimpleNamespace(service=service, id=exchange, now=self.clock.now())
        answer = Response(200, [], orjson.dumps(value), value=value)
        self.observer.take(visit, "acc", operation, answer, broken)


@pytest.fixture
def looked(world: World, clock: HeldClock) -> Looked:
    return Looked(world, clock)


def told(found: Sequence[Observed]) -> list[tuple[str, int]]:
    return [(each.finding.place, each.count) for each in found]


async def test_what_differs_is_counted_once_with_its_first_and_last_sight(looked: Looked) -> None:
    looked.see({"id": 1, "new": 1}, exchange="ex_1")
    looked.clock.advance(hours=1)
    looked.see({"id": 2, "new": 2}, exchange="ex_2")
    (first,) = await looked.observer.observed("alpha")
    looked.clock.advance(hours=1)
    looked.see({"id": 3, "new": 3, "odd": 1}, exchange="ex_3")
    found = await looked.observer.observed("alpha")
    assert told(found) == [("response.200.body.new", 3), ("response.200.body.odd", 1)]
    assert (first.count, found[0].first_at, found[0].last_at) == (2, START, looked.clock.now())
    assert found[0].finding == first.finding
    assert found[0].example == {
        "account": "acc",
        "exchange": "ex_1",
        "contract": "2026-01-01",
        "status": 200,
        "place": "response.200.body.new",
        "type": "number",
    }
    assert await looked.observer.observed("beta") == []


async def test_what_its_check_found_counts_as_well(looked: Looked) -> None:
    looked.see({"id": 1}, Violation("body", ("id",), "type", "must be of type string", "string", 1))
    (found,) = await looked.observer.observed()
    assert (found.finding.rule, found.finding.severity) == ("type-changed", "breaking")


async def test_an_answer_that_showed_nothing_is_not_looked_into_again(looked: Looked) -> None:
    looked.see({"id": 1})
    await looked.observer.flush()
    looked.see({"id": 1})
    await looked.observer.flush()
    assert looked.contract.looked == 1
    looked.see({"id": 2})
    looked.see({"id": 1}, operation=CREATE)
    await looked.observer.flush()
    assert looked.contract.looked == 3
    # One that showed something is, because it counts.
    for _ in range(2):
        looked.see({"new": 1})
        await looked.observer.flush()
    assert looked.contract.looked == 5


async def test_a_fault_of_one_contract_keeps_no_other_answer_from_being_looked_into(looked: Looked) -> None:
    looked.see("broken")
    looked.see({"new": 1})
    assert told(await looked.observer.observed()) == [("response.200.body.new", 1)]
    assert looked.observer.dropped == 1


async def test_a_flood_is_bounded(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "_WAITING", 5)
    for number in range(9):
        looked.see({f"new_{number}": 1})
    assert looked.observer.dropped == 4
    assert len(await looked.observer.observed()) == 5
    monkeypatch.setattr(observing, "_WAITING_BYTES", 100)
    looked.see({"new": "x" * 200})
    assert looked.observer.dropped == 5
    monkeypatch.setattr(observing, "_COUNTED", 2)
    for number in range(3):
        looked.see({f"odd_{number}": 1})
    await looked.observer.flush()
    assert looked.observer.dropped == 6
    monkeypatch.setattr(observing, "_REMEMBERED", 1)
    for _ in range(2):
        for number in range(2):
            looked.see({"id": number})
        await looked.observer.flush()
    assert len(looked.observer._plain) == 1


async def test_what_cannot_be_written_counts_later(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(observed: Sequence[Observed]) -> None:
        raise OSError("disk full")

    looked.see({"new": 1})
    with monkeypatch.context() as patch:
        patch.setattr(looked.store, "add_observed", full)
        looked.observer.start()
        await looked.observer.stop()  # says so, and ends
    looked.see({"new": 2})
    assert told(await looked.observer.observed()) == [("response.200.body.new", 2)]


async def test_it_looks_and_writes_by_itself(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(observing, "_WRITE_SECONDS", 0.001)
    written = asyncio.Event()

    async def add(observed: Sequence[Observed]) -> None:
        written.set()

    monkeypatch.setattr(looked.store, "add_observed", add)
    looked.observer.start()
    looked.see({"new": 1})
    async with asyncio.timeout(5):
        await written.wait()
    await looked.observer.stop()


async def test_what_was_seen_can_be_forgotten(looked: Looked) -> None:
    looked.see({"new": 1, "odd": 1})
    keys = [each.finding.key for each in await looked.observer.observed()]
    looked.see({"new": 1})
    assert await looked.observer.forget("beta") == 0
    assert await looked.observer.forget("alpha", keys[0]) == 1
    assert [each.finding.key for each in await looked.observer.observed()] == keys[1:]
    assert await looked.observer.forget() == 1


async def test_real_answers_pass_by(tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the application's call to the store; a mock's answer is none."""
    monkeypatch.setattr(TinyContract, "check", lambda *_: [Violation("body", ("odd",), "required", "is required")])
    real = Real(tmp_path, clock)
    observer = Observer(real.gate.storage.external.drift, clock)
    real.proxy._observe = observer.take
    _, key = await real.open("pr-1")
    answer = await real.gate.call("GET", "/v1/things", key=key)
    (found,) = await observer.observed("tiny")
    assert (found.finding.rule, found.finding.operation) == ("field-missing", "things.list")
    assert found.example["exchange"] == dict(answer.headers)["broker-exchange"]
    assert found.example["account"] == "one"
    await real.gate.close()
