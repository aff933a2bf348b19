"""A broker's side of webhooks from a real provider, without a socket: two accounts outside, real storage and outbox.

The provider is that of tests/broker/sandbox.py; an event says by ``made`` that its thing exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from broker.clock import Clock
from broker.environments import Environments
from broker.hooks import Hooks
from broker.incidents import Incidents
from broker.ledger import Ledger
from broker.outbox import Outbox
from broker.policy import Policy
from broker.redact import Redactor
from broker.settings import Settings
from broker.storage.base import Environment, Event
from broker.storage.external import AccountRow, HookRow
from broker.storage.sqlite import SqliteStorage
from broker.upstream import Upstream
from broker.vault import Vault
from contracts.exchange import Headers, Request
from mocks.base import MockService
from sandboxes import base
from sandboxes.base import HookEvent, Marker, Resource, SandboxProvider
from tests.broker.sandbox import INSTANCE, Outside, PlainAccounts, ensure_hook, remove_hook, verify_hook
from tests.broker.targets import sign
from tests.broker.tiny import tiny

SECRET = "whs_of_the_tests"
PUBLIC = "https://broker.example"
TARGET = "http://127.0.0.1:9/hook"


def verify(request: Request, secret: str, now: datetime) -> Sequence[HookEvent]:
    return [
        replace(event, resources=[Resource("thing", event.payload["thing"], parent=event.payload.get("parent", ""))])
        if event.payload.get("made")
        else event
        for event in verify_hook(request, secret, now)
    ]


class Hooked:
    """``hooks`` and what they work with. ``notified`` are the deliveries that were told of, by uid."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        public_url: str | None = PUBLIC,
        services: Sequence[MockService] = (),
        providers: Sequence[SandboxProvider] = (),
    ) -> None:
        self.clock = clock
        self.settings = Settings(data=folder, public_url=public_url)
        self.vault = Vault("a key for tests only")
        self.storage = SqliteStorage(folder, lambda: clock.text(20))
        self.external = self.storage.external
        self.services = {each.name: each for each in services or [tiny(sign_event=sign)]}
        self.providers = {each.name: each for each in providers}
        self.environments = Environments(self.settings, clock, self.storage, self.vault, self.services)
        self.upstream = Upstream(self.settings)
        self.outbox = Outbox(
            storage=self.storage, services=self.services, vault=self.vault, clock=clock, upstream=self.upstream
        )
        self.ledger = Ledger(self.external.ledger, clock)
        self.outsides = {"one": Outside(), "two": Outside()}
        hooks = base.Hooks(ensure=ensure_hook, remove=remove_hook, verify=verify)
        self.accounts = PlainAccounts(self.storage, clock, self.outsides, hooks=hooks)
        self.notified: dict[str, list[str]] = {}
        self.hooks = self.started()

    def started(self) -> Hooks:
        """Hooks as a server has them that starts now."""
        incidents = Incidents(self.storage.registry, self.clock, Redactor({}))
        return Hooks(
            settings=self.settings,
            storage=self.storage,
            clock=self.clock,
            vault=self.vault,
            providers={"tiny": self.accounts.provider, **self.providers},
            accounts=self.accounts,
            ledger=self.ledger,
            targets=self.environments.webhook_targets,
            plan=self.outbox.plan,
            notify=lambda uid, ids: self.notified.setdefault(uid, []).extend(ids),
            report=incidents.report,
        )

    async def open(self, name: str = "pr-1", *, of: str = "tiny", mode: str = "sandbox", **service: Any) -> Environment:
        body = {"mode": mode, "webhooks": [{"url": TARGET}], **service}
        policy = Policy.parse({"version": 1, "services": {of: body}}, [of])
        return (await self.environments.open(name, policy)).environment

    async def account(self, name: str = "one", **changes: Any) -> AccountRow:
        """An account whose endpoint is there, with SECRET."""
        row = AccountRow(
            name=name,
            service="tiny",
            secret={"variable": "TINY"},
            created_at=self.clock.now(),
            hook_path=f"path-of-{name}",
            hook_id="end_1",
            hook_secret_sealed=self.vault.seal(SECRET),
        )
        row = replace(row, **changes)
        await self.external.put_account(row)
        return row

    async def owns(self, environment: Environment, *ids: str, account: str = "one") -> None:
        resources = [Resource("thing", each) for each in ids]
        await self.ledger.learn(environment.uid, "tiny", account, resources, origin="made")

    async def arrive(
        self, *events: Mapping[str, Any], account: str = "one", secret: str = SECRET, hooks: Hooks | None = None
    ) -> tuple[int, int]:
        body = orjson.dumps(events[0] if len(events) == 1 else list(events))
        request = Request(method="POST", path="/x", headers=Headers([("x-signature", secret)]), body=body)
        return await (hooks or self.hooks).receive(f"path-of-{account}", request)

    async def row(self, event_id: str = "evt_1", account: str = "one") -> HookRow:
        found = await self.external.hook(account, event_id)
        assert found is not None
        return found

    async def events(self, environment: Environment) -> list[Event]:
        return list(await (await self.storage.open(environment)).outbox.events())

    async def close(self) -> None:
        await self.hooks.stop()
        await self.upstream.close()
        await self.storage.close()


def event(id: str = "evt_1", **members: Any) -> dict[str, Any]:
    return {"id": id, "type": "thing.made", **members}


def marker(environment: Environment) -> str:
    return Marker(INSTANCE, environment.uid).text
