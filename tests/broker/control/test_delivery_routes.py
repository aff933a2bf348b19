"""Webhook deliveries through the control API."""

from __future__ import annotations

from dataclasses import replace

from broker.storage.base import Attempt, Event, Made
from tests.broker.control.conftest import Bench, delivery

V1 = "/_broker/v1/environments/pr-1/deliveries"


async def happen(bench: Bench, *statuses: str) -> None:
    """An event and a delivery for each status; failed ones have an attempt."""
    await bench.client.put("/_broker/v1/environments/pr-1")
    outbox = (await bench.environments.store(await bench.environments.get("pr-1"))).outbox
    for number, status in enumerate(statuses):
        event = Event(id=f"evt_{number}", service="alpha", type="made", payload={}, created_at=bench.clock.now())
        await outbox.add_event(event, [delivery(f"dl_{number}", event.id, bench.clock)])
        if status != "pending":
            attempt = Attempt(
                number=1, at=bench.clock.now(), status=500 if status == "failed" else 200, error=None, duration_ms=2.0
            )
            made = Made(delivery_id=f"dl_{number}", attempt=attempt, status=status, next_at=None)
            await outbox.record_attempts([made])


async def test_newest_first_by_status_and_with_their_last_attempt(bench: Bench) -> None:
    await happen(bench, "failed", "delivered", "pending")
    page = (await bench.client.get(V1, params={"limit": 2})).json()
    assert ([each["id"] for each in page["items"]], page["next"]) == (["dl_2", "dl_1"], "dl_1")
    rest = (await bench.client.get(V1, params={"after": page["next"]})).json()["items"]
    assert [(each["event"], each["type"], each["attempts"][0]["status"]) for each in rest] == [("evt_0", "made", 500)]
    assert [each["id"] for each in (await bench.client.get(V1, params={"status": "pending"})).json()["items"]] == [
        "dl_2"
    ]
    assert (await bench.client.get(V1, params={"service": "beta"})).json()["items"] == []
    assert (await bench.client.get(V1, params={"after": "dl_9"})).status_code == 400
    assert (await bench.client.get(V1, params={"status": "odd"})).status_code == 400
    assert "sealed-secret" not in str(page)


async def test_failed_ones_are_sent_again_once(bench: Bench) -> None:
    await happen(bench, "failed", "delivered", "failed", "pending")
    outbox = (await bench.environments.store(await bench.environments.get("pr-1"))).outbox
    again = replace(delivery("dl_later", "evt_2", bench.clock))
    await outbox.add_delivery(again)
    answer = (await bench.client.post(f"{V1}/replay")).json()
    assert answer == {"deliveries": 1, "left": 0}
    assert [(each[1], each[2]) for each in bench.work.resent] == [("evt_0", "dl_0")], "evt_2 is on its way already"


async def test_one_with_all_its_attempts_and_those_of_a_scope(bench: Bench) -> None:
    await happen(bench, "failed")
    outbox = (await bench.environments.store(await bench.environments.get("pr-1"))).outbox
    await outbox.add_delivery(replace(delivery("dl_scoped", "evt_0", bench.clock), scope="one"))
    found = (await bench.client.get(V1, params={"scope": "one"})).json()["items"]
    assert [(each["id"], each["scope"]) for each in found] == [("dl_scoped", "one")]
    shown = (await bench.client.get(f"{V1}/dl_0")).json()
    assert (shown["event"], [attempt["status"] for attempt in shown["attempts"]]) == ("evt_0", [500])
    assert (await bench.client.get(f"{V1}/dl_9")).status_code == 404
