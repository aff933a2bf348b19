"""Usage through the control API: what was spent, of what may be."""

from __future__ import annotations

from typing import Any

from tests.broker.control.conftest import Bench

USAGE = "/_broker/v1/environments/pr-1/usage"


async def opened(bench: Bench, body: Any) -> None:
    policy = {"version": 1, "services": {"alpha": body}}
    await bench.client.put("/_broker/v1/environments/pr-1", json={"policy": policy})


async def test_what_was_spent_is_shown_beside_its_limit(bench: Bench) -> None:
    await opened(bench, {"mode": "sandbox", "sandbox": {"budget": {"calls": 10, "per": "1h", "over": "mock"}}})
    uid = (await bench.environments.get("pr-1")).uid
    await bench.budgets.spend(uid, "alpha", {"calls": 1, "mails": 2}, {"calls": 10}, None)
    shown = (await bench.client.get(USAGE)).json()
    assert shown == {
        "name": "pr-1",
        "items": [
            {
                "service": "alpha",
                "mode": "sandbox",
                "used": {"calls": 1, "mails": 2},
                "budget": {"calls": 10},
                "per_seconds": 3600,
                "over": "mock",
            }
        ],
    }
    bench.clock.advance(hours=2)
    assert (await bench.client.get(USAGE)).json()["items"][0]["used"] == {}


async def test_what_is_a_mock_alone_has_no_usage(bench: Bench) -> None:
    await opened(bench, "mock")
    assert (await bench.client.get(USAGE)).json() == {"name": "pr-1", "items": []}
    assert (await bench.client.get("/_broker/v1/environments/nobody/usage")).status_code == 404
