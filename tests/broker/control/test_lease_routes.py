"""Leases through the control API, in Vault's terms."""

from __future__ import annotations

from typing import Any

from tests.broker.control.conftest import Bench
from tests.broker.sandbox import KEY

V1 = "/_broker/v1"
LEASES = f"{V1}/environments/pr-1/leases"


async def leasing(bench: Bench, **sandbox: Any) -> None:
    await bench.client.put(f"{V1}/accounts/one", json={"service": "alpha", "secret": {"value": KEY}})
    policy = {"version": 1, "services": {"alpha": {"mode": "sandbox", "sandbox": sandbox}}}
    await bench.client.put(f"{V1}/environments/pr-1", json={"policy": policy, "ttl": "3h"})
    await bench.accounts.of(await bench.environments.get("pr-1"), "alpha")


async def test_a_lease_is_shown_with_what_is_left_of_it(bench: Bench) -> None:
    await leasing(bench)
    [lease] = (await bench.client.get(LEASES)).json()["items"]
    assert (lease["environment"], lease["account"], lease["kind"]) == ("pr-1", "one", "account")
    assert (lease["lease_duration"], lease["renewable"], lease["revoked_at"]) == (3 * 3600, True, None)
    bench.clock.advance(hours=1)
    shown = (await bench.client.get(f"{V1}/leases/{lease['lease_id']}")).json()
    assert shown["lease_duration"] == 2 * 3600
    await bench.client.post(f"{V1}/environments/pr-1/renew", json={"ttl": "5h"})
    renewed = (await bench.client.post(f"{V1}/leases/{lease['lease_id']}/renew")).json()
    assert renewed["lease_duration"] == 5 * 3600, "it lives as long as its environment"
    assert renewed["expires_at"] > lease["expires_at"]


async def test_a_revoked_lease_is_over(bench: Bench) -> None:
    await leasing(bench)
    [lease] = (await bench.client.get(LEASES)).json()["items"]
    ended = await bench.client.delete(f"{V1}/leases/{lease['lease_id']}")
    assert (ended.status_code, ended.json()["lease_duration"], ended.json()["renewable"]) == (200, 0, False)
    assert (await bench.client.get(LEASES)).json() == {"items": []}
    assert (await bench.client.post(f"{V1}/leases/{lease['lease_id']}/renew")).status_code == 409
    assert (await bench.client.get(f"{V1}/leases/lease_none")).status_code == 404


async def test_a_credential_is_renewed_and_never_shown(bench: Bench) -> None:
    await leasing(bench, scopes=["read"])
    answer = await bench.client.get(LEASES)
    _, own = answer.json()["items"]
    assert own["kind"] == "credential"
    assert own["lease_duration"] < 3600
    assert "tk_test_own" not in answer.text
    assert (await bench.client.post(f"{V1}/leases/{own['lease_id']}/renew")).status_code == 200
    bench.outside.fail(403, "POST", words=f"{KEY} may not")
    refused = await bench.client.post(f"{V1}/leases/{own['lease_id']}/renew")
    assert refused.status_code == 409
    assert "the lease is as it was" in refused.json()["detail"]
    assert KEY not in refused.text


async def test_all_leases_of_an_environment_are_revoked(bench: Bench) -> None:
    await leasing(bench, scopes=["read"])
    ended = (await bench.client.delete(LEASES)).json()["items"]
    assert [lease["kind"] for lease in ended] == ["credential", "account"]
    assert (await bench.client.delete(LEASES)).json() == {"items": []}
    assert bench.outside.of("thing") == []
    assert (await bench.client.get(f"{V1}/environments/nobody/leases")).status_code == 404
