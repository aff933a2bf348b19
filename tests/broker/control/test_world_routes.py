"""Further accounts through the control API."""

from __future__ import annotations

from tests.broker.control.conftest import Bench

PLACE = "/_broker/v1/environments/pr-1/credentials"


async def test_an_account_is_added_listed_and_removed(bench: Bench) -> None:
    await bench.client.put("/_broker/v1/environments/pr-1", json={})
    added = await bench.client.post(PLACE, json={"service": "beta", "account": "alt"})
    assert (added.status_code, set(added.json())) == (200, {"account", "home", "variables"})
    listed = (await bench.client.get(PLACE, params={"service": "beta"})).json()["items"]
    assert [one["name"] for one in listed] == ["primary", "alt"]
    shown = (await bench.client.get("/_broker/v1/environments/pr-1")).json()["accounts"]
    assert shown == (await bench.client.get(PLACE)).json()["items"]
    removed = await bench.client.delete(f"{PLACE}/beta/alt")
    assert removed.json()["name"] == "alt"
    assert (await bench.client.delete(f"{PLACE}/beta/alt")).status_code == 404


async def test_refusals_are_problems(bench: Bench) -> None:
    assert (await bench.client.get(PLACE)).status_code == 404
    await bench.client.put("/_broker/v1/environments/pr-1", json={})
    for body in ({"service": "alpha", "account": "alt"}, {"service": "beta", "account": "a b"}, {"service": "beta"}):
        refused = await bench.client.post(PLACE, json=body)
        assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert (await bench.client.delete(f"{PLACE}/beta/primary")).status_code == 400
