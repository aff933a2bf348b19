"""Everything that finds out how true the mocks are, wired: what is asked of both sides, and what is kept of it.

As broker/outside.py is for what reaches real providers. It knows no provider by name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from broker.accounts import Accounts
from broker.checks import Checks, Close
from broker.clock import Clock
from broker.contract_news import News
from broker.environments import Environments
from broker.errors import BrokerError
from broker.fidelity import Fidelity
from broker.hooks import Hooks
from broker.measuring import Measuring
from broker.metrics import Metrics
from broker.nights import Nights
from broker.notices import Notices
from broker.observing import Observer
from broker.reports.night import ServiceScore
from broker.settings import Settings
from broker.storage.base import Storage
from broker.vault import Vault
from contracts.exchange import Request, Response
from mocks.base import MockService
from sandboxes.base import SandboxProvider


class Outside(Protocol):
    """As much of broker.outside.Outside as drift has to do with."""

    providers: Mapping[str, SandboxProvider]
    accounts: Accounts
    observer: Observer
    probed: dict[str, str]
    notices: Notices


class Work(Protocol):
    """As much of broker.workflows.workflows.Workflows."""

    @property
    def close(self) -> Close: ...

    def attend(self, nights: Nights) -> None:
        """Carry nights."""
        ...


class Drift:
    """The parts, by name. ``store`` keeps what was found beyond the environments in which it was."""

    def __init__(
        self,
        *,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        services: Mapping[str, MockService],
        outside: Outside,
        environments: Environments,
        hooks: Hooks,
        fidelity: Fidelity,
        answer: Callable[[Request], Awaitable[Response]],
        work: Work,
        settings: Settings,
    ) -> None:
        """``answer`` is the gateway's, ``work`` the durable work of the server."""
        self.store = storage.external.drift
        self._hooks = hooks
        #: What real answers show in passing.
        self.observer = outside.observer
        self.fidelity = fidelity
        self.tallies = fidelity.tallies
        #: Probes: both sides asked the same.
        self.checks = Checks(
            clock=clock,
            storage=storage,
            vault=vault,
            services=services,
            providers=outside.providers,
            environments=environments,
            accounts=outside.accounts,
            probed=outside.probed,
            answer=answer,
            close=work.close,
            hears=self._hears,
        )
        #: When all of it is looked at by itself.
        self.nights = Nights(
            external=storage.external,
            clock=clock,
            measuring=Measuring(
                storage=storage,
                clock=clock,
                checks=self.checks,
                contracts=News(settings, services) if settings.drift_contracts else None,
                settle=self.observer.flush,
            ),
            notices=outside.notices,
            at=settings.drift_at,
            path=settings.drift_accepted,
            scores=self._scores,
        )
        work.attend(self.nights)

    async def start(self) -> None:
        """Before the first call, and after durable work has started."""
        await self.checks.start()
        self.observer.start()
        self.tallies.start()
        await self.nights.start()

    async def stop(self) -> None:
        """What is under way ends, and is told at the next start; what was seen is written down."""
        await self.nights.stop()
        await self.checks.stop()
        await self.observer.stop()
        await self.tallies.stop()

    def expose(self, metrics: Metrics) -> None:
        """Figures of nights."""
        self.nights.expose(metrics)

    async def _scores(self) -> Sequence[ServiceScore]:
        """Of the services of which anything was measured, for a night's report."""
        found = [await self.fidelity.of(service) for service in self.fidelity.services]
        return [
            ServiceScore(
                service=each.service,
                contract=each.contract,
                mean=each.mean,
                of=len(each.operations),
                points={name: score.points for name, score in each.operations.items() if score.points is not None},
                against=each.against,
            )
            for each in found
            if each.measured
        ]

    async def _hears(self, account: str) -> str | None:
        """Why events of the account do not come; None where they do. An endpoint that is not made yet is made."""
        endpoints = self._hooks.endpoints
        standing = await endpoints.standing(account)
        if standing.state in ("missing", "down"):
            try:
                standing = await endpoints.ensure(account)
            except BrokerError as wrong:
                return wrong.detail
        if standing.state in ("alive", "by_hand"):
            return None
        return standing.error or f"the account's endpoint for webhooks is {standing.state}"
