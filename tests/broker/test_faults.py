"""Faults that a policy asks for, through the gateway: what the caller gets, and what became of the call."""

from __future__ import annotations

from typing import Any

from broker.faults import Faults, Lost
from broker.storage.base import Environment
from contracts.exchange import Response
from tests.broker.tiny import Gate, code, value


class Slept:
    """Sleeps for nothing, and remembers how long it was to be."""

    def __init__(self, gate: Gate) -> None:
        self.seconds: list[float] = []
        gate.gateway._faults = Faults(gate.clock, self)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def opened(gate: Gate, *faults: dict[str, Any], **policy: Any) -> tuple[Environment, str]:
    home = await gate.open("pr-1", {"services": {"tiny": {"faults": list(faults)}}, **policy})
    return home, await gate.key(home)


async def make(gate: Gate, key: str) -> Response:
    return await gate.call("POST", "/v1/things", key=key, json={"name": "one"})


async def count(gate: Gate, key: str) -> int:
    return len(value(await gate.call("GET", "/v1/things", key=key))["data"])


async def test_before_the_effect_nothing_happens(gate: Gate) -> None:
    home, key = await opened(gate, {"operation": "things.create", "status": 500, "code": "boom", "times": 2})
    refused = await make(gate, key)
    assert (refused.status, code(refused)) == (500, "boom")
    assert refused.header("broker-fault") == "services.tiny.faults[0]"
    assert "services.tiny.faults[0]" in value(refused)["error"]["message"]
    assert (await make(gate, key)).status == 500
    assert await count(gate, key) == 0
    assert (await make(gate, key)).status == 200
    assert await count(gate, key) == 1
    assert [entry.status for entry in await gate.journal(home)] == [200, 200, 200, 500, 500]
    assert await gate.incidents() == []


async def test_after_the_effect_the_answer_is_lost(gate: Gate) -> None:
    _, key = await opened(gate, {"request": "POST /v1/things", "status": 503, "when": "after", "times": 1})
    assert (await make(gate, key)).status == 503
    assert await count(gate, key) == 1


async def test_a_reset_is_a_lost_answer(gate: Gate) -> None:
    _, key = await opened(
        gate,
        {"operation": "things.create", "reset": True, "times": 1},
        {"operation": "things.create", "reset": True, "when": "after", "times": 1},
    )
    assert isinstance(await make(gate, key), Lost)
    assert await count(gate, key) == 0
    assert isinstance(await make(gate, key), Lost)
    assert await count(gate, key) == 1
    assert not isinstance(await make(gate, key), Lost)


async def test_a_call_is_slow(gate: Gate) -> None:
    slept = Slept(gate)
    _, key = await opened(
        gate,
        {"operation": "things.create", "latency": "2s", "skip": 1, "times": 1},
        {"operation": "things.list", "latency": "250ms", "status": 504},
    )
    assert (await make(gate, key)).status == 200
    assert slept.seconds == []
    slow = await make(gate, key)
    assert (slow.status, slow.header("broker-fault")) == (200, "services.tiny.faults[0]")
    assert (await gate.call("GET", "/v1/things", key=key)).status == 504
    assert slept.seconds == [2.0, 0.25]


async def test_a_rate_lets_as_many_pass_in_a_second(gate: Gate) -> None:
    _, key = await opened(gate, {"request": "* /**", "rate": 2, "status": 429, "code": "slow_down"})
    assert [(await make(gate, key)).status for _ in range(4)] == [200, 200, 429, 429]
    gate.clock.advance(1)
    assert [(await make(gate, key)).status for _ in range(3)] == [200, 200, 429]


async def test_chance_is_the_seeds(gate: Gate) -> None:
    async def fates(name: str, seed: int) -> list[int]:
        fault = {"operation": "things.create", "status": 500, "probability": 0.5}
        home = await gate.open(name, {"seed": seed, "services": {"tiny": {"faults": [fault]}}})
        key = await gate.key(home)
        return [(await make(gate, key)).status for _ in range(40)]

    first = await fates("pr-1", 7)
    assert first == await fates("pr-2", 7)
    assert first != await fates("pr-3", 8)
    assert 5 < first.count(500) < 35


async def test_an_answer_that_flows_is_closed_when_it_is_lost(gate: Gate) -> None:
    _, key = await opened(gate, {"operation": "files.get", "status": 500, "when": "after"})
    assert (await gate.call("PUT", "/v1/files/a", key=key, body=b"text")).status == 200
    lost = await gate.call("GET", "/v1/files/a", key=key)
    assert (lost.status, lost.stream) == (500, None)


async def test_what_was_counted_is_forgotten_with_the_environment(gate: Gate) -> None:
    home, key = await opened(gate, {"operation": "things.create", "status": 500, "times": 1})
    assert [(await make(gate, key)).status for _ in range(2)] == [500, 200]
    gate.gateway.forget(home.uid)
    assert (await make(gate, key)).status == 500
