"""Deliveries to one place that wait for each other, so that they leave together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from broker.storage.base import Delivery

#: What one round came to: seconds until the next attempt by the delivery's id, None for one that is over.
Waits = Mapping[str, float | None]
#: Environment, service, URL, endpoint.
Place = tuple[str, str, str, str | None]
#: Closes the round, and answers what is in it: called when there is a turn for it.
Close = Callable[[], Sequence[Delivery]]


@dataclass(slots=True)
class _Round:
    deliveries: list[Delivery]
    #: For those who joined.
    waits: asyncio.Future[Waits] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Gathering:
    """Open rounds by place: whoever comes first leads one, and whoever comes until it has its turn joins."""

    def __init__(self, attempt: Callable[[str, Close], Awaitable[Waits]]) -> None:
        self._attempt = attempt
        self._rounds: dict[Place, _Round] = {}

    async def attempted(self, place: Place, deliveries: Sequence[Delivery], seconds: float, lost: float) -> Waits:
        """The attempt of a round with all of ``deliveries``, which is open for ``seconds`` at the least. Where the one
        that leads it fails, the others look again after ``lost`` seconds."""
        known = self._rounds.get(place)
        if known is not None:
            known.deliveries += deliveries
            return _own(await asyncio.shield(known.waits), deliveries)
        led = self._rounds[place] = _Round(list(deliveries))

        def close() -> Sequence[Delivery]:
            self._rounds.pop(place, None)
            return led.deliveries

        waits: Waits = {}
        try:
            await asyncio.sleep(seconds)
            waits = await self._attempt(place[0], close)
            return _own(waits, deliveries)
        finally:
            led.waits.set_result(waits or {each.id: lost for each in close()})


def _own(waits: Waits, deliveries: Sequence[Delivery]) -> Waits:
    return {each.id: waits[each.id] for each in deliveries if each.id in waits}
