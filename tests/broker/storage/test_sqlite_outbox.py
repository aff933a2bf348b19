"""Events, deliveries and attempts: written with the state, read and settled apart from it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from broker.storage.base import EnvironmentStore, Made
from mocks.base import UnknownCursor
from mocks.defaults import UNDELIVERED
from tests.broker.storage.samples import attempt, delivery, event, mail
from tests.clocks import START


async def test_events_and_deliveries_come_with_the_records_or_not_at_all(store: EnvironmentStore) -> None:
    for number, ends in ((1, "rollback"), (2, "commit")):
        call = store.begin("alpha")
        await call.put("thing", f"t{number}", {"n": number})
        call.add_event(event(number))
        call.add_delivery(delivery(number, event_id=f"evt_{number}"))
        call.add_mail("alpha", mail(number), START)
        await (call.commit() if ends == "commit" else call.rollback())
    assert await store.outbox.events() == [event(2)]
    assert await store.outbox.deliveries() == [delivery(2, event_id="evt_2")]
    assert [found["id"] for found in await store.mailbox.mails()] == ["mail_2"]
    call = store.begin("alpha")
    assert (await call.get("thing", "t1"), await call.get("thing", "t2")) == (None, {"n": 2})
    await call.rollback()


async def test_nothing_uncommitted_is_read(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.start()
    call.add_event(event(1))
    call.add_delivery(delivery(1))
    reading = asyncio.gather(store.outbox.events(), store.outbox.deliveries(), store.inventory())
    await asyncio.sleep(0)
    assert not reading.done()
    await call.rollback()
    events, deliveries, inventory = await reading
    assert (events, deliveries, inventory["events"], inventory["deliveries"]) == ([], [], 0, 0)


async def test_what_is_beside_the_records_needs_the_write_phase(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    with pytest.raises(RuntimeError, match="start"):
        call.add_event(event())
    await call.start()
    call.add_event(event())
    await call.commit()
    assert await store.outbox.event("evt_1") == event()


async def test_events_are_paged_newest_first_and_selected(store: EnvironmentStore) -> None:
    call = store.begin("alpha")
    await call.start()
    for number in range(6):
        call.add_event(
            event(
                number,
                service="alpha" if number % 2 else "beta",
                type="thing.created" if number < 4 else "thing.deleted",
            )
        )
    await call.commit()

    async def ids(**selection: object) -> list[str]:
        return [found.id for found in await store.outbox.events(**selection)]  # type: ignore[arg-type]  # by name

    assert await ids() == [f"evt_{number}" for number in (5, 4, 3, 2, 1, 0)]
    assert await ids(limit=2) == ["evt_5", "evt_4"]
    assert await ids(limit=2, after="evt_4") == ["evt_3", "evt_2"]
    assert await ids(service="beta") == ["evt_4", "evt_2", "evt_0"]
    assert await ids(type="thing.deleted") == ["evt_5", "evt_4"]
    assert await ids(service="beta", type="thing.created", after="evt_2") == ["evt_0"]
    assert await ids(after="evt_unknown") == []


async def test_an_attempt_and_the_delivery_change_together(store: EnvironmentStore) -> None:
    await store.outbox.add_delivery(delivery(1))
    again = START + timedelta(seconds=5)
    await store.outbox.record_attempts([Made(delivery_id="dlv_1", attempt=attempt(1), status="pending", next_at=again)])
    found = await store.outbox.delivery("dlv_1")
    assert found == delivery(1, attempts=1, next_at=again)
    await store.outbox.record_attempts(
        [Made(delivery_id="dlv_1", attempt=attempt(2, status=200), status="delivered", next_at=None)]
    )
    assert await store.outbox.delivery("dlv_1") == delivery(1, attempts=2, next_at=None, status="delivered")
    assert await store.outbox.attempts("dlv_1") == [attempt(1), attempt(2, status=200)]


async def test_the_same_attempt_twice_is_one(store: EnvironmentStore) -> None:
    await store.outbox.add_delivery(delivery(1))
    await store.outbox.record_attempts(
        [Made(delivery_id="dlv_1", attempt=attempt(1, status=200), status="delivered", next_at=None)]
    )
    # A workflow that is replayed after a crash reports the attempt again, and must not undo what followed.
    late = attempt(1, status=None, error="timed out")
    await store.outbox.record_attempts([Made(delivery_id="dlv_1", attempt=late, status="pending", next_at=START)])
    assert await store.outbox.attempts("dlv_1") == [attempt(1, status=200)]
    found = await store.outbox.delivery("dlv_1")
    assert found is not None
    assert (found.status, found.next_at) == ("delivered", None)


async def test_deliveries_are_selected_by_event_and_status(store: EnvironmentStore) -> None:
    for number, event_id, status in ((1, "evt_1", "pending"), (2, "evt_1", "failed"), (3, "evt_2", "pending")):
        await store.outbox.add_delivery(delivery(number, event_id=event_id, status=status))

    async def ids(**selection: str) -> list[str]:
        return [found.id for found in await store.outbox.deliveries(**selection)]

    assert await ids() == ["dlv_1", "dlv_2", "dlv_3"]
    assert await ids(event_id="evt_1") == ["dlv_1", "dlv_2"]
    assert await ids(status="pending") == ["dlv_1", "dlv_3"]
    assert await ids(event_id="evt_1", status="pending") == ["dlv_1"]
    assert len(await store.outbox.deliveries(limit=2)) == 2


async def test_absent_ones(store: EnvironmentStore) -> None:
    assert await store.outbox.event("evt_none") is None
    assert await store.outbox.delivery("dlv_none") is None
    assert await store.outbox.attempts("dlv_none") == []


async def test_a_service_reads_its_events_as_records(store: EnvironmentStore) -> None:
    call = store.begin("alpha", "event")
    assert await call.page("event") == []
    await call.start()
    for number in range(4):
        call.add_event(event(number, type="odd" if number % 2 else "even"))
    call.add_event(event(9, service="beta"))
    payloads = [{**event(number).payload, UNDELIVERED: 0} for number in range(4)]
    assert await call.page("event", limit=2) == payloads[:1:-1]
    await call.rollback()
    assert await call.page("event") == []
    await call.start()
    for number in range(4):
        call.add_event(event(number, type="odd" if number % 2 else "even"))
    call.add_event(event(9, service="beta"))
    await call.commit()
    call = store.begin("alpha", "event")
    assert await call.get("event", "evt_3") == payloads[3]
    assert await call.get("event", "evt_9") is None
    assert await call.page("event", after="evt_2") == [payloads[1], payloads[0]]
    assert await call.page("event", before="evt_2", limit=1) == [payloads[3]]
    assert await call.page("event", where={"type": "odd"}) == [payloads[3], payloads[1]]
    assert await call.count("event", {"type": "even"}) == 2
    with pytest.raises(UnknownCursor):
        await call.page("event", after="evt_9")
    with pytest.raises(ValueError, match="selected by"):
        await call.page("event", where={"colour": "red"})
    await call.rollback()
    plain = store.begin("alpha")
    assert await plain.page("event") == []
    await plain.rollback()


async def test_an_event_from_outside_comes_once_with_its_deliveries(store: EnvironmentStore) -> None:
    assert await store.outbox.add_event(event(1), [delivery(1), delivery(2)])
    assert not await store.outbox.add_event(event(1, type="other"), [delivery(3)])
    assert await store.outbox.events() == [event(1)]
    assert await store.outbox.deliveries(event_id="evt_1") == [delivery(1), delivery(2)]


async def test_events_are_read_on_from_one_of_them(store: EnvironmentStore) -> None:
    for number in range(4):
        await store.outbox.add_event(event(number), [])
    assert [found.id for found in await store.outbox.events_since(None)] == ["evt_0", "evt_1", "evt_2", "evt_3"]
    assert [found.id for found in await store.outbox.events_since("evt_1", limit=1)] == ["evt_2"]
    assert await store.outbox.events_since("evt_3") == []
    assert len(await store.outbox.events_since("evt_gone")) == 4


async def test_the_targets_that_an_event_has_not_reached_are_counted(store: EnvironmentStore) -> None:
    sent = [replace(delivery(number), url=f"http://localhost/{min(number, 2)}") for number in (1, 2, 3)]
    await store.outbox.add_event(event(1), sent)
    assert await store.outbox.undelivered("evt_1") == 2, "sent again to one of them"
    await store.outbox.record_attempts([Made(delivery_id="dlv_2", attempt=attempt(1), status="failed", next_at=None)])
    await store.outbox.record_attempts(
        [Made(delivery_id="dlv_1", attempt=attempt(1), status="delivered", next_at=None)]
    )
    assert await store.outbox.undelivered("evt_1") == 1
    call = store.begin("alpha", "event")
    shown = await call.get("event", "evt_1")
    await call.rollback()
    assert shown is not None
    assert shown[UNDELIVERED] == 1


async def test_another_secret_signs_what_goes_to_an_endpoint(store: EnvironmentStore) -> None:
    await store.outbox.add_event(event(1), [replace(delivery(1), endpoint="we_1"), replace(delivery(2), endpoint=None)])
    await store.outbox.seal_again("alpha", "we_1", "fresh")
    await store.outbox.seal_again("beta", None, "other")
    found = {each.id: each.secret_sealed for each in await store.outbox.deliveries()}
    assert found == {"dlv_1": "fresh", "dlv_2": delivery(2).secret_sealed}
    await store.outbox.seal_again("alpha", None, "own")
    assert {each.id: each.secret_sealed for each in await store.outbox.deliveries()} == {
        "dlv_1": "fresh",
        "dlv_2": "own",
    }


async def test_an_event_and_its_deliveries_keep_their_scope(store: EnvironmentStore) -> None:
    await store.outbox.add_event(event(1, scope="one"), [delivery(1, scope="one")])
    await store.outbox.add_event(event(2), [])
    assert [(found.id, found.scope) for found in await store.outbox.events()] == [("evt_2", ""), ("evt_1", "one")]
    assert [found.id for found in await store.outbox.events(scope="one")] == ["evt_1"]
    assert [found.scope for found in await store.outbox.deliveries()] == ["one"]


async def test_deliveries_are_told_with_their_events_newest_first(store: EnvironmentStore) -> None:
    await store.outbox.add_event(event(1), [delivery(1), delivery(2, scope="one")])
    await store.outbox.add_event(event(2), [delivery(3, event_id="evt_2")])
    await store.outbox.record_attempts([Made(delivery_id="dlv_2", attempt=attempt(1), status="pending", next_at=START)])
    found = await store.outbox.sent()
    assert [(sent.id, of.id, len(tried)) for sent, of, tried in found] == [
        ("dlv_3", "evt_2", 0),
        ("dlv_2", "evt_1", 1),
        ("dlv_1", "evt_1", 0),
    ]
    assert [sent.id for sent, _, _ in await store.outbox.sent(after="dlv_3", limit=1)] == ["dlv_2"]
    assert [sent.id for sent, _, _ in await store.outbox.sent(scope="one")] == ["dlv_2"]
