"""The durable side of a close: one phase after another, each for as long as it takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from broker.teardown import PHASES, Teardown
from broker.workflows.engine import Body, Durable

NAME = "close"


def close(teardown: Callable[[], Teardown]) -> Body:
    """Retried for ever: what an environment holds is never given up."""

    async def body(durable: Durable, uid: str) -> None:
        for phase in PHASES:
            while (wait := await durable.step(phase, partial(teardown().attempt, phase, uid))) is not None:
                await durable.sleep(wait)

    return body
