"""Figures: how many environments there are, and what went through one."""

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


async def test_traffic_has_steps_without_gaps(bench: Bench) -> None:
    await bench.environments.open("pr-1")
    await bench.happen()
    for window, steps, seconds in (("15m", 60, 15), ("1h", 60, 60), ("24h", 72, 1200)):
        found = (await bench.client.get("/_broker/v1/environments/pr-1/traffic", params={"window": window})).json()
        assert (len(found["steps"]), found["step_seconds"]) == (steps, seconds)
        assert found["total"] == {
            "exchanges": 3,
            "client_errors": 0,
            "server_errors": 0,
            "violated": 0,
            "p50_ms": 1.5,
            "p95_ms": 1.95,
        }
        assert found["services"] == {"alpha": 3}
        assert sum(step["exchanges"] for step in found["steps"]) == 3
    other = await bench.client.get("/_broker/v1/environments/pr-1/traffic", params={"service": "beta"})
    assert other.json()["total"]["p50_ms"] is None
    assert (await bench.client.get("/_broker/v1/environments/pr-1/traffic", params={"window": "1y"})).status_code == 400


async def test_exchanges_are_selected_by_status_and_text(bench: Bench) -> None:
    await bench.environments.open("pr-1")
    await bench.happen()
    path = "/_broker/v1/environments/pr-1/exchanges"
    for query, count in (("status=2xx", 3), ("status=404", 0), ("text=EX_1", 1), ("incidents=true", 0)):
        assert len((await bench.client.get(f"{path}?{query}")).json()["items"]) == count, query
    assert (await bench.client.get(f"{path}?status=9xx")).status_code == 400
    first = (await bench.client.get(f"{path}?limit=2")).json()
    assert [one["id"] for one in first["items"]] == ["ex_2", "ex_1"]
    second = (await bench.client.get(f"{path}?limit=2&after={first['next']}")).json()
    assert ([one["id"] for one in second["items"]], second["next"]) == (["ex_0"], None)
