"""Fidelity and passive drift through the control API."""

from __future__ import annotations

from typing import Any

from broker.storage.drift import Observed, Run, Tally
from contracts.drift import Finding
from tests.broker.control.conftest import Bench
from tests.clocks import START

V1 = "/_broker/v1"


def seen(place: str = "response.200.body.new", *, service: str = "alpha", count: int = 1) -> Observed:
    finding = Finding(
        service=service,
        operation="things.create",
        rule="field-undocumented",
        place=place,
        severity="safe",
        message="new: is not named",
    )
    example = {"account": "one", "exchange": "ex_1", "status": 200, "place": place, "type": "string"}
    return Observed(finding=finding, count=count, first_at=START, last_at=START, example=example)


def run(bench: Bench, **operations: Tally) -> Run:
    return Run(
        id="run_1",
        service="alpha",
        account="one",
        endpoint="https://alpha.example",
        contract="1",
        probes="*",
        status="done",
        started_at=bench.clock.now(),
        ended_at=bench.clock.now(),
        operations={name.replace("_", "."): tally for name, tally in operations.items()},
    )


async def test_what_was_observed_is_listed_and_forgotten(bench: Bench) -> None:
    assert (await bench.client.get(V1 + "/drift/observed")).json() == {"items": []}
    await bench.drift.store.add_observed([seen(count=3), seen("response.200.body.odd"), seen(service="beta")])
    found = (await bench.client.get(V1 + "/drift/observed", params={"service": "alpha"})).json()["items"]
    assert [(each["place"], each["count"]) for each in found] == [
        ("response.200.body.new", 3),
        ("response.200.body.odd", 1),
    ]
    assert found[0] == {
        "key": seen().finding.key,
        "service": "alpha",
        "operation": "things.create",
        "operations": [],
        "rule": "field-undocumented",
        "place": "response.200.body.new",
        "severity": "safe",
        "message": "new: is not named",
        "before": None,
        "after": None,
        "count": 3,
        "first_at": "2026-03-01T12:00:00.000000Z",
        "last_at": "2026-03-01T12:00:00.000000Z",
        "example": dict(seen().example),
    }
    assert len((await bench.client.get(V1 + "/drift/observed", params={"limit": 1})).json()["items"]) == 1

    async def forget(**query: str) -> Any:
        return (await bench.client.delete(V1 + "/drift/observed", params=query)).json()

    assert await forget(service="alpha", key=found[0]["key"]) == {"forgotten": 1}
    assert await forget() == {"forgotten": 2}


async def test_nothing_is_measured_at_first(bench: Bench) -> None:
    items = (await bench.client.get(V1 + "/fidelity")).json()["items"]
    assert [(each["service"], each["mean"], each["measured"], each["operations"]) for each in items] == [
        ("alpha", None, 0, 4),
        ("beta", None, 0, 1),
    ]
    assert items[0]["items"] == []


async def test_a_service_s_operations_with_their_scores(bench: Bench) -> None:
    await bench.drift.store.put_run(run(bench, things_create=Tally(passed=3, failed=1)))
    found = (await bench.client.get(V1 + "/fidelity/alpha")).json()
    assert (found["mean"], found["measured"], found["operations"]) == (38, 1, 4)
    assert found["against"] == ["one https://alpha.example"]
    assert found["items"][0] == {
        "operation": "things.create",
        "score": 38,
        "contract": None,
        "probes": 37.5,
        "passive": None,
        "measured_at": "2026-03-01T12:00:00.000000Z",
        "evidence": {"checked": 0, "broken": 0, "passed": 3, "failed": 1, "answers": 0, "observed": 0},
    }
    assert found["items"][1]["score"] is None
    query = {"operation": "*.list"}
    shown = (await bench.client.get(V1 + "/fidelity/alpha", params=query)).json()
    assert [each["operation"] for each in shown["items"]] == ["things.list"]
    assert len((await bench.client.get(V1 + "/fidelity")).json()["items"][0]["items"]) == 1
    assert (await bench.client.get(V1 + "/fidelity/nobody")).status_code == 404


async def test_a_server_without_drift_says_so(bench: Bench) -> None:
    object.__setattr__(bench.parts, "drift", None)
    for path in ("/drift/observed", "/fidelity", "/fidelity/alpha"):
        assert (await bench.client.get(V1 + path)).status_code == 404
