"""Everything that finds out how true the mocks are, wired: what is asked of both sides, and what is kept of it.

As broker/outside.py is for what reaches real providers. It knows no provider by name.
"""

from __future__ import annotations

from broker.clock import Clock
from broker.fidelity import Fidelity
from broker.observing import Observer
from broker.storage.base import Storage

_INTERRUPTED = "the server ended before the check did"


class Drift:
    """The parts, by name. ``store`` keeps what was found beyond the environments in which it was."""

    def __init__(
        self, *, clock: Clock, storage: Storage, observer: Observer | None = None, fidelity: Fidelity | None = None
    ) -> None:
        self._clock = clock
        self.store = storage.external.drift
        #: What real answers show in passing.
        self.observer = observer or Observer(self.store, clock)
        self.fidelity = fidelity or Fidelity(storage.external, clock, {})
        self.tallies = self.fidelity.tallies

    async def start(self) -> None:
        """Before the first call, and after durable work has started."""
        await self.store.interrupted(self._clock.now(), _INTERRUPTED)
        self.observer.start()
        self.tallies.start()

    async def stop(self) -> None:
        """What is under way ends, and is told at the next start; what was seen is written down."""
        await self.observer.stop()
        await self.tallies.stop()
