"""Events from real providers on their way in: proven, written down, attributed, and put into the outbox of the
environment whose they are.

The provider gets its answer once the event is stored; the rest follows behind, and begins again after any end of
this process. From the outbox on an event goes the way of the mocks' events: signed with the environment's own secret.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from broker.attribution import Attribution
from broker.clock import Clock
from broker.errors import BrokerError, Conflict, InvalidInput, NotFound
from broker.hook_endpoints import INCOMING, Accounts, HookEndpoints
from broker.hook_routing import HookRouting, Notify, Planner, Report, Targets, about
from broker.ledger import Ledger
from broker.metrics import Metrics
from broker.settings import Settings
from broker.storage.base import Environment, Storage
from broker.storage.external import AccountRow, HookRow
from broker.tasks import Keeper
from broker.vault import Vault
from contracts.exchange import Request
from sandboxes.base import BadSignature, HookEvent, SandboxProvider

log = logging.getLogger("broker.hooks")

#: Seconds between two looks at what waits, and between two looks at the endpoints.
_LOOK, _ENSURE = 2.0, 900.0
#: An event that nobody claims is looked at again when it is older by this part of its age, and never after the last:
#: often while the answer to the call that made its object may be under way, rarely later.
_PART, _LAST = 0.25, timedelta(hours=24)
#: Seconds after which what could not be stored is tried again, at the most.
_LONGEST = 900.0
#: Rows that are read at once when the server starts.
_PAGE = 500
#: Characters of an event's id that are kept: providers' have some thirty.
_LONGEST_ID = 200


class Hooks:
    """Takes events, and has them routed. ``endpoints`` are where they arrive."""

    def __init__(
        self,
        *,
        settings: Settings,
        storage: Storage,
        clock: Clock,
        vault: Vault,
        providers: Mapping[str, SandboxProvider],
        accounts: Accounts,
        ledger: Ledger,
        targets: Targets,
        plan: Planner,
        notify: Notify,
        report: Report,
    ) -> None:
        """``targets``, ``plan``, ``notify`` and ``report`` are those of Environments, Outbox, Workflows, Incidents."""
        self._settings = settings
        self._external = storage.external
        self._clock = clock
        self._vault = vault
        self._providers = providers
        #: Events since the start, by service and what they came to: ``routed``, ``late``, ``muted``, ``duplicate``,
        #: ``refused``.
        self.counts: Counter[tuple[str, str]] = Counter()
        self.endpoints = HookEndpoints(
            settings=settings,
            external=storage.external,
            clock=clock,
            vault=vault,
            providers=providers,
            accounts=accounts,
        )
        self._routing = HookRouting(
            storage=storage,
            clock=clock,
            ledger=ledger,
            attribution=Attribution(storage.registry, ledger, accounts.marker),
            targets=targets,
            plan=plan,
            notify=notify,
            report=report,
            counts=self.counts,
        )
        self._report = report
        #: What waits, the next first: (due by the monotonic clock, a number, account, event id).
        self._waiting: list[tuple[float, int, str, str]] = []
        self._number = 0
        self._come = asyncio.Event()
        self._keeper = Keeper()

    @property
    def waiting(self) -> int:
        """How many events are not settled and will be looked at again."""
        return len(self._waiting)

    def expose(self, metrics: Metrics) -> None:
        """Figures of the way in."""
        metrics.counter(
            "provider_events",
            "Events from real providers, by what they came to.",
            ("service", "outcome"),
            lambda: self.counts,
        )
        metrics.gauge(
            "provider_events_waiting",
            "Events from real providers that are looked at again: nobody claims them yet, or a fault delays them.",
            (),
            lambda: {(): self.waiting},
        )
        metrics.gauge(
            "hooks_down",
            "Accounts whose endpoint for webhooks was not alive at the last look.",
            (),
            lambda: {(): self.endpoints.down},
        )

    async def start(self) -> None:
        """At once; what an earlier run left, and the endpoints, follow in the background."""
        self._keeper.start(self._route(), "hooks: route")
        self._keeper.start(self._ensure(), "hooks: endpoints")

    async def stop(self) -> None:
        """What is not settled goes on at the next start."""
        await self._keeper.stop()

    async def attend(self, account: str) -> None:
        """The account was configured: look after its endpoint now, in the background. For Accounts.watch."""
        self._keeper.start(self.endpoints.ensure_all(account), "hooks: endpoint")

    # In

    async def receive(self, path: str, request: Request) -> tuple[int, int]:
        """The provider's request to an address that ends with ``path``; answers how many events it brought, and how
        many of them are new. They are stored when this returns. Raises NotFound, InvalidInput, Conflict."""
        account = await self.endpoints.at(path)
        provider = None if account is None else self._providers.get(account.service)
        if account is None or provider is None or provider.hooks is None:
            raise NotFound("no account's webhooks arrive at this address")
        if account.hook_secret_sealed is None:
            # The provider tries again, and by then the secret has come.
            raise Conflict(f"the secret that verifies webhooks of account {account.name} is not known yet")
        now, secret = self._clock.now(), self._vault.unseal(account.hook_secret_sealed)
        try:
            events = provider.hooks.verify(self._addressed(path, request), secret, now)
        except BadSignature as bad:
            self.counts[account.service, "refused"] += 1
            message = f"A webhook for account {account.name} is not signed by its provider: {bad}"
            await self._report("bad_hook", message, request=about(account.name), service=account.service)
            raise InvalidInput(f"the signature is not the provider's: {bad}") from None
        except ValueError as wrong:
            self.counts[account.service, "refused"] += 1
            raise InvalidInput(f"the body cannot be read as the provider's events: {wrong}") from None
        fresh = 0
        for event in events:
            fresh += await self._store(account, event, now)
            # Up to a thousand of them: calls come between.
            await asyncio.sleep(0)
        self._come.set()
        return len(events), fresh

    def _addressed(self, path: str, request: Request) -> Request:
        """The request at the address that the provider knows, whatever stands between: some sign it too."""
        origin = urlsplit(self._settings.origin)
        return Request(
            method=request.method,
            path=origin.path + INCOMING + path,
            query=request.query,
            headers=request.headers,
            body=request.body,
            host=origin.netloc,
            scheme=origin.scheme,
        )

    async def _store(self, account: AccountRow, event: HookEvent, now: datetime) -> bool:
        if not 0 < len(event.id) <= _LONGEST_ID:
            raise InvalidInput(f"an event's id has 1 to {_LONGEST_ID} characters")
        row = HookRow(
            account=account.name,
            event_id=event.id,
            type=event.type,
            received_at=now,
            payload=event.payload,
            ids=event.ids,
            markers=event.markers,
            resources=[(each.kind, each.id, each.parent) for each in event.resources],
        )
        added = await self._external.add_hook(row)
        if added:
            self._await(account.name, event.id, 0.0)
        else:
            self.counts[account.service, "duplicate"] += 1
        return added

    # What waits

    def _await(self, account: str, event_id: str, seconds: float) -> None:
        self._number += 1
        heapq.heappush(self._waiting, (self._clock.monotonic() + seconds, self._number, account, event_id))

    async def recover(self) -> None:
        """Take up what an earlier run left: what is claimed and not routed, and what is young and nobody's."""
        known = {(account, event_id) for _, _, account, event_id in self._waiting}
        since = self._clock.now() - _LAST
        for account in await self._external.accounts():
            after: tuple[str, str] | None = None
            while page := await self._external.hooks(account.name, routed=False, after=after, limit=_PAGE):
                for row in page:
                    young = row.received_at > since
                    if (young or row.uid is not None) and (row.account, row.event_id) not in known:
                        self._await(row.account, row.event_id, 0.0)
                after = (page[-1].account, page[-1].event_id)
                await asyncio.sleep(0)

    async def route_waiting(self) -> int:
        """Look at every event that is due; answers how many are settled now."""
        settled = 0
        due: dict[tuple[str, str], None] = {}
        now = self._clock.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, _, account, event_id = heapq.heappop(self._waiting)
            due[account, event_id] = None
        for account, event_id in due:
            settled += await self._look(account, event_id)
            # Calls come first.
            await asyncio.sleep(0)
        return settled

    async def _look(self, account: str, event_id: str) -> bool:
        """Settle one event if that can be; else it waits on."""
        try:
            row = await self._routing.settle(account, event_id)
        except Exception:
            log.exception("event %s of account %s waits on", event_id, account)
            row = await self._kept(account, event_id)
        if row is None or row.routed:
            return row is not None
        age = self._clock.now() - row.received_at
        if row.uid is not None or (age < _LAST and not row.note):
            self._await(account, event_id, min(max(age.total_seconds() * _PART, _LOOK), _LONGEST))
        return False

    async def _kept(self, account: str, event_id: str) -> HookRow | None:
        """The row; where that cannot be read either, one that waits."""
        try:
            return await self._external.hook(account, event_id)
        except Exception:
            log.warning("event %s of account %s cannot be read", event_id, account)
            return HookRow(account=account, event_id=event_id, type="", received_at=self._clock.now(), payload={})

    async def claim(self, account: str, event_id: str, environment: Environment) -> HookRow:
        """Somebody says that it is an open environment's; see HookRouting.claim."""
        try:
            return await self._routing.claim(account, event_id, environment)
        except BrokerError:
            raise
        except Exception:
            # Claimed, perhaps, and not delivered: that follows.
            self._await(account, event_id, _LOOK)
            raise

    # In the background

    async def _route(self) -> None:
        recovered = False
        while True:
            self._come.clear()
            try:
                if not recovered:
                    await self.recover()
                    recovered = True
                await self.route_waiting()
            except Exception as failed:
                log.warning("events from providers are looked at again in %g s: %r", _LOOK, failed)
                await asyncio.sleep(_LOOK)
            try:
                async with asyncio.timeout(_LOOK):
                    await self._come.wait()
            except TimeoutError:
                continue

    async def _ensure(self) -> None:
        while True:
            try:
                await self.endpoints.ensure_all()
            except Exception as failed:
                log.warning("endpoints of webhooks are looked after again in %g s: %r", _ENSURE, failed)
            await asyncio.sleep(_ENSURE)
