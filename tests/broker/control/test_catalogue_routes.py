"""Policies checked and explained, services, contracts, health and figures."""

from __future__ import annotations

from tests.broker.control.conftest import Bench

V1 = "/_broker/v1"
RULED = """
version: 1
services:
  alpha:
    rules:
      - {operation: things.creat, mode: refuse}
      - {request: DELETE /v1/things/*, mode: sandbox}
"""


async def test_checking_a_policy(bench: Bench) -> None:
    found = (await bench.client.post(f"{V1}/policy/check", json={"policy": RULED})).json()
    assert (found["valid"], found["errors"]) == (True, [])
    assert found["warnings"] == [
        "services.alpha.rules[0]: no operation is called things.creat; did you mean things.create?",
        "services.alpha: this server has no sandbox mode yet, so these calls are refused",
    ]
    assert found["policy"]["services"]["alpha"]["rules"][1]["request"] == "DELETE /v1/things/*"
    bad = (await bench.client.post(f"{V1}/policy/check", json={"policy": "version: 1\nx: 1"})).json()
    assert (bad["valid"], bad["policy"], bad["errors"][0]["line"]) == (False, None, 2)
    assert (await bench.client.post(f"{V1}/policy/check", json={})).status_code == 400


async def test_explaining_a_policy(bench: Bench) -> None:
    await bench.client.put(f"{V1}/environments/pr-1", json={"policy": RULED})
    url = f"{V1}/environments/pr-1/policy/explain"
    found = (await bench.client.get(url, params={"request": "DELETE /v1/things/th_1"})).json()
    assert found == {
        "request": "DELETE /v1/things/th_1",
        "decisions": [
            {
                "service": "alpha",
                "operation": "things.delete",
                "mode": "sandbox",
                "rule": 1,
                "because": "services.alpha.rules[1] (DELETE /v1/things/*) says sandbox",
            }
        ],
    }
    both = (await bench.client.get(url, params={"request": "POST /v1/things"})).json()["decisions"]
    assert [(one["service"], one["rule"]) for one in both] == [("alpha", None), ("beta", None)]
    one = (await bench.client.get(url, params={"request": "GET /v1/nothing", "service": "beta"})).json()["decisions"]
    assert one[0]["operation"] is None
    assert (await bench.client.get(url, params={"request": "GET /v1/nothing"})).status_code == 404
    assert (await bench.client.get(url, params={"request": "GET /v1/x", "service": "gamma"})).status_code == 404
    assert (await bench.client.get(url, params={"request": "nonsense"})).status_code == 400
    assert (await bench.client.get(url)).status_code == 400


async def test_services_and_contracts(bench: Bench) -> None:
    services = (await bench.client.get(f"{V1}/services")).json()["items"]
    assert [(one["name"], one["handlers"], one["limits"]) for one in services] == [
        ("alpha", 1, "only things"),
        ("beta", 0, ""),
    ]
    contracts = (await bench.client.get(f"{V1}/contracts")).json()["items"]
    assert [(one["service"], one["operations"]) for one in contracts] == [("alpha", 4), ("beta", 1)]
    operations = (await bench.client.get(f"{V1}/contracts/alpha")).json()["operations"]
    assert {one["id"]: one["fidelity"] for one in operations}["things.create"] == "stateful"
    assert {one["id"]: one["fidelity"] for one in operations}["things.list"] == "generated"
    assert (await bench.client.get(f"{V1}/contracts/gamma")).status_code == 404


async def test_health_readiness_and_figures_need_no_token(bench: Bench) -> None:
    del bench.client.headers["authorization"]
    assert (await bench.client.get("/_broker/healthz")).json() == {"status": "ok"}
    assert (await bench.client.get("/_broker/readyz")).json() == {"status": "ready", "waiting": []}
    bench.waiting.append("migrations")
    waiting = await bench.client.get("/_broker/readyz")
    assert (waiting.status_code, waiting.json()["waiting"]) == (503, ["migrations"])
    bench.parts.metrics.gauge("environments", "Open ones.", (), lambda: {(): 2})
    figures = await bench.client.get("/_broker/metrics")
    assert "broker_environments 2.0" in figures.text
    assert figures.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    schema = await bench.client.get("/_broker/policy.schema.json")
    assert schema.headers["content-type"] == "application/schema+json"
    assert schema.json()["title"] == "preview-broker policy"


async def test_a_broken_storage_is_not_ready(bench: Bench) -> None:
    await bench.storage.close()
    waiting = await bench.client.get("/_broker/readyz")
    assert (waiting.status_code, "the storage does not answer" in waiting.text) == (503, True)
