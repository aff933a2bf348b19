"""The durable side of a night: attempted until it is over, whatever interrupts it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from broker.workflows.engine import Body, Durable

NAME = "drift"


class Attempts(Protocol):
    """As broker.nights.Nights does it."""

    async def attempt(self, night_id: str) -> float | None:
        """The seconds until the next attempt, None when the night is over."""
        ...


def drift(nights: Callable[[], Attempts | None]) -> Body:
    """One step at a time; what each did stands in the night's record."""

    async def body(durable: Durable, night_id: str) -> None:
        measures = nights()
        if measures is None:
            return  # of a server that has none any more: the night's record stands
        while (wait := await durable.step("drift", partial(measures.attempt, night_id))) is not None:
            await durable.sleep(wait)

    return body
