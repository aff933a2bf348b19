"""The durable side of a webhook: attempts, and the waits between them, until each delivery of a batch is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from broker.outbox import Outbox
from broker.workflows.engine import Body, Durable

NAME = "deliver"


def deliver(outbox: Callable[[], Outbox]) -> Body:
    """A batch of one environment: what is due at the same time is attempted at the same time."""

    async def body(durable: Durable, uid: str, delivery_ids: Sequence[str]) -> None:
        while True:
            wait = await durable.step("attempt", partial(outbox().attempt_due, uid, delivery_ids))
            if wait is None:
                return
            await durable.sleep(wait)

    return body
