"""Components report, verify compares; an environment's own key opens its own report and nothing else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from broker.attestation import ENDPOINT, digest, digests
from broker.control import attest_routes
from tests.broker.control.conftest import Bench

V1 = "/_broker/v1/environments"


async def opened(bench: Bench, name: str) -> dict[str, str]:
    """Open it; the bundle's variables."""
    variables: dict[str, str] = (await bench.client.put(f"{V1}/{name}")).json()["variables"]
    return variables


async def report(
    bench: Bench, name: str, component: str, bundle: dict[str, str], values: dict[str, str]
) -> httpx.Response:
    """As a component that holds the bundle and sees these values."""
    key, salt = bundle["BROKER_ATTEST_KEY"], bundle["BROKER_ATTEST_SALT"]
    return await bench.client.put(
        f"{V1}/{name}/attestations/{component}",
        json={"digests": digests(values, key, salt)},
        headers={"authorization": f"Bearer {key}"},
    )


async def verified(bench: Bench, name: str, **body: Any) -> dict[str, Any]:
    answer = await bench.client.post(f"{V1}/{name}/verify", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def faults(verdict: dict[str, Any]) -> list[tuple[str, str | None, str, str]]:
    found = [(one["component"], one["variable"], one["verdict"], one["because"]) for one in verdict["findings"]]
    assert verdict["faults"] == sum(one[2] != "ok" for one in found)
    return [one for one in found if one[2] != "ok"]


async def test_two_environments_each_with_its_own(bench: Bench) -> None:
    for name in ("pr-1", "pr-2"):
        bundle = await opened(bench, name)
        values = {**bundle, "DATABASE_URL": f"postgres://db/{name}"}
        for component in ("web", "worker"):
            answer = await report(bench, name, component, bundle, values)
            assert answer.status_code == 200, answer.text
    assert answer.json()["variables"] == sorted(values)
    verdict = await verified(bench, "pr-1", components=["web", "worker"], require=["DATABASE_URL"], max_age="1h")
    assert faults(verdict) == []
    assert [one["component"] for one in verdict["components"]] == ["web", "worker"]
    assert "postgres" not in str(verdict)
    assert bundle["BROKER_ATTEST_KEY"] not in str(verdict)


async def test_leaks_are_named(bench: Bench) -> None:
    mine, theirs = await opened(bench, "pr-1"), await opened(bench, "pr-2")
    await report(bench, "pr-2", "worker", theirs, {"DATABASE_URL": "postgres://db/shared"})
    await report(
        bench,
        "pr-1",
        "worker",
        mine,
        {ENDPOINT: theirs[ENDPOINT], "DATABASE_URL": "postgres://db/shared", "ALPHA_KEY": theirs["ALPHA_KEY"]},
    )
    await report(bench, "pr-1", "web", mine, {"ALPHA_KEY": "al_test_of_before"})
    assert faults(await verified(bench, "pr-1")) == [
        ("web", "ALPHA_KEY", "wrong", "is not what the bundle says"),
        ("worker", "DATABASE_URL", "foreign", "is the same as in pr-2's worker"),
        ("worker", ENDPOINT, "foreign", "has pr-2's value"),
        ("worker", "ALPHA_KEY", "foreign", "has pr-2's value"),
    ]
    await bench.client.delete(f"{V1}/pr-2")
    assert ("worker", ENDPOINT, "wrong", "is not what the bundle says") in faults(await verified(bench, "pr-1"))


async def test_expected_values_come_as_digests(bench: Bench) -> None:
    bundle = await opened(bench, "pr-1")
    await report(bench, "pr-1", "web", bundle, {"QUEUE_NAMESPACE_PREFIX": "pr-7"})
    expect = {"QUEUE_NAMESPACE_PREFIX": digest(bundle["BROKER_ATTEST_KEY"], "pr-1")}
    assert faults(await verified(bench, "pr-1", expect=expect)) == [
        ("web", "QUEUE_NAMESPACE_PREFIX", "wrong", "is not what was expected")
    ]


async def test_another_environments_key_writes_nothing_and_is_an_incident(bench: Bench) -> None:
    mine, theirs = await opened(bench, "pr-1"), await opened(bench, "pr-2")
    refused = await report(bench, "pr-1", "worker", theirs, {"A": "1"})
    assert (refused.status_code, "this key is pr-2's" in refused.json()["detail"]) == (401, True)
    (incident,) = (await bench.client.get(f"{V1}/pr-1/incidents")).json()["items"]
    assert (incident["kind"], incident["details"]) == (
        "foreign_attestation",
        {"component": "worker", "holder": "pr-2"},
    )
    for _ in range(3):
        bench.clock.advance(1)
        await report(bench, "pr-1", "worker", theirs, {"A": "1"})
    assert len((await bench.client.get(f"{V1}/pr-1/incidents")).json()["items"]) == 1, "one for all of them"
    came = ("worker", None, "refused", "came with the key of pr-2: it has that one's bundle")
    assert faults(await verified(bench, "pr-1", components=["worker"])) == [came]
    assert faults(await verified(bench, "pr-2")) == []
    bench.clock.advance(1)
    await report(bench, "pr-1", "worker", mine, {"A": "1"})
    assert faults(await verified(bench, "pr-1", components=["worker"])) == [], "it came with the right one since"


async def test_the_key_of_an_earlier_opening_is_stale(bench: Bench) -> None:
    before = await opened(bench, "pr-1")
    await report(bench, "pr-1", "web", before, {"A": "1"})
    await bench.client.delete(f"{V1}/pr-1")
    assert (await report(bench, "pr-1", "web", before, {"A": "1"})).status_code == 410
    bench.clock.advance(1)
    await bench.client.put(f"{V1}/pr-1", json={"reopen": True})
    late = await report(bench, "pr-1", "web", before, {"A": "1"})
    assert (late.status_code, "pr-1 as it was before it was closed" in late.json()["detail"]) == (401, True)
    ((component, variable, verdict, _),) = faults(await verified(bench, "pr-1"))
    assert (component, variable, verdict) == ("web", None, "refused")


async def test_the_key_opens_nothing_else(bench: Bench) -> None:
    headers = {"authorization": f"Bearer {(await opened(bench, 'pr-1'))['BROKER_ATTEST_KEY']}"}
    for method, path in (("GET", ""), ("GET", "/bundle"), ("POST", "/verify"), ("DELETE", ""), ("GET", "/incidents")):
        answer = await bench.client.request(method, f"{V1}/pr-1{path}", headers=headers)
        assert answer.status_code == 401, path
    missing = await bench.client.put(f"{V1}/pr-9/attestations/web", json={"digests": {"A": "0" * 64}}, headers=headers)
    assert missing.status_code == 404


async def test_lines_and_faulty_bodies(bench: Bench) -> None:
    await opened(bench, "pr-1")
    path = f"{V1}/pr-1/attestations/web"
    text = {"content-type": "text/plain"}
    lines = await bench.client.put(path, content=f"A={'0' * 64}\nB={'1' * 64}:{'2' * 64}\n", headers=text)
    assert lines.json()["variables"] == ["A", "B"]
    for wrong in ("A=plain value", f"A={'0' * 63}", f"A-B={'0' * 64}", f"A={'0' * 64}:", "", "nothing"):
        assert (await bench.client.put(path, content=wrong, headers=text)).status_code == 400, wrong
    for name in ("a b", "-", "ü", "a" * 64):
        answer = await bench.client.put(f"{V1}/pr-1/attestations/{name}", json={"digests": {"A": "0" * 64}})
        assert answer.status_code == 400, name


async def test_nobody_fills_the_disk_or_the_incidents(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attest_routes, "MOST_COMPONENTS", 3)
    mine, theirs = await opened(bench, "pr-1"), await opened(bench, "pr-2")
    for number in range(5):
        kept = await report(bench, "pr-1", f"own-{number}", mine, {"A": "1"})
        assert kept.status_code == (200 if number < 3 else 409)
        assert (await report(bench, "pr-1", f"foreign-{number}", theirs, {"A": "1"})).status_code == 401
    assert (await report(bench, "pr-1", "own-1", mine, {"A": "2"})).status_code == 200, "a known one reports again"
    assert len((await bench.client.get(f"{V1}/pr-1/incidents")).json()["items"]) == 3
