"""Calls are counted by environment, endpoint and period of the environment's clock; refused where a rate is strict."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker import metering
from contracts.contract import Operation
from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.rates import Rate, Rates
from tests.broker.tiny import Gate, code, tiny
from tests.clocks import HeldClock

THINGS = "/v1/things"


def rate(operation: Operation, options: Mapping[str, Any], grant: Mapping[str, Any]) -> Rate | None:
    limit = options.get("limit")
    return None if operation.id == "things.mail" else Rate(operation.id, limit or 3, 60, strict=limit is not None)


RATES = Rates(
    rate,
    lambda rate, left, reset, refused: [("x-left", str(left)), ("x-reset", str(reset))],
    lambda: ServiceError(429, "busy", "Later."),
)


@pytest.fixture
async def gate(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Gate]:
    made = Gate(tmp_path, clock, services=(tiny(rates=RATES),))
    yield made
    await made.close()


def left(response: Response) -> str | None:
    return response.header("x-left")


async def test_calls_beyond_a_strict_rate_are_refused_until_the_period_is_over(gate: Gate) -> None:
    home = await gate.open("pr-1", {"services": {"tiny": {"options": {"limit": 2}}}})
    key = await gate.key(home)
    assert [left(await gate.call("GET", THINGS, key=key)) for _ in range(2)] == ["1", "0"]
    refused = await gate.call("GET", THINGS, key=key)
    assert (refused.status, code(refused), left(refused)) == (429, "busy", "0")
    now = int(gate.clock.now().timestamp())
    assert refused.header("x-reset") == str(now // 60 * 60 + 60)
    # Another endpoint, and another environment, have their own counts.
    assert (await gate.call("POST", THINGS, key=key, json={"name": "a"})).status == 200
    other = await gate.open("pr-2", {"services": {"tiny": {"options": {"limit": 2}}}})
    assert left(await gate.call("GET", THINGS, key=await gate.key(other))) == "1"
    gate.clock.advance(60)
    assert left(await gate.call("GET", THINGS, key=key)) == "1"
    assert await gate.incidents() == []


async def test_the_environments_own_clock_counts(gate: Gate) -> None:
    home = await gate.open("pr-1", {"services": {"tiny": {"options": {"limit": 1}}}})
    key = await gate.key(home)
    assert left(await gate.call("GET", THINGS, key=key)) == "0"
    await gate.environments.set_clock("pr-1", None, timedelta(hours=1))
    assert (await gate.call("GET", THINGS, key=key)).status == 200


async def test_a_rate_that_is_only_told_refuses_nobody(gate: Gate) -> None:
    home = await gate.open("pr-1")
    key = await gate.key(home)
    answers = [await gate.call("GET", THINGS, key=key) for _ in range(5)]
    assert [left(each) for each in answers] == ["2", "1", "1", "1", "1"]
    assert {each.status for each in answers} == {200}
    sent = await gate.call("POST", "/v1/mail", key=key, json={"name": "a@example.com"})
    assert (sent.status, left(sent)) == (200, None)


async def test_counts_are_forgotten(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metering, "_KEPT", 1)
    keys = {name: await gate.key(await gate.open(name)) for name in ("pr-1", "pr-2")}
    for name in ("pr-1", "pr-2", "pr-1"):
        assert left(await gate.call("GET", THINGS, key=keys[name])) == "2"
    home = await gate.environments.get("pr-1")
    gate.gateway.forget(home.uid)
    assert left(await gate.call("GET", THINGS, key=keys["pr-1"])) == "2"
