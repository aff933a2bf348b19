"""Real accounts over SQLite, of a provider in memory that can make credentials and subaccounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from broker.accounts import Accounts, Wanted
from broker.environments import Environments
from broker.ledger import Ledger
from broker.policy import Policy
from broker.scheduler import Scheduler
from broker.settings import Settings
from broker.storage.base import Environment, Trust
from broker.storage.external import AccountRow, Lease
from broker.storage.sqlite import SqliteStorage
from broker.vault import Vault
from contracts.exchange import Request, Response
from sandboxes.base import Account, Issued, Refused, Resource, SandboxProvider, Secret, Upstream, Wish
from tests.broker.sandbox import KEY, Outside, tiny_provider
from tests.broker.tiny import tiny
from tests.clocks import HeldClock

#: A second real key, and one of production.
OTHER = "tk_test_another_real_key"
LIVE = "tk_live_a_key_of_production"


class Lender:
    """Accounts, and what they need. ``asked`` are the accounts of everything that was sent, as drivers saw them."""

    def __init__(self, folder: Path, clock: HeldClock, **changes: Any) -> None:
        self.clock = clock
        self.folder = folder
        self.vault = Vault("a key for tests only")
        self.storage = SqliteStorage(folder / "state", lambda: clock.text(16))
        self.external = self.storage.external
        self.settings = Settings(data=folder / "state")
        self.environments = Environments(self.settings, clock, self.storage, self.vault, {"tiny": tiny()})
        self.outside = Outside()
        self.asked: list[Account] = []
        #: How long what the provider makes lives; None: as long as it is not deleted.
        self.life: timedelta | None = timedelta(hours=1)
        self.wishes: list[Wish] = []
        self.ledger = Ledger(self.external.ledger, clock)
        self.scheduler = Scheduler(clock)
        isolations = frozenset({"ledger", "account"})
        makes = {"ledger": "thing", "account": "thing"}
        self.provider = tiny_provider(**{"isolations": isolations, "issued": makes, "issue": self._issue, **changes})
        self.accounts = self.anew()

    def anew(self) -> Accounts:
        """As after a new start of the server."""
        return Accounts(
            settings=self.settings,
            clock=self.clock,
            storage=self.storage,
            vault=self.vault,
            providers={"tiny": self.provider},
            sending=self,
            scheduler=self.scheduler,
            ledger=self.ledger,
        )

    def driver(self, provider: SandboxProvider, account: Account, *, environment: str = "") -> Upstream:
        """As broker.sending.Sending does."""

        async def send(request: Request) -> Response:
            self.asked.append(account)
            return await self.outside.send(provider.sign(request, account, self.clock.now()))

        return send

    async def _issue(self, wish: Wish, account: Account, send: Upstream) -> Issued | None:
        self.wishes.append(wish)
        body = orjson.dumps({"name": "own", "marker": wish.marker.text})
        answer = await send(Request(method="POST", path="/v1/things", body=body))
        made = orjson.loads(answer.body)
        if answer.status != 200:
            raise Refused(answer.status, f"{made['error']} ({account.secret.key})")
        until: datetime | None = None if self.life is None else self.clock.now() + self.life
        resource = Resource("thing", made["id"])
        if wish.isolation == "account":
            return Issued(subaccount=f"sub_{made['id']}", resource=resource)
        return Issued(secret=Secret(f"tk_test_own_{made['id']}"), resource=resource, expires_at=until)

    async def put(self, name: str = "one", **changes: Any) -> AccountRow:
        wanted = Wanted(**{"name": name, "service": "tiny", "secret": {"value": KEY}, **changes})
        return (await self.accounts.put(wanted))[0]

    async def open(
        self, name: str = "pr-1", sandbox: Mapping[str, Any] | None = None, *, trust: Trust | None = None
    ) -> Environment:
        body = {"mode": "sandbox", "sandbox": dict(sandbox or {})}
        policy = Policy.parse({"version": 1, "services": {"tiny": body}}, ("tiny",))
        return (await self.environments.open(name, policy, trust=trust)).environment

    async def of(self, environment: Environment) -> Account:
        return await self.accounts.of(environment, "tiny")

    async def leases(self, environment: Environment) -> list[tuple[str, str]]:
        """What lives, as (account, kind)."""
        return [(lease.account, lease.kind) for lease in await self.external.leases(environment.uid)]

    async def lease(self, environment: Environment, kind: str = "account") -> Lease:
        [found] = [lease for lease in await self.external.leases(environment.uid) if lease.kind == kind]
        return found

    async def lines(self, environment: Environment) -> list[tuple[str, str]]:
        """The ledger's, oldest first: (status, outcome)."""
        found = await self.external.ledger.entries(environment.uid)
        return [(entry.status, entry.outcome) for entry in reversed(found)]

    async def resource(self) -> Resource:
        """Something that is outside."""
        answer = await self.driver(self.provider, Account("one", "", Secret(KEY)))(
            Request(method="POST", path="/v1/things", body=b"{}")
        )
        return Resource("thing", orjson.loads(answer.body)["id"])

    async def close_environment(self, environment: Environment) -> None:
        """As far as the registry goes."""
        await self.storage.registry.update_environment(environment.uid, status="closed", closed_at=self.clock.now())

    async def close(self) -> None:
        await self.storage.close()
