"""What reaches real providers, wired: it starts, counts and ends with the server."""

from __future__ import annotations

from pathlib import Path

from broker.app import Broker
from broker.settings import Settings
from broker.storage.external import AccountRow
from tests.broker.sandbox import tiny_provider
from tests.broker.tiny import tiny
from tests.clocks import HeldClock


async def test_accounts_are_known_to_the_scheduler_from_the_start(tmp_path: Path, clock: HeldClock) -> None:
    broker = Broker(Settings(data=tmp_path), clock=clock, services=[tiny()], providers=[tiny_provider()])
    row = AccountRow(name="one", service="tiny", secret={"variable": "TINY_KEY"}, created_at=clock.now(), rate=7)
    await broker.storage.external.put_account(row)
    async with broker.lifespan():
        usage = broker.outside.scheduler.usage("one")
        assert (usage["rate"], usage["concurrency"]) == (7, 100)
        assert broker.outside.running("pr-1-aaaaaaaaaa") == 0
        assert b"broker_fallbacks_total" in broker.metrics.render()
