"""The composition root: settings -> storage -> services -> one ASGI application, and the server that runs it.

The only module of the broker that knows which services exist.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from broker import starting
from broker.asgi import Application
from broker.backends.mock import MockBackend
from broker.bindings import Addresses
from broker.claiming import listen, lock_folder, raise_descriptor_limit
from broker.clock import Clock, SystemClock
from broker.contract_versions import Pins, Versions
from broker.control import app as control
from broker.control.parts import Parts
from broker.dashboard import routes as dashboard
from broker.directory import Directory
from broker.drift import Drift
from broker.ending import Ending
from broker.environments import Environments
from broker.fidelity import Fidelity
from broker.gateway import Gateway
from broker.grants import Grants
from broker.hooks import Hooks
from broker.inbound import Inbound
from broker.inbox.inbox import Inbox
from broker.inbox.mailpit import Mailpit
from broker.inbox.smtp import Relay
from broker.inbox.submission import Submitting
from broker.incidents import Incidents
from broker.metrics import Metrics
from broker.outside import Outside
from broker.own_services import OwnServices
from broker.policy import MODES
from broker.recorder import Recorder
from broker.recording import Recording
from broker.redact import Redactor
from broker.resolve import Resolver
from broker.settings import INBOX, InvalidSetting, Settings, from_environment
from broker.storage.base import Environment
from broker.storage.sqlite import SqliteStorage
from broker.tasks import Keeper
from broker.tidying import Tidying
from broker.triggers import Triggers
from broker.upstream import Upstream
from broker.vault import Vault, secret_file
from broker.waking import Waker
from broker.workflows.workflows import Workflows
from mocks.base import MockService
from mocks.registry import SERVICES
from sandboxes.base import SandboxProvider
from sandboxes.registry import PROVIDERS

log = logging.getLogger("broker")

#: Seconds that running calls get at shutdown.
_LAST_CALLS = 5
#: Allocations between two looks of the garbage collector, young generation first. A call leaves next to no cycles, so
#: looking rarely frees as much, and looking at few at a time delays nobody; what start-up made is not looked at again.
_COLLECT_AFTER = (2_000, 50, 100)


class Broker:
    """All parts of one server, wired. ``application`` is its ASGI application."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        services: Sequence[MockService] = SERVICES,
        providers: Sequence[SandboxProvider] = PROVIDERS,
    ) -> None:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings = settings
        self.clock = clock or SystemClock()
        versions = Versions(settings.contracts_folder)
        self.services = starting.with_contracts(versions, services)
        self.token = settings.token or secret_file(settings.data / "token")
        self.vault = Vault(settings.key or secret_file(settings.data / "key"))
        self.storage = SqliteStorage(
            settings.data,
            lambda: self.clock.text(20),
            journal_count=settings.journal_exchanges,
            journal_bytes=settings.journal_mib << 20,
            incidents_kept=settings.incidents_kept,
            storage_bytes=settings.storage_mib and settings.storage_mib << 20,
            monotonic=self.clock.monotonic,
        )
        starting.try_key(self.storage.registry, self.vault, settings.data)
        self.metrics = Metrics()
        self.keeper = Keeper()
        self.upstream = Upstream(settings)
        self.own = OwnServices.at(settings, self.upstream, Pins(self.services, versions))
        self.directory = Directory(self.storage.registry, self.vault, self.clock, self.own.of)
        self.outside = Outside(
            settings=settings,
            clock=self.clock,
            storage=self.storage,
            vault=self.vault,
            upstream=self.upstream,
            providers={provider.name: provider for provider in providers},
        )
        self.workflows = Workflows(
            settings,
            self.clock,
            self.storage,
            self.vault,
            self.services,
            self.upstream,
            forget=self._forget,
            revocation=self.outside.revocation,
            notices=self.outside.notices,
            sweeps=self.outside.sweeps,
        )
        redactor = Redactor({sign: shape for service in services for sign, shape in service.secrets.items()})
        self.recorder = Recorder(self.storage, redactor, self.keeper, body_bytes=settings.journal_body_kib << 10)
        self.incidents = Incidents(self.storage.registry, self.clock, redactor)
        contracts = {service.name: service.contract for service in services}
        self.fidelity = Fidelity(self.storage.external, self.clock, contracts)
        self.gateway = self._gateway(redactor)
        self.environments = Environments(settings, self.clock, self.storage, self.vault, self.services)
        self.environments.own(self.own)
        self.environments.watch(self._changed)
        self.environments.real(self.outside.variables)
        self.environments.emptied(self.recording.rewind)
        self.ending = Ending()
        self.inbox = Inbox(self.environments, self.storage, self.keeper, kept=settings.mails_kept)
        self.mock.mailed = self.inbox.came
        submitting = Submitting(
            clock=self.clock,
            resolver=self.resolver,
            mock=self.mock,
            incidents=self.incidents,
            recorder=self.recorder,
        )
        self.relay = Relay(settings, submitting)
        self.hooks = Hooks(
            settings=settings,
            storage=self.storage,
            clock=self.clock,
            vault=self.vault,
            providers=self.outside.providers,
            accounts=self.outside.accounts,
            ledger=self.outside.ledger,
            targets=self.environments.webhook_targets,
            plan=self.workflows.outbox.plan,
            notify=self.workflows.notify,
            report=self.incidents.report,
        )
        self.outside.accounts.watch(put=self.hooks.attend, removed=self._without_hook)
        self.drift = Drift(
            clock=self.clock,
            storage=self.storage,
            vault=self.vault,
            services=self.services,
            outside=self.outside,
            environments=self.environments,
            hooks=self.hooks,
            fidelity=self.fidelity,
            answer=self.gateway.answer,
            work=self.workflows,
            settings=settings,
        )
        self.triggers = Triggers(
            clock=self.clock,
            storage=self.storage,
            vault=self.vault,
            services=self.services,
            environments=self.environments,
            answer=self.gateway.answer,
        )
        self._expose()
        parts = self._parts()
        self.application = Application(
            self.gateway,
            control.build(parts, *dashboard.routes(parts)),
            self.lifespan,
            silence_seconds=settings.body_timeout_seconds,
            beside={INBOX: Mailpit(self.environments, submitting).application},
        )

    def _gateway(self, redactor: Redactor) -> Gateway:
        mock = self.mock = MockBackend(
            self.storage,
            self.clock,
            self.vault,
            self.workflows.outbox.plan,
            self.workflows.notify,
            strict=self.settings.strict_replies,
            address=lambda environment, service: Addresses(self.settings, environment).by_path(service),
        )
        self.waker = Waker(
            clock=self.clock, storage=self.storage, directory=self.directory, services=self.services, mock=mock
        )
        proxy = self.outside.proxy(mock, self.directory.holds)
        self.recording = Recording(
            settings=self.settings,
            vault=self.vault,
            redactor=redactor,
            proxy=proxy,
            account=self.outside.accounts.of,
            report=self.incidents.report,
        )
        record, replay = self.recording.record, self.recording.replay
        grants = Grants(self.directory, self.storage)
        self.resolver = Resolver(
            self.directory, self.services, self.settings.base_domain, self.settings.home, grants=grants
        )
        return Gateway(
            clock=self.clock,
            directory=self.directory,
            services=self.services,
            resolver=self.resolver,
            backends={"mock": mock, "sandbox": proxy, "record": record, "replay": replay},
            incidents=self.incidents,
            recorder=self.recorder,
            max_body_mib=self.settings.max_body_mib,
            pages=mock,
            fidelity=self.fidelity,
        )

    def _expose(self) -> None:
        metrics = self.metrics
        self.gateway.expose(metrics)
        self.incidents.expose(metrics)
        self.recorder.expose(metrics)
        self.workflows.outbox.expose(metrics)
        self.outside.expose(metrics)
        self.recording.expose(metrics)
        self.drift.expose(metrics)
        self.storage.expose(metrics)
        self.hooks.expose(metrics)
        self.workflows.teardown.expose(metrics)

    def _parts(self) -> Parts:
        return Parts(
            settings=self.settings,
            clock=self.clock,
            vault=self.vault,
            storage=self.storage,
            services=self.services,
            environments=self.environments,
            work=self.workflows,
            token=self.token,
            metrics=self.metrics,
            settle=self.recorder.settle,
            feed=self.recorder.feed,
            accounts=self.outside.accounts,
            hooks=self.hooks,
            revocation=self.outside.revocation,
            budgets=self.outside.budgets,
            sweeps=self.outside.sweeps,
            drift=self.drift,
            recording=self.recording,
            triggers=self.triggers,
            inbound=Inbound(self.clock, self.environments, self.directory, self.services, self.mock),
            inbox=self.inbox,
            ending=self.ending,
            caught_up=self.waker.caught_up,
            available_modes=frozenset(MODES),
        )

    def stop_waiting(self) -> None:
        """The server is about to stop: whoever waits for something is told so."""
        self.ending.begin()
        self.recorder.feed.stop()

    def _forget(self, uid: str) -> None:
        self.gateway.forget(uid)
        self.outside.ended(uid)
        self.recording.ended(uid)
        self.inbox.ended(uid)

    async def _without_hook(self, account: str) -> None:
        await self.hooks.endpoints.retire(account)

    def _changed(self, environment: Environment) -> None:
        self.directory.forget(environment.uid)
        self.directory.forget_name(environment.name)
        self.outside.changed(environment.uid)
        self.workflows.expect(environment)
        self.waker.changed(environment)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Running between start-up and shutdown; what is unfinished at the end continues at the next start."""
        await self.own.tidy(self.storage.registry)
        await self.outside.start()
        await self.recording.start()
        self.recorder.start()
        await Tidying(self.storage, self.clock, self.keeper).start()
        self.keeper.start(self.waker.run(), "waking")
        await self.workflows.start()
        await self.hooks.start()
        await self.drift.start()
        await self.relay.start()
        try:
            yield
        finally:
            await self.relay.stop()
            await self.drift.stop()
            await self.hooks.stop()
            await self.workflows.stop()
            await self.recorder.flush()
            await self.recording.stop()
            await self.outside.stop()
            await self.keeper.stop()
            await self.upstream.close()
            await self.storage.close()


def known() -> tuple[Sequence[MockService], Sequence[SandboxProvider]]:
    """What there is, for commands that need no server."""
    return SERVICES, PROVIDERS


def serve(settings: Settings) -> None:
    """Run the server until it is told to stop; raises InvalidSetting before anything is listened on."""
    import uvicorn

    from broker.protocol import BoundedHttp, Server

    if not settings.listens_on_loopback and settings.token is None:
        raise InvalidSetting(
            f"BROKER_TOKEN: needed to listen on {settings.host}, which other machines can reach. "
            "Set it to a long random text, or listen on 127.0.0.1."
        )
    # Nobody else on this machine reads what the server writes, in whatever folder it was given.
    os.umask(0o077)
    raise_descriptor_limit()
    listening = listen(settings)
    settings = settings.with_(port=listening.getsockname()[1])
    try:
        lock = lock_folder(settings.data)
        broker = Broker(settings)
    except OSError as unusable:
        listening.close()
        raise InvalidSetting(
            f"BROKER_DATA: {unusable.filename or settings.data}: {unusable.strerror}; name a folder that can be written"
        ) from unusable
    except InvalidSetting:
        listening.close()
        raise
    config = uvicorn.Config(
        broker.application,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LAST_CALLS,
    )
    # All that has to be imported, now: an interrupt in the middle of an import can be swallowed by the import system.
    config.load()
    config.get_loop_factory()
    log.info("preview-broker listens on %s, state in %s", settings.origin, settings.data)
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        Server(config, broker.stop_waiting).run(sockets=[listening])
    finally:
        os.close(lock)


def main(arguments: Mapping[str, Any] | None = None) -> int:
    """``python -m broker.app``: serve with the settings of the environment, changed by ``arguments``."""
    try:
        settings = from_environment().with_(**(arguments or {}))
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        serve(settings)
    except (InvalidSetting, ValueError) as wrong:
        sys.stderr.write(f"broker: {wrong}\n")
        return 2
    except KeyboardInterrupt:
        # Stopped from the keyboard, in order: uvicorn raises the signal again once it has ended.
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
