"""Figures: how many environments there are."""

from __future__ import annotations

from tests.broker.control.conftest import Bench


async def test_environments_are_counted_by_status(bench: Bench) -> None:
    for name in ("pr-1", "pr-2", "pr-3"):
        await bench.environments.open(name)
    await bench.work.close("pr-2")
    await bench.environments.open("pr-2", reopen=True)
    await bench.work.close("pr-3")
    answer = await bench.client.get("/_broker/v1/overview")
    assert answer.json() == {"environments": {"open": 2, "closing": 0, "closed": 1}}


async def test_environments_are_found_by_a_part_of_their_name(bench: Bench) -> None:
    for name in ("pr-1", "pr-12", "main"):
        await bench.environments.open(name)
    found = (await bench.client.get("/_broker/v1/environments", params={"text": "R-1"})).json()["items"]
    assert [each["name"] for each in found] == ["pr-1", "pr-12"]
