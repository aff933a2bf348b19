"""A control application over real SQLite storage, two small services, and durable work that does not wait."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from broker.accounts import Accounts
from broker.backends.base import Backend
from broker.budgets import Budgets
from broker.control import app
from broker.control.parts import Parts
from broker.drift import Drift
from broker.environments import Environments
from broker.errors import Conflict
from broker.fidelity import Fidelity
from broker.hooks import Hooks
from broker.inbox.inbox import Inbox
from broker.incidents import Incidents
from broker.ledger import Ledger
from broker.notices import Notices
from broker.observing import Observer
from broker.own_services import OwnServices
from broker.recording import Recording
from broker.redact import Redactor
from broker.scheduler import Scheduler
from broker.settings import Settings
from broker.storage.base import Delivery, Event, Exchange
from broker.storage.external import AccountRow, HookRow
from broker.storage.sqlite import SqliteStorage
from broker.tasks import Keeper
from broker.upstream import Upstream as Upstreams
from broker.vault import Vault
from contracts.exchange import Request, Response
from mocks.base import Mail, Target
from sandboxes.base import Account, Issued, Refused, Resource, SandboxProvider, Secret, Upstream, Wish
from tests.broker.sandbox import Outside, PlainAccounts, tiny_provider
from tests.broker.services import both
from tests.clocks import START, HeldClock

TOKEN = "control-token-of-the-tests"


class PlainWork:
    """Closes at once; remembers what was resent."""

    def __init__(self, storage: SqliteStorage, clock: HeldClock) -> None:
        self._storage = storage
        self._clock = clock
        self.resent: list[tuple[str, str, str | None, Sequence[Target]]] = []
        self.slow = False

    async def close(self, name: str, *, wait: float | None = None) -> Mapping[str, Any]:
        registry = self._storage.registry
        environment = await registry.environment(name)
        assert environment is not None
        if self.slow:
            await registry.update_environment(environment.uid, status="closing")
            raise Conflict(f"environment {name} is being closed")
        if environment.status != "closed":
            await registry.kill_credentials(environment.uid)
            receipt = {"environment": name, "deleted": await self._storage.destroy(environment), "left": {}}
            await registry.put_receipt(environment.uid, receipt)
            await registry.update_environment(environment.uid, status="closed", closed_at=self._clock.now())
        return await registry.receipt(environment.uid) or {}

    async def stuck(self) -> Sequence[Mapping[str, Any]]:
        return []

    async def sweep(self, **options: Any) -> Mapping[str, Any]:
        raise AssertionError("without real providers nobody asks for it")

    def attend(self, nights: Any) -> None:
        """Nobody carries them."""

    async def resend(
        self, name: str, event_id: str, *, delivery_id: str | None = None, targets: Sequence[Target] = ()
    ) -> Sequence[Delivery]:
        self.resent.append((name, event_id, delivery_id, targets))
        return [delivery(f"dl_again_{len(self.resent)}", event_id, self._clock)]


def delivery(id: str, event_id: str, clock: HeldClock) -> Delivery:
    return Delivery(
        id=id,
        event_id=event_id,
        service="alpha",
        url="http://127.0.0.1:9/",
        secret_sealed="sealed-secret",
        endpoint=None,
        status="pending",
        attempts=0,
        next_at=clock.now(),
        created_at=clock.now(),
    )


@dataclass
class Reached:
    """What of broker.outside checks of drift see; the only provider is that of ``alpha``."""

    accounts: Accounts
    observer: Observer
    notices: Notices
    providers: Mapping[str, SandboxProvider] = field(default_factory=lambda: {"alpha": tiny_provider(name="alpha")})
    probed: dict[str, str] = field(default_factory=dict)


class Bench:
    """The application and what it works with; ``client`` carries the token."""

    def __init__(self, folder: Path, clock: HeldClock) -> None:
        self.clock = clock
        self.storage = SqliteStorage(folder, lambda: clock.text(16))
        self.work = PlainWork(self.storage, clock)
        settings, vault, services = Settings(), Vault("k" * 32), both()
        self.environments = Environments(settings, clock, self.storage, vault, services)
        self.environments.own(OwnServices.at(settings.with_(data=folder / "server"), Upstreams(settings), services))
        self.waiting: list[str] = []
        #: What a real provider of the service ``alpha`` holds; ``arrive`` makes it an account.
        self.outside = Outside()
        self.hooks = self._hooks(Settings(public_url="https://broker.example"), vault)
        self.accounts = self._accounts(settings.with_(data=folder / "server"), vault)
        self.budgets = Budgets(self.storage.external, clock)
        contracts = {name: service.contract for name, service in services.items()}
        fidelity = Fidelity(self.storage.external, clock, contracts)
        self.drift = Drift(
            clock=clock,
            storage=self.storage,
            vault=vault,
            services=services,
            outside=Reached(self.accounts, Observer(self.storage.external.drift, clock), self._notices()),
            environments=self.environments,
            hooks=self.hooks,
            fidelity=fidelity,
            answer=self.answer,
            work=self.work,
            settings=settings,
        )
        self.recording = Recording(
            settings=settings.with_(data=folder / "server"),
            vault=vault,
            redactor=Redactor(),
            proxy=cast(Backend, None),
            account=self.accounts.of,
            report=Incidents(self.storage.registry, clock, Redactor()).report,
        )
        self.inbox = Inbox(self.environments, self.storage, Keeper(), kept=100)
        self.parts = Parts(
            budgets=self.budgets,
            settings=settings,
            clock=clock,
            vault=vault,
            storage=self.storage,
            services=services,
            environments=self.environments,
            work=self.work,
            token=TOKEN,
            unready=lambda: self.waiting,
            hooks=self.hooks,
            accounts=self.accounts,
            drift=self.drift,
            recording=self.recording,
            inbox=self.inbox,
        )
        self.app = app.build(self.parts)
        self.client = httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://broker.test",
            headers={"authorization": f"Bearer {TOKEN}"},
        )

    async def answer(self, request: Request) -> Response:
        """Of the gateway, for checks of drift: there is none."""
        raise AssertionError("nothing was opened that could be asked")

    def _hooks(self, settings: Settings, vault: Vault) -> Hooks:
        accounts = PlainAccounts(self.storage, self.clock, {"one": self.outside}, name="alpha")
        return Hooks(
            settings=settings,
            storage=self.storage,
            clock=self.clock,
            vault=vault,
            providers={"alpha": accounts.provider},
            accounts=accounts,
            ledger=Ledger(self.storage.external.ledger, self.clock),
            targets=self.environments.webhook_targets,
            plan=lambda event, targets, now: [delivery(f"dl_{event.id}", event.id, self.clock) for _ in targets],
            notify=lambda uid, ids: None,
            report=Incidents(self.storage.registry, self.clock, Redactor({})).report,
        )

    def _notices(self) -> Notices:
        """Without anybody to tell."""
        upstream: Any = None
        return Notices(external=self.storage.external, clock=self.clock, upstream=upstream, url=None, secret=None)

    def _accounts(self, settings: Settings, vault: Vault) -> Accounts:
        """Real ones, of the service ``alpha``; what they send goes to ``outside``."""
        return Accounts(
            settings=settings,
            clock=self.clock,
            storage=self.storage,
            vault=vault,
            providers={"alpha": tiny_provider(name="alpha", issue=issued, issued={"ledger": "thing"})},
            sending=self,
            scheduler=Scheduler(self.clock),
            ledger=Ledger(self.storage.external.ledger, self.clock),
        )

    def driver(self, provider: SandboxProvider, account: Account, *, environment: str = "") -> Upstream:
        """As broker.sending.Sending does."""

        async def send(request: Request) -> Response:
            return await self.outside.send(provider.sign(request, account, self.clock.now()))

        return send

    async def arrive(self, *ids: str) -> None:
        """Events of an account ``one``, which nobody claims yet."""
        external, now = self.storage.external, self.clock.now()
        if await external.account("one") is None:
            await external.put_account(
                AccountRow(name="one", service="alpha", secret={"variable": "ALPHA"}, created_at=now)
            )
        for each in ids:
            payload = {"id": each, "type": "thing.made"}
            row = HookRow(account="one", event_id=each, type="thing.made", received_at=now, payload=payload)
            await external.add_hook(row)

    async def happen(self, name: str = "pr-1") -> None:
        """An exchange, an event with a delivery, and a mail."""
        store = await self.environments.store(await self.environments.get(name))
        transaction = store.begin("alpha")
        await transaction.put("thing", "th_1", {"id": "th_1"})
        now = self.clock.now()
        payload = {"id": "evt_1", "type": "thing.created"}
        transaction.add_event(Event(id="evt_1", service="alpha", type="thing.created", payload=payload, created_at=now))
        transaction.add_delivery(delivery("dl_1", "evt_1", self.clock))
        person = {"email": "a@example.com", "name": "A"}
        transaction.add_mail("alpha", Mail(id="m_1", sender=person, to=[person], subject="Hello", text="Dear A"), now)
        await transaction.commit()
        await store.journal.add([exchange(f"ex_{number}", now + timedelta(seconds=number)) for number in range(3)])

    async def close(self) -> None:
        await self.client.aclose()
        await self.storage.close()


def exchange(id: str, at: Any) -> Exchange:
    return Exchange(
        id=id,
        at=at,
        service="alpha",
        operation="things.create",
        mode="mock",
        fidelity="stateful",
        method="POST",
        path="/v1/things",
        status=200,
        duration_ms=1.5,
        request_headers=[("content-type", "text/plain")],
        request_body="x",
        response_headers=[("x-y", "z")],
        response_body="{}",
    )


async def issued(wish: Wish, account: Account, send: Upstream) -> Issued:
    """A credential of the environment's own, for some minutes."""
    body = json.dumps({"name": "own", "marker": wish.marker.text}).encode()
    answer = await send(Request(method="POST", path="/v1/things", body=body))
    made = json.loads(answer.body)
    if answer.status != 200:
        raise Refused(answer.status, made["error"])
    ends = START + timedelta(minutes=30 + len(made["id"]))
    return Issued(secret=Secret("tk_test_own"), resource=Resource("thing", made["id"]), expires_at=ends)


@pytest.fixture
async def bench(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Bench]:
    made = Bench(tmp_path, clock)
    yield made
    await made.close()
