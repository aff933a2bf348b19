"""Real accounts through the control API; no answer of it holds a credential."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker.control.conftest import Bench
from tests.broker.lending import LIVE
from tests.broker.sandbox import KEY

V1 = "/_broker/v1/accounts"


async def test_add_show_list_check_and_remove(bench: Bench) -> None:
    body = {"service": "alpha", "secret": {"value": KEY}, "rate": 20, "environments": ["pr-*"], "options": {}}
    made = await bench.client.put(f"{V1}/one", json=body)
    assert made.status_code == 201
    account = made.json()
    assert (account["name"], account["endpoint"]) == ("one", "https://api.tiny.test")
    assert account["secret"] == {"from": "sealed", "name": None}
    assert (account["rate"], account["concurrency"], account["environments"]) == (20, 100, ["pr-*"])
    assert (len(account["fingerprint"]), account["trouble"], account["leased_by"]) == (8, None, [])
    changed = await bench.client.put(f"{V1}/one", json={"service": "alpha", "concurrency": 2})
    assert (changed.status_code, changed.json()["concurrency"], changed.json()["rate"]) == (200, 2, 1000)
    shown = (await bench.client.get(f"{V1}/one")).json()
    assert shown == changed.json()
    assert (await bench.client.get(V1)).json() == {"items": [shown]}
    verdict = (await bench.client.post(f"{V1}/one/check")).json()
    assert verdict == {"name": "one", "usable": True, "fingerprint": shown["fingerprint"], "trouble": None}
    for answer in (made, changed):
        assert KEY not in answer.text
    assert (await bench.client.delete(f"{V1}/one")).json() == {"name": "one"}
    assert (await bench.client.get(f"{V1}/one")).status_code == 404
    assert (await bench.client.delete(f"{V1}/one")).status_code == 404


async def test_the_place_of_a_credential_is_shown(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPHA_REAL", KEY)
    path = tmp_path / "key"
    path.write_text(KEY)
    for secret in ({"variable": "ALPHA_REAL"}, {"file": str(path)}):
        answer = await bench.client.put(f"{V1}/one", json={"service": "alpha", "secret": secret})
        [(source, place)] = secret.items()
        assert answer.json()["secret"] == {"from": source, "name": place}
    path.unlink()
    gone = (await bench.client.get(f"{V1}/one")).json()
    assert (gone["fingerprint"], "cannot be read" in gone["trouble"]) == (None, True)
    assert (await bench.client.post(f"{V1}/one/check")).json()["usable"] is False


async def test_a_key_of_production_is_refused_and_an_incident(bench: Bench) -> None:
    refused = await bench.client.put(f"{V1}/one", json={"service": "alpha", "secret": {"value": LIVE}})
    assert refused.status_code == 400
    assert "live mode" in refused.json()["detail"]
    incidents = await bench.client.get("/_broker/v1/incidents")
    assert incidents.json()["items"][0]["kind"] == "live_credential"
    assert LIVE not in refused.text + incidents.text
    assert (await bench.client.get(V1)).json() == {"items": []}


@pytest.mark.parametrize(
    "body",
    [
        {"service": "alpha", "secret": KEY},
        {"service": "alpha", "secret": {"value": KEY, "file": "/x"}},
        {"service": "alpha", "secret": {"value": {"key": KEY, "more": KEY}}},
        {"service": "alpha", "secret": {"value": [KEY]}},
        {"service": "alpha", "secret": {"variable": f"{KEY} {KEY}"}},
        {"service": "alpha", "secret": {"value": f"{KEY}\n{KEY}"}},
        {"service": "alpha", "secret": {"value": {"key": f"{KEY} "}}},
        {"service": "alpha", KEY: 1, "secret": {"value": KEY}},
    ],
)
async def test_a_refusal_quotes_no_credential(bench: Bench, body: dict[str, object]) -> None:
    refused = await bench.client.put(f"{V1}/one", json=body)
    assert refused.status_code == 400
    shown = refused.text if KEY not in body else refused.text.replace(f"'{KEY}' was unexpected", "")
    assert KEY not in shown


async def test_an_account_in_use_stays_and_says_by_whom(bench: Bench) -> None:
    await bench.client.put(f"{V1}/one", json={"service": "alpha", "secret": {"value": KEY}})
    policy = {"version": 1, "services": {"alpha": {"mode": "sandbox"}}}
    await bench.client.put("/_broker/v1/environments/pr-1", json={"policy": policy})
    await bench.accounts.of(await bench.environments.get("pr-1"), "alpha")
    assert (await bench.client.get(f"{V1}/one")).json()["leased_by"] == ["pr-1"]
    refused = await bench.client.delete(f"{V1}/one")
    assert refused.status_code == 409
    assert "pr-1" in refused.json()["detail"]


async def test_a_policys_check_tells_what_is_lacking(bench: Bench) -> None:
    bench.parts.__dict__["available_modes"] = frozenset({"mock", "refuse", "sandbox"})
    policy = {"version": 1, "services": {"alpha": {"mode": "sandbox", "sandbox": {"isolation": "account"}}}}
    verdict = (await bench.client.post("/_broker/v1/policy/check", json={"policy": policy})).json()
    assert verdict["valid"] is True
    assert [warning for warning in verdict["warnings"] if "isolation: account" in warning]
    assert [warning for warning in verdict["warnings"] if "no real account of alpha" in warning]


async def test_without_accounts_there_is_nothing(bench: Bench) -> None:
    bench.parts.__dict__["accounts"] = None
    assert (await bench.client.get(V1)).status_code == 404
