"""An environment's clock through the control API, and what its mocks see of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from broker.environments import iso
from tests.broker.control.conftest import Bench
from tests.clocks import START

CLOCK = "/_broker/v1/environments/pr-1/clock"


async def change(bench: Bench, **body: Any) -> Any:
    answer = await bench.client.post(CLOCK, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_clock_goes_with_the_servers_until_it_is_changed(bench: Bench) -> None:
    await bench.client.put("/_broker/v1/environments/pr-1", json={})
    bench.clock.advance(hours=1)
    shown = (await bench.client.get(CLOCK)).json()
    assert shown == {"name": "pr-1", "now": iso(START + timedelta(hours=1)), "frozen": False, "ahead_seconds": 0}


async def test_it_is_frozen_advanced_released_and_reset(bench: Bench) -> None:
    await bench.client.put("/_broker/v1/environments/pr-1", json={})
    assert (await change(bench, freeze=True))["frozen"]
    bench.clock.advance(minutes=5)
    assert (await bench.client.get(CLOCK)).json()["now"] == iso(START)
    moved = await change(bench, advance="30d")
    assert (moved["now"], moved["frozen"]) == (iso(START + timedelta(days=30)), True)
    assert (await change(bench, freeze=True))["now"] == moved["now"]
    released = await change(bench, freeze=False)
    assert (released["now"], released["frozen"]) == (moved["now"], False)
    bench.clock.advance(minutes=5)
    assert (await change(bench, advance="1h"))["now"] == iso(START + timedelta(days=30, hours=1, minutes=5))
    environment = await bench.environments.get("pr-1")
    assert environment.at(bench.clock.now()) == START + timedelta(days=30, hours=1, minutes=5)
    assert environment.expires_at < environment.at(bench.clock.now()), "its life goes by the server's clock"
    back = await change(bench, reset=True)
    assert (back["now"], back["ahead_seconds"]) == (iso(START + timedelta(minutes=10)), 0)


@pytest.mark.parametrize(
    "body", [{}, {"advance": "soon"}, {"advance": "99999999w"}, {"back": "1d"}, {"advance": "36526d"}]
)
async def test_what_cannot_be_is_refused(bench: Bench, body: Any) -> None:
    await bench.client.put("/_broker/v1/environments/pr-1", json={})
    refused = await bench.client.post(CLOCK, json=body)
    assert refused.status_code in (400, 422)
    assert (await bench.client.get(CLOCK)).json()["ahead_seconds"] == 0


async def test_there_is_none_of_nobody(bench: Bench) -> None:
    assert (await bench.client.get(CLOCK)).status_code == 404
    assert (await bench.client.post(CLOCK, json={"freeze": True})).status_code == 404
