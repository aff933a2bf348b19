"""The order of a delivery's steps and waits."""

from __future__ import annotations

from typing import Any

from broker.workflows.deliver import deliver
from tests.broker.workflows.durables import Noted


class Answering:
    """An outbox whose rounds answer these waits in turn."""

    def __init__(self, *waits: float | None) -> None:
        self.waits = list(waits)
        self.asked: list[Any] = []

    async def attempt_due(self, uid: str, delivery_ids: Any) -> float | None:
        self.asked.append((uid, list(delivery_ids)))
        return self.waits.pop(0)


async def test_it_attempts_and_waits_until_nothing_is_left() -> None:
    outbox: Any = Answering(0.5, 30, None)
    durable = Noted()
    await deliver(lambda: outbox)(durable, "uid-1", ["dlv_1", "dlv_2"])
    assert durable.done == [("attempt", 0.5), 0.5, ("attempt", 30), 30, ("attempt", None)]
    assert outbox.asked == [("uid-1", ["dlv_1", "dlv_2"])] * 3
