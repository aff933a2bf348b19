"""Webhooks of real providers, through the control API."""

from __future__ import annotations

from dataclasses import replace

import httpx

from tests.broker.control.conftest import Bench

V1 = "/_broker/v1"
ENDPOINT = V1 + "/accounts/one/hook"


async def secret_of(bench: Bench) -> str:
    row = await bench.storage.external.account("one")
    assert row is not None
    assert row.hook_secret_sealed is not None
    return bench.parts.vault.unseal(row.hook_secret_sealed)


async def test_from_the_endpoint_to_the_environment(bench: Bench) -> None:
    await bench.arrive()
    await bench.client.put(f"{V1}/environments/pr-1", json={"policy": {"version": 1, "services": {"alpha": "sandbox"}}})
    made = (await bench.client.post(ENDPOINT + "/ensure")).json()
    assert (made["state"], made["service"], made["error"]) == ("alive", "alpha", None)
    assert (await bench.client.get(ENDPOINT)).json() == made
    assert (await bench.client.get(f"{V1}/hooks/endpoints")).json() == {"items": [made]}

    path = made["address"].removeprefix("https://broker.example")
    headers = {"x-signature": await secret_of(bench), "authorization": ""}
    event = {"id": "evt_7", "type": "thing.made", "thing": "thi_1"}
    sent = await bench.client.post(path, json=event, headers=headers)
    assert (sent.status_code, sent.json()) == (200, {"received": 1, "new": 1}), "no token: the signature is the proof"
    assert (await bench.client.post(path, json=event, headers=headers)).json() == {"received": 1, "new": 0}
    refused = await bench.client.post(path, json=event, headers={**headers, "x-signature": "guessed"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    incidents = (await bench.client.get(f"{V1}/incidents")).json()["items"]
    assert [each["kind"] for each in incidents] == ["bad_hook"]

    claimed = await bench.client.post(f"{V1}/hooks/one/evt_7/claim", json={"environment": "pr-1"})
    assert (claimed.json()["environment"], claimed.json()["by"], claimed.json()["routed"]) == ("pr-1", "hand", True)
    listed = (await bench.client.get(f"{V1}/environments/pr-1/events")).json()["items"]
    assert [each["id"] for each in listed] == ["evt_7"]


async def test_any_media_type_up_to_eight_mebibytes(bench: Bench) -> None:
    await bench.arrive()
    await bench.client.put(ENDPOINT, json={"secret": "whs_by_hand"})
    path = (await bench.client.get(ENDPOINT)).json()["address"].removeprefix("https://broker.example")
    headers = {"x-signature": "whs_by_hand", "content-type": "application/x-www-form-urlencoded"}
    big = b'{"id": "evt_1", "type": "t", "text": "' + b"x" * (2 << 20) + b'"}'
    assert (await bench.client.post(path, content=big, headers=headers)).status_code == 200
    assert (await bench.client.post(path, content=b"x" * (8 << 20) + b"x", headers=headers)).status_code == 413
    assert (await bench.client.post(path, content=b"", headers=headers)).status_code == 400
    assert (await bench.client.get(path)).status_code == 405
    assert (await bench.client.post("/_broker/hooks/in/elsewhere", content=big)).status_code == 404


async def test_a_secret_that_is_given_is_never_shown(bench: Bench) -> None:
    await bench.arrive()
    given = await bench.client.put(ENDPOINT, json={"secret": "whs_by_hand"})
    assert (given.status_code, given.json()["state"]) == (200, "by_hand")
    assert "whs_by_hand" not in given.text
    assert await secret_of(bench) == "whs_by_hand"
    assert (await bench.client.put(ENDPOINT, json={"secret": "short"})).status_code == 400
    assert "whs_by_hand" not in (await bench.client.get(ENDPOINT)).text


async def test_an_endpoint_is_taken_away(bench: Bench) -> None:
    await bench.arrive()
    await bench.client.post(ENDPOINT + "/ensure")
    bench.outside.fail(503, "DELETE", times=2)
    assert (await bench.client.delete(ENDPOINT)).status_code == 409
    assert (await bench.client.delete(ENDPOINT, params={"forget": "true"})).json()["state"] == "off"


async def test_lists_come_in_pages_and_by_claim(bench: Bench) -> None:
    await bench.arrive("evt_1", "evt_2", "evt_3")
    external = bench.storage.external
    uid = (await bench.environments.open("pr-1")).environment.uid
    await external.update_hook("one", "evt_2", uid=uid, by="ledger", routed=True, note="muted")
    page = (await bench.client.get(f"{V1}/hooks", params={"limit": 2})).json()
    assert ([each["id"] for each in page["items"]], page["next"]) == (["evt_3", "evt_2"], "one/evt_2")
    assert page["items"][1] == {
        "account": "one",
        "id": "evt_2",
        "type": "thing.made",
        "received_at": "2026-03-01T12:00:00.000000Z",
        "environment": "pr-1",
        "by": "ledger",
        "routed": True,
        "note": "muted",
    }
    rest = (await bench.client.get(f"{V1}/hooks", params={"after": page["next"]})).json()
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (["evt_1"], None)
    unclaimed = (await bench.client.get(f"{V1}/hooks", params={"claimed": "false", "account": "one"})).json()["items"]
    assert [(each["id"], each["environment"], each["by"], each["note"]) for each in unclaimed] == [
        ("evt_3", None, None, None),
        ("evt_1", None, None, None),
    ]
    assert (await bench.client.get(f"{V1}/hooks", params={"account": "two"})).json()["items"] == []
    for wrong in ("evt_1", "one/evt_9"):
        assert (await bench.client.get(f"{V1}/hooks", params={"after": wrong})).status_code == 400


async def test_one_event(bench: Bench) -> None:
    await bench.arrive("evt_1")
    shown = (await bench.client.get(f"{V1}/hooks/one/evt_1")).json()
    assert (shown["payload"], shown["ids"], shown["markers"]) == ({"id": "evt_1", "type": "thing.made"}, [], [])
    assert (await bench.client.get(f"{V1}/hooks/one/evt_9")).status_code == 404
    claim = {"environment": "pr-9"}
    assert (await bench.client.post(f"{V1}/hooks/one/evt_1/claim", json=claim)).status_code == 404


async def test_a_server_without_accounts(bench: Bench) -> None:
    from broker.control.app import build

    app = build(replace(bench.parts, hooks=None))
    async with httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
        transport=httpx.ASGITransport(app), base_url="http://broker.test", headers=bench.client.headers
    ) as client:
        for path in (ENDPOINT, f"{V1}/hooks", f"{V1}/hooks/endpoints", f"{V1}/hooks/one/evt_1"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post("/_broker/hooks/in/x", json={})).status_code == 404
