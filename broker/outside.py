"""Everything that reaches real providers, wired: accounts, the way to them, the ledger, the proxy, what takes back.

It is handed the providers that there are and knows none by name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from broker.accounts import Accounts
from broker.backends.base import Backend
from broker.backends.proxy import ProxyBackend
from broker.budgets import Budgets
from broker.clock import Clock
from broker.directory import Entry
from broker.ledger import Ledger
from broker.metrics import Metrics
from broker.notices import Notices
from broker.observing import Observer
from broker.revocation import Revocation
from broker.scheduler import Scheduler
from broker.sending import Sending
from broker.settings import Settings
from broker.storage.base import Environment, Storage
from broker.sweep import Sweep
from broker.tasks import Keeper
from broker.upstream import Timeouts, Upstream
from broker.vault import Vault
from mocks.base import Refusal
from sandboxes.base import SandboxProvider, no_variables

log = logging.getLogger("broker.outside")

#: Seconds between two looks for requests without an answer, and how many of them a look takes up.
_SETTLE, _PENDING = 60.0, 1000
#: Seconds to connect.
_CONNECT = 10.0


class Outside:
    """The parts, by name. ``proxy`` is made once there is a mock to fall back to."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        upstream: Upstream,
        providers: Mapping[str, SandboxProvider],
    ) -> None:
        self.providers = providers
        self._clock = clock
        self._storage = storage
        self.scheduler = Scheduler(clock)
        self.sending = Sending(
            upstream,
            self.scheduler,
            clock,
            timeouts=Timeouts(connect=_CONNECT, total=float(settings.sandbox_timeout_seconds)),
        )
        self.ledger = Ledger(storage.external.ledger, clock)
        self.budgets = Budgets(storage.external, clock)
        self.accounts = Accounts(
            settings=settings,
            clock=clock,
            storage=storage,
            vault=vault,
            providers=providers,
            sending=self.sending,
            scheduler=self.scheduler,
            ledger=self.ledger,
        )
        self.revocation = Revocation(
            storage=storage,
            clock=clock,
            ledger=self.ledger,
            accounts=self.accounts,
            running=self.running,
            longest=timedelta(seconds=self.sending.longest),
            settle=timedelta(seconds=settings.sandbox_settle_seconds),
        )
        self.sweeps = Sweep(
            storage=storage,
            clock=clock,
            accounts=self.accounts,
            ledger=self.ledger,
            revocation=self.revocation,
            keep=settings.sweep_keep.split(),
        )
        self.notices = Notices(
            external=storage.external,
            clock=clock,
            upstream=upstream,
            url=settings.notify_url,
            secret=settings.notify_secret,
        )
        self.observer = Observer(storage.external.drift, clock)
        #: Environments that a check of drift owns, by uid, with the text that is its own: see ProxyBackend.
        self.probed: dict[str, str] = {}
        self._proxy: ProxyBackend | None = None
        self._keeper = Keeper()

    def proxy(self, mock: Backend, holds: Callable[[Entry], bool]) -> ProxyBackend:
        """The backend of mode sandbox."""
        self._proxy = ProxyBackend(
            providers=self.providers,
            accounts=self.accounts,
            sending=self.sending,
            scheduler=self.scheduler,
            budgets=self.budgets,
            ledger=self.ledger,
            storage=self._storage,
            clock=self._clock,
            mock=mock,
            holds=holds,
            observe=self.observer.take,
            probed=self.probed,
        )
        return self._proxy

    def running(self, uid: str) -> int:
        """Calls of an environment that are on their way to a provider."""
        return 0 if self._proxy is None else self._proxy.running(uid)

    async def variables(self, environment: Environment, service: str) -> Mapping[str, str]:
        """What the environment may know of its account; nothing where it has none."""
        provider = self.providers.get(service)
        if provider is None or provider.variables is no_variables or environment.trust == "fork":
            return {}
        try:
            return provider.variables(await self.accounts.of(environment, service))
        except Refusal as refused:
            log.info("no account of %s for %s yet: %s", service, environment.name, refused.message)
            return {}  # each call says why

    def changed(self, uid: str) -> None:
        """The environment's policy, credentials or status changed."""
        self.accounts.forget(uid)

    def ended(self, uid: str) -> None:
        """The environment closes. What is counted for it goes once no call of it is under way."""
        self.accounts.forget(uid)
        if self._proxy is not None and not self._proxy.running(uid):
            self._proxy.forget(uid)

    def expose(self, metrics: Metrics) -> None:
        """Figures of the way out."""
        metrics.counter(
            "fallbacks",
            "Calls that a mock answered in a real provider's place.",
            ("service", "why"),
            lambda: {} if self._proxy is None else self._proxy.fallbacks,
        )
        metrics.counter(
            "resources",
            "What became of resources at real providers; stuck counts refusals to let go.",
            ("service", "outcome"),
            lambda: self.revocation.counts,
        )
        metrics.counter(
            "observations_dropped",
            "Real answers that were not looked into for drift: there were too many at once.",
            (),
            lambda: {(): self.observer.dropped},
        )
        metrics.counter(
            "notices", "Attempts to tell the orchestrator.", ("type", "outcome"), lambda: self.notices.counts
        )

    async def settle(self) -> None:
        """Look for what became of requests without an answer in environments that are still open: what exists there is
        theirs to see. (Where names are mapped, only a close settles: which name was meant does not matter to it.)"""
        pending = await self._storage.external.ledger.entries(status="pending", limit=_PENDING)
        before = self._clock.now() - timedelta(seconds=self.sending.longest)
        for uid in {entry.uid for entry in pending if entry.created_at < before and self._settles(entry.service)}:
            if await self._storage.registry.status(uid) == "open":
                settled = await self.revocation.settle(uid)
                for words in settled.words:
                    log.info("requests of %s without an answer wait: %s", uid, words)

    def _settles(self, service: str) -> bool:
        provider = self.providers.get(service)
        return provider is not None and not provider.aliased

    async def _settle_again(self) -> None:
        while True:
            await asyncio.sleep(_SETTLE)
            try:
                await self.settle()
            except Exception as error:
                log.warning("requests without an answer are looked for again in %g s: %r", _SETTLE, error)

    async def start(self) -> None:
        """Before the first call."""
        await self.accounts.start()
        self.budgets.start()
        self._keeper.start(self._settle_again(), "outside: settle")

    async def stop(self) -> None:
        """What was spent is written down; a full disk keeps nothing else from ending."""
        await self._keeper.stop()
        try:
            await self.budgets.stop()
        except Exception as error:
            log.warning("what environments spent lately is not written down: %r", error)
