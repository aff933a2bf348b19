"""Figures in the file: counted with the exchanges, summed up by steps, forgotten when they are old."""

from __future__ import annotations

from datetime import timedelta

from broker.storage.base import EnvironmentStore
from broker.storage.traffic import KEPT, STRETCH
from tests.broker.storage.samples import exchange
from tests.clocks import START

STEP = timedelta(minutes=1)
SINCE = START - timedelta(seconds=START.timestamp() % 60)


async def test_exchanges_are_counted_by_steps_and_services(store: EnvironmentStore) -> None:
    broken = [{"side": "request", "where": "body", "rule": "type", "message": "is wrong"}]
    await store.journal.add(
        [
            exchange(1, at=SINCE, service="alpha", duration_ms=1.5),
            exchange(2, at=SINCE + STEP / 2, service="alpha", status=404),
            exchange(3, at=SINCE + STEP, service="beta", status=503, violations=broken),
            exchange(4, at=SINCE + 3 * STEP, service=None),
        ]
    )
    found, services = await store.journal.traffic(SINCE, STEP)
    counts = [
        (each.at - SINCE, each.exchanges, each.client_errors, each.server_errors, each.violated) for each in found
    ]
    assert counts == [(0 * STEP, 2, 1, 0, 0), (STEP, 1, 0, 1, 1), (3 * STEP, 1, 0, 0, 0)]
    assert services == {"alpha": 2, "beta": 1, "": 1}
    only, _ = await store.journal.traffic(SINCE, STEP, "beta")
    assert [each.exchanges for each in only] == [1]
    later, _ = await store.journal.traffic(SINCE + 2 * STEP, STEP)
    assert [each.exchanges for each in later] == [1]


async def test_figures_stay_when_exchanges_go_and_go_when_they_are_old(store: EnvironmentStore) -> None:
    for number in range(30):
        await store.journal.add([exchange(number, at=SINCE)])
    assert [each.exchanges for each in (await store.journal.traffic(SINCE, STEP))[0]] == [30]
    await store.journal.add([exchange(31, at=SINCE + KEPT + timedelta(seconds=STRETCH))])
    found, _ = await store.journal.traffic(SINCE, timedelta(days=1))
    assert [each.exchanges for each in found] == [1]
