"""Events and deliveries as pages."""

from __future__ import annotations

from broker.storage.base import Attempt, Event, Made
from tests.broker.control.conftest import delivery
from tests.broker.dashboard.seeded import words
from tests.broker.dashboard.site import Site

E = "/environments/pr-1"


async def happen(site: Site, number: int = 3) -> None:
    """Failed deliveries of events."""
    broker = site.broker
    outbox = (await broker.environments.store(await broker.environments.get("pr-1"))).outbox
    now = broker.clock.now()
    for each in range(number):
        event = Event(
            id=f"evt_{each}", service="stripe", type="charge.succeeded", payload={"id": f"evt_{each}"}, created_at=now
        )
        await outbox.add_event(event, [delivery(f"dl_{each}", event.id, broker.clock)])
        attempt = Attempt(number=1, at=now, status=503, error="no one is there", duration_ms=2.0)
        await outbox.record_attempts([Made(delivery_id=f"dl_{each}", attempt=attempt, status="failed", next_at=None)])


async def test_events_are_filtered_and_lead_to_their_deliveries(site: Site) -> None:
    assert "Nothing has happened yet" in words(await site.text(f"{E}/events"))
    await happen(site)
    text = await site.text(f"{E}/events?type=charge.succeeded")
    assert f"/_broker/ui{E}/events/evt_2" in text
    assert "No event fits the filter" in words(await site.text(f"{E}/events?service=s3"))
    one = words(await site.text(f"{E}/events/evt_1"))
    assert "503 no one is there" in one
    assert '"id" : "evt_1"' in one
    assert (await site.get(f"{E}/events/none")).status_code == 404


async def test_an_event_is_sent_again(site: Site) -> None:
    await happen(site)
    async with site.broker.lifespan():
        answer = await site.post(f"{E}/events/evt_1/resend", delivery="dl_1")
        assert answer.headers["location"] == f"/_broker/ui{E}/events/evt_1"
        assert "Sent again: 1 delivery." in words(await site.text(f"{E}/events/evt_1"))


async def test_deliveries_that_failed_are_replayed(site: Site) -> None:
    assert "Nothing was delivered yet" in words(await site.text(f"{E}/deliveries"))
    await happen(site)
    assert "503 no one is there attempt 1" in words(await site.text(f"{E}/deliveries?status=failed"))
    assert "No delivery fits the filter" in words(await site.text(f"{E}/deliveries?status=delivered"))
    async with site.broker.lifespan():
        await site.post(f"{E}/deliveries/replay")
        assert "3 failed deliveries are sent again." in words(await site.text(f"{E}/deliveries"))


async def test_an_event_is_made_to_happen(site: Site) -> None:
    async with site.broker.lifespan():
        await site.post(f"{E}/trigger", trigger="stripe customer.created")
        text = words(await site.text(f"{E}/events"))
        assert "customer.created happened" in text
        assert "No event fits" not in text
        await site.post(f"{E}/trigger", trigger="", back=f"/_broker/ui{E}/events")
        assert "choose what is to happen" in words(await site.text(f"{E}/events"))
