"""Everything about cassettes on this server, wired: the folder, the mode that writes them, the mode that answers from
them.

As broker/outside.py is for what reaches real providers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from broker.backends.base import Backend
from broker.backends.record import RecordBackend, Report
from broker.backends.replay import ReplayBackend
from broker.cassettes.shelf import Shelf
from broker.metrics import Metrics
from broker.redact import Redactor
from broker.settings import Settings
from broker.storage.base import Environment
from broker.tasks import Keeper
from broker.vault import Vault
from sandboxes.base import Account

log = logging.getLogger("broker.recording")

#: Seconds that the last exchanges get to be written at shutdown.
_LAST = 10.0

#: The real account of an environment's calls to a service.
AccountOf = Callable[[Environment, str], Awaitable[Account]]


class Recording:
    """``shelf`` is the folder, ``record`` and ``replay`` are the backends of these modes."""

    def __init__(
        self,
        *,
        settings: Settings,
        vault: Vault,
        redactor: Redactor,
        proxy: Backend,
        account: AccountOf,
        report: Report,
    ) -> None:
        self._account = account
        self._keeper = Keeper()
        # The key is in no cassette, so a mask cannot be tried out.
        self.shelf = Shelf(
            settings.cassette_folder,
            redactor,
            lambda cassette, value: vault.fingerprint(f"cassette {cassette}: {value}").hex()[:8],
        )
        self.record = RecordBackend(proxy, self.shelf, self._keeper, report=report, secrets=self._secrets)
        self.replay = ReplayBackend(self.shelf)

    async def _secrets(self, environment: Environment, service: str) -> Sequence[str]:
        secret = (await self._account(environment, service)).secret
        return [text for text in (secret.key, secret.secret, secret.token) if text]

    def ended(self, uid: str) -> None:
        """The environment is over: what it recorded stays its own."""
        self.record.forget(uid)
        self.replay.forget(uid)

    def rewind(self, uid: str) -> None:
        """The environment begins anew: so does what is replayed to it."""
        self.replay.forget(uid)

    def expose(self, metrics: Metrics) -> None:
        """Figures of both modes."""
        metrics.counter(
            "recorded", "What became of exchanges to record.", ("service", "outcome"), lambda: self.record.outcomes
        )
        metrics.counter(
            "replayed",
            "Calls to cassettes, by what they came to.",
            ("service", "outcome"),
            lambda: self.replay.outcomes,
        )

    async def stop(self) -> None:
        """What was answered is written down, as far as the disk lets it."""
        try:
            await asyncio.wait_for(self.record.flush(), _LAST)
        except TimeoutError:
            log.error("the last exchanges are not in their cassettes: the disk did not take them in %g s", _LAST)
        await self._keeper.stop()
