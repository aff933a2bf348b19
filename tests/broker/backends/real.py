"""A gateway whose service ``tiny`` has a real side: the proxy over the small provider of tests/broker/sandbox.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from broker.backends.proxy import ProxyBackend
from broker.budgets import Budgets
from broker.clock import Clock
from broker.ledger import Ledger
from broker.scheduler import Scheduler
from broker.storage.base import Environment
from broker.storage.external import Entry
from contracts.exchange import Request, Response
from mocks.base import Refusal
from sandboxes.base import Account, SandboxProvider
from tests.broker.sandbox import Outside, PlainAccounts
from tests.broker.tiny import Gate
from tests.clocks import HeldClock


class Accounts(PlainAccounts):
    """Every environment uses the account ``one``. ``subaccount`` gives each a part of its own."""

    subaccount: str | None = None

    async def of(self, environment: Environment, service: str) -> Account:
        if not self.outsides:
            raise Refusal("no_account", "There is no account of tiny.")
        account = (await self.named("one"))[1]
        return replace(account, subaccount=self.subaccount)


class Straight:
    """As much of broker.sending.Sending as the proxy uses: from memory to memory."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.sent: list[Request] = []

    async def send(self, provider: SandboxProvider, account: Account, request: Request) -> Response:
        if request.stream is not None:
            request = replace(request, body=b"".join([piece async for piece in request.stream]), stream=None)
        self.sent.append(request)
        return await self.outside.send(request)


class Real:
    """``gate`` is the gateway, ``outside`` the provider, ``entries`` the ledger."""

    def __init__(self, folder: Path, clock: HeldClock, **changes: Any) -> None:
        self.clock: Clock = clock
        self.gate = Gate(folder, clock)
        self.outside = Outside()
        storage = self.gate.storage
        self.accounts = Accounts(storage, clock, {"one": self.outside}, **changes)
        self.ledger = Ledger(storage.external.ledger, clock)
        self.scheduler = Scheduler(clock)
        self.scheduler.configure("one", rate=1000, concurrency=100)
        self.budgets = Budgets(storage.external, clock)
        self.sending = Straight(self.outside)
        #: Environments, by uid, in which the server probes, with the text that is the run's own.
        self.probed: dict[str, str] = {}
        self.proxy = ProxyBackend(
            providers={"tiny": self.accounts.provider},
            accounts=cast(Any, self.accounts),
            sending=cast(Any, self.sending),
            scheduler=self.scheduler,
            budgets=self.budgets,
            ledger=self.ledger,
            storage=storage,
            clock=clock,
            mock=self.gate.backend,
            holds=self.gate.directory.holds,
            probed=self.probed,
        )
        self.gate.gateway._backends = {**self.gate.gateway._backends, "sandbox": self.proxy}

    async def open(self, name: str, **sandbox: Any) -> tuple[Environment, str]:
        """An environment whose tiny is the real one, and its key."""
        home = await self.gate.open(name, policy(**sandbox))
        return home, await self.gate.key(home)

    async def entries(self, home: Environment | None = None) -> list[Entry]:
        """Oldest first."""
        found = await self.gate.storage.external.ledger.entries(home.uid if home else None, limit=1000)
        return list(reversed(found))

    async def states(self, home: Environment | None = None) -> list[tuple[str, str, str | None]]:
        return [(entry.kind, entry.status, entry.external_id) for entry in await self.entries(home)]


def policy(**sandbox: Any) -> Mapping[str, Any]:
    return {"services": {"tiny": {"mode": "sandbox", "sandbox": sandbox}}}


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
