"""An environment's life through the control API."""

from __future__ import annotations

from tests.broker.control.conftest import Bench

V1 = "/_broker/v1/environments"


async def test_open_show_renew_reset_close(bench: Bench) -> None:
    opened = await bench.client.put(f"{V1}/pr-1", json={"ttl": "3h", "policy": "version: 1\nservices: {beta: refuse}"})
    assert (opened.status_code, opened.headers["broker-outcome"]) == (201, "created")
    bundle = opened.json()
    assert bundle["bindings"]["beta"]["mode"] == "refuse"

    again = await bench.client.put(
        f"{V1}/pr-1", json={"ttl": "3h", "policy": {"version": 1, "services": {"beta": "refuse"}}}
    )
    assert (again.status_code, again.headers["broker-outcome"], again.json()) == (200, "unchanged", bundle)
    assert (await bench.client.put(f"{V1}/pr-1")).json() == bundle, "no body asks for what is there"
    changed = await bench.client.put(f"{V1}/pr-1", json={"policy": "version: 1"})
    assert changed.headers["broker-outcome"] == "policy_changed"

    await bench.happen()
    shown = (await bench.client.get(f"{V1}/pr-1")).json()
    assert shown["inventory"]["records"] == {"alpha": {"thing": 1}}
    uncounted = (await bench.client.get(f"{V1}/pr-1", params={"inventory": "false"})).json()
    assert uncounted == {**shown, "inventory": None}
    assert shown["policy"]["services"] == {}
    assert "al_test_" not in str(shown), "showing an environment shows no credential"

    bench.clock.advance(hours=1)
    renewed = (await bench.client.post(f"{V1}/pr-1/renew", json={"ttl": "3h"})).json()
    assert renewed["expires_at"] > bundle["expires_at"]
    reset = (await bench.client.post(f"{V1}/pr-1/reset")).json()
    assert reset["deleted"]["mails"] == 1

    receipt = await bench.client.delete(f"{V1}/pr-1")
    assert (receipt.status_code, receipt.json()["left"]) == (200, {})
    assert (await bench.client.delete(f"{V1}/pr-1")).json() == receipt.json()
    assert (await bench.client.get(f"{V1}/pr-1/receipt")).json() == receipt.json()


async def test_a_tombstone_is_respected(bench: Bench) -> None:
    await bench.client.put(f"{V1}/pr-1")
    await bench.client.delete(f"{V1}/pr-1")
    bench.clock.advance(1)
    refused = await bench.client.put(f"{V1}/pr-1")
    assert refused.status_code == 410
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/_broker/docs/errors#environment-closed"
    assert "--reopen" in refused.json()["detail"]
    for path in ("/bundle", "/exchanges", "/events", "/mails"):
        assert (await bench.client.get(f"{V1}/pr-1{path}")).status_code == 410
    assert (await bench.client.get(f"{V1}/pr-1")).json()["inventory"] is None
    assert (await bench.client.get(f"{V1}/pr-1/incidents")).json()["items"] == []
    assert (await bench.client.put(f"{V1}/pr-1", json={"reopen": True})).status_code == 201


async def test_a_slow_close_is_a_conflict_and_blocks_an_opening(bench: Bench) -> None:
    await bench.client.put(f"{V1}/pr-1")
    bench.work.slow = True
    assert (await bench.client.delete(f"{V1}/pr-1?wait=0")).status_code == 409
    assert (await bench.client.put(f"{V1}/pr-1", json={"reopen": True})).status_code == 409
    assert (await bench.client.get(f"{V1}/pr-1/exchanges")).status_code == 409
    assert (await bench.client.get(f"{V1}/pr-1/receipt")).status_code == 404


async def test_lists_come_in_pages(bench: Bench) -> None:
    for name in ("c", "a", "b"):
        await bench.client.put(f"{V1}/{name}")
    await bench.client.delete(f"{V1}/b")
    first = (await bench.client.get(V1, params={"limit": 2})).json()
    assert ([item["name"] for item in first["items"]], first["next"]) == (["a", "b"], "b")
    second = (await bench.client.get(V1, params={"limit": 2, "after": first["next"]})).json()
    assert ([item["name"] for item in second["items"]], second["next"]) == (["c"], None)
    closed = (await bench.client.get(V1, params={"status": "closed"})).json()
    assert [item["name"] for item in closed["items"]] == ["b"]


async def test_bundle_formats(bench: Bench) -> None:
    opened = (await bench.client.put(f"{V1}/pr-1")).json()
    assert (await bench.client.get(f"{V1}/pr-1/bundle")).json() == opened
    shell = await bench.client.get(f"{V1}/pr-1/bundle", params={"format": "shell"})
    assert shell.headers["content-type"].startswith("text/plain")
    assert "export BROKER_ENVIRONMENT=pr-1\n" in shell.text
    k8s = await bench.client.get(f"{V1}/pr-1/bundle", params={"format": "k8s"})
    assert k8s.headers["content-type"] == "application/yaml"


async def test_faulty_openings_name_line_and_key_and_make_nothing(bench: Bench) -> None:
    refused = await bench.client.put(f"{V1}/pr-1", json={"policy": "version: 1\nservcies: {}"})
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"line": 2, "column": 1, "key": "servcies", "message": "unknown key; did you mean services?"}
    ]
    for body in (
        {"ttl": "soon"},
        {"ttl": 3},
        {"unknown": 1},
        {"webhooks": {"alpha": ["nonsense"]}},
        {"webhooks": {"gamma": ["http://x/"]}},
        {"policy": 3},
        {"reopen": "yes"},
        [],
    ):
        answer = await bench.client.put(f"{V1}/pr-1", json=body)
        assert answer.status_code == 400, body
        assert answer.json()["detail"]
    assert (await bench.client.get(f"{V1}/pr-1")).status_code == 404


async def test_webhooks_are_merged_into_the_policy(bench: Bench) -> None:
    await bench.client.put(f"{V1}/pr-1", json={"webhooks": {"alpha": ["http://127.0.0.1:9/"]}})
    shown = (await bench.client.get(f"{V1}/pr-1")).json()
    assert shown["policy"]["services"]["alpha"]["webhooks"] == [{"url": "http://127.0.0.1:9/", "events": ["*"]}]


async def test_rotation_answers_the_new_bundle(bench: Bench) -> None:
    before = (await bench.client.put(f"{V1}/pr-1")).json()["variables"]
    rotated = (await bench.client.post(f"{V1}/pr-1/rotate", json={"service": "alpha", "overlap": "10m"})).json()
    assert rotated["rotated"] == ["alpha"]
    until = bench.clock.now().replace(minute=10)
    assert rotated["old_valid_until"] == until.strftime("%Y-%m-%dT%H:%M:%SZ")
    after = (await bench.client.get(f"{V1}/pr-1/bundle")).json()
    assert rotated["bundle"] == after
    assert after["variables"]["ALPHA_KEY"] != before["ALPHA_KEY"]
    assert after["variables"]["BETA_KEY_ID"] == before["BETA_KEY_ID"]
    at_once = (await bench.client.post(f"{V1}/pr-1/rotate", json={"overlap": "0"})).json()
    assert at_once["rotated"] == ["alpha", "beta"]
    assert at_once["old_valid_until"] == bench.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (await bench.client.post(f"{V1}/pr-1/rotate")).json()["rotated"] == ["alpha", "beta"]
    for body in ({"service": "gamma"}, {"overlap": "soon"}, {"overlap": 1}):
        assert (await bench.client.post(f"{V1}/pr-1/rotate", json=body)).status_code == 400
    assert (await bench.client.post(f"{V1}/nobody/rotate")).status_code == 404
