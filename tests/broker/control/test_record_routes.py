"""What an environment did, through the control API."""

from __future__ import annotations

from dataclasses import replace

from broker.storage.base import Attempt, Event, Incident, Made
from mocks.base import Mail
from tests.broker.control.conftest import Bench, exchange

V1 = "/_broker/v1/environments"


async def test_the_journal(bench: Bench) -> None:
    await bench.client.put(f"{V1}/pr-1")
    await bench.happen()
    page = (await bench.client.get(f"{V1}/pr-1/exchanges", params={"limit": 2})).json()
    assert ([item["id"] for item in page["items"]], page["next"]) == (["ex_2", "ex_1"], "ex_1")
    rest = (await bench.client.get(f"{V1}/pr-1/exchanges", params={"after": page["next"]})).json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (["ex_0"], None)
    assert (await bench.client.get(f"{V1}/pr-1/exchanges", params={"service": "beta"})).json()["items"] == []
    assert (await bench.client.get(f"{V1}/pr-1/exchanges", params={"violations": "true"})).json()["items"] == []
    shown = (await bench.client.get(f"{V1}/pr-1/exchanges/ex_1")).json()
    assert (shown["request_headers"], shown["response_body"]) == ([["content-type", "text/plain"]], "{}")
    assert (await bench.client.get(f"{V1}/pr-1/exchanges/ex_9")).status_code == 404
    lost = await bench.client.get(f"{V1}/pr-1/exchanges", params={"after": "ex_9"})
    assert (lost.status_code, "after" in lost.json()["detail"]) == (400, True)


async def test_incidents_of_one_and_of_all(bench: Bench) -> None:
    made = (await bench.environments.open("pr-1")).environment
    for number, (name, uid) in enumerate([("pr-1", made.uid), (None, None)]):
        await bench.storage.registry.add_incident(
            Incident(
                id=f"in_{number}",
                at=bench.clock.now(),
                kind="live_credential",
                environment=name,
                uid=uid,
                service="alpha",
                message="a live key",
                details={"path": "/v1/things"},
            )
        )
    own = (await bench.client.get(f"{V1}/pr-1/incidents")).json()["items"]
    assert [(item["id"], item["kind"], item["details"]) for item in own] == [
        ("in_0", "live_credential", {"path": "/v1/things"})
    ]
    assert [item["id"] for item in (await bench.client.get("/_broker/v1/incidents")).json()["items"]] == [
        "in_1",
        "in_0",
    ]
    assert (await bench.client.get(f"{V1}/pr-9/incidents")).status_code == 404


async def test_events_deliveries_and_resending(bench: Bench) -> None:
    await bench.client.put(f"{V1}/pr-1", json={"webhooks": {"alpha": ["http://127.0.0.1:9/"]}})
    await bench.happen()
    store = await bench.environments.store(await bench.environments.get("pr-1"))
    tried = Attempt(number=1, at=bench.clock.now(), status=500, error=None, duration_ms=2.0)
    await store.outbox.record_attempts(
        [Made(delivery_id="dl_1", attempt=tried, status="pending", next_at=bench.clock.now())]
    )
    listed = (await bench.client.get(f"{V1}/pr-1/events", params={"type": "thing.created"})).json()["items"]
    assert [item["id"] for item in listed] == ["evt_1"]
    shown = await bench.client.get(f"{V1}/pr-1/events/evt_1")
    assert shown.json()["payload"]["type"] == "thing.created"
    (sent,) = shown.json()["deliveries"]
    assert (sent["status"], [attempt["status"] for attempt in sent["attempts"]]) == ("pending", [500])
    assert "sealed-secret" not in shown.text
    resent = await bench.client.post(f"{V1}/pr-1/events/evt_1/resend", json={"delivery": "dl_1"})
    assert resent.json() == {"event": "evt_1", "deliveries": ["dl_again_1"]}
    ((name, event, again, targets),) = bench.work.resent
    assert (name, event, again) == ("pr-1", "evt_1", "dl_1")
    assert [target.url for target in targets] == ["http://127.0.0.1:9/"]
    assert targets[0].secret.startswith("alsec_")
    assert (await bench.client.post(f"{V1}/pr-1/events/evt_9/resend")).status_code == 404
    assert (await bench.client.get(f"{V1}/pr-1/events/evt_9")).status_code == 404


async def test_each_list_is_selected_by_scope(bench: Bench) -> None:
    await bench.client.put(f"{V1}/pr-1")
    store = await bench.environments.store(await bench.environments.get("pr-1"))
    now = bench.clock.now()
    transaction = store.begin("alpha")
    await transaction.start()
    for scope in ("one", "two"):
        payload = {"id": f"evt_{scope}", "type": "thing.created"}
        transaction.add_event(
            Event(
                id=f"evt_{scope}", service="alpha", type="thing.created", payload=payload, created_at=now, scope=scope
            )
        )
        person = {"email": "a@example.com"}
        transaction.add_mail("alpha", Mail(id=f"m_{scope}", sender=person, to=[person]), now, scope)
    await transaction.commit()
    await store.journal.add([replace(exchange(f"ex_{scope}", now), scope=scope) for scope in ("one", "two")])
    for kind, key in (("exchanges", "ex_two"), ("events", "evt_two"), ("mails", "m_two")):
        found = (await bench.client.get(f"{V1}/pr-1/{kind}", params={"scope": "two"})).json()["items"]
        assert [(item["id"], item["scope"]) for item in found] == [(key, "two")]
        assert len((await bench.client.get(f"{V1}/pr-1/{kind}")).json()["items"]) == 2
        assert (await bench.client.get(f"{V1}/pr-1/{kind}", params={"scope": "a b"})).status_code == 400
