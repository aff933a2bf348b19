"""Checks of drift through the control API: begun, listed, shown."""

from __future__ import annotations

from typing import Any

import pytest

from broker.errors import Conflict
from broker.storage.drift import Run, Skipped, Tally
from broker.storage.external import AccountRow
from contracts.drift import Finding
from tests.broker.control.conftest import Bench
from tests.clocks import START

V1 = "/_broker/v1"


def found(severity: Any = "breaking", place: str = "response.200.body.name") -> Finding:
    return Finding(
        service="alpha",
        operation="things.retrieve",
        rule="field-removed",
        place=place,
        severity=severity,
        message="name: is missing [things, call 2]",
        before="string",
    )


def run(**changes: Any) -> Run:
    values: dict[str, Any] = {
        "id": "run_1",
        "service": "alpha",
        "account": "one",
        "endpoint": "https://alpha.example",
        "contract": "2026-01-01",
        "probes": "*",
        "status": "done",
        "started_at": START,
        "ended_at": START,
        "scenarios": 2,
        "finished": 2,
        "findings": [found()],
        "operations": {"things.create": Tally(passed=2), "things.retrieve": Tally(failed=1, skipped=1)},
        "skipped": [Skipped("things", 3, "things.retrieve", "it has no rule")],
    }
    return Run(**{**values, **changes})


async def account(bench: Bench) -> None:
    row = AccountRow(name="one", service="alpha", secret={"variable": "ALPHA"}, created_at=START)
    await bench.storage.external.put_account(row)


async def test_a_check_is_begun_with_what_its_account_is_of(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, ...]] = []

    async def begin(*asked: str) -> Run:
        begun.append(asked)
        if len(begun) > 2:
            raise Conflict("a check of alpha is running")
        return run(status="running", ended_at=None, finished=0, findings=(), operations={}, skipped=())

    monkeypatch.setattr(bench.drift.checks, "begin", begin)
    await account(bench)
    answer = await bench.client.post(V1 + "/drift/checks", json={"account": "one"})
    assert (answer.status_code, answer.json()["status"], answer.json()["severity"]) == (202, "running", None)
    body = {"account": "one", "service": "beta", "probes": "things*"}
    assert (await bench.client.post(V1 + "/drift/checks", json=body)).status_code == 202
    assert begun == [("alpha", "one", "*"), ("beta", "one", "things*")]
    assert (await bench.client.post(V1 + "/drift/checks", json=body)).status_code == 409
    assert (await bench.client.post(V1 + "/drift/checks", json={"account": "nobody"})).status_code == 404


async def test_what_has_no_probes_is_refused(bench: Bench) -> None:
    await account(bench)
    answer = await bench.client.post(V1 + "/drift/checks", json={"account": "one"})
    assert answer.status_code == 400
    assert "no probe of alpha" in answer.json()["detail"]


async def test_checks_are_listed_and_shown(bench: Bench) -> None:
    await bench.drift.store.put_run(run())
    await bench.drift.store.put_run(run(id="run_2", service="beta", status="failed", errors=["no answer"]))
    listed = (await bench.client.get(V1 + "/drift/checks")).json()["items"]
    assert [(each["id"], each["status"], each["errors"]) for each in listed] == [
        ("run_2", "failed", ["no answer"]),
        ("run_1", "done", []),
    ]
    assert "findings" not in listed[0]
    query = {"service": "alpha", "limit": 1}
    assert [each["id"] for each in (await bench.client.get(V1 + "/drift/checks", params=query)).json()["items"]] == [
        "run_1"
    ]
    shown = (await bench.client.get(V1 + "/drift/checks/run_1")).json()
    assert shown["calls"] == {"passed": 2, "failed": 1, "skipped": 1}
    assert (shown["severity"], shown["counts"]) == ("breaking", {"breaking": 1, "risky": 0, "safe": 0})
    assert [(each["key"], each["message"]) for each in shown["findings"]] == [(found().key, found().message)]
    assert shown["operations"]["things.retrieve"] == {"passed": 0, "failed": 1, "skipped": 1}
    assert shown["skipped"] == [
        {"scenario": "things", "step": 3, "operation": "things.retrieve", "why": "it has no rule"}
    ]
    assert (await bench.client.get(V1 + "/drift/checks/run_9")).status_code == 404


async def test_a_server_without_drift_says_so(bench: Bench) -> None:
    object.__setattr__(bench.parts, "drift", None)
    assert (await bench.client.get(V1 + "/drift/checks")).status_code == 404
