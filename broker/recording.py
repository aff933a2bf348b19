"""Everything about cassettes on this server, wired: the folder, the mode that writes them, the mode that answers from
them.

As broker/outside.py is for what reaches real providers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from broker.backends.base import Backend
from broker.backends.record import RecordBackend, Report
from broker.backends.replay import ReplayBackend
from broker.cassettes.shelf import Shelf
from broker.metrics import Metrics
from broker.policy import Policy
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

    async def warnings(self, policy: Policy, services: Iterable[str]) -> Sequence[str]:
        """What a policy asks of cassettes and would not get."""
        found = []
        for service in services:
            ruled = policy.service(service)
            if ruled.cassette is None or ruled.modes.isdisjoint({"record", "replay"}):
                continue
            recorder = await asyncio.to_thread(self.shelf.recorder, service, ruled.cassette)
            place = f"services.{service}.cassette"
            if "replay" in ruled.modes and recorder is None:
                found.append(f"{place}: there is no cassette {ruled.cassette} yet, so what is replayed is refused")
            if "record" in ruled.modes and recorder is not None:
                by = f"the environment {recorder[0]}" if recorder[0] else "no environment of this server"
                found.append(f"{place}: {ruled.cassette} was recorded by {by}, and nobody else may go on with it")
        return found

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

    async def start(self) -> None:
        """Before the first call."""
        try:
            await asyncio.to_thread(self.shelf.tidy)
        except OSError as failed:
            log.warning("what an earlier end left in %s stays: %s", self.shelf.folder, failed)

    async def stop(self) -> None:
        """What was answered is written down, as far as the disk lets it."""
        try:
            await asyncio.wait_for(self.record.flush(), _LAST)
        except TimeoutError:
            log.error("the last exchanges are not in their cassettes: the disk did not take them in %g s", _LAST)
        await self._keeper.stop()
