"""The ledger: what was made at real providers, for whom, and what became of it.

A line is written and committed before a request that makes something is sent, so that no end of this process,
wherever it falls, leaves something outside that nobody knows of. Ids that answers and events mention become lines
too: that is how it is known whose they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broker.clock import Clock
from broker.storage.external import Entry, EntryStatus, LedgerStore, Origin
from sandboxes.base import Outcome, Resource


class Ledger:
    """Writes and asks. Every write is committed when its method returns."""

    def __init__(self, store: LedgerStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def _entry(
        self,
        uid: str,
        service: str,
        account: str,
        resource: Resource,
        *,
        status: EntryStatus,
        origin: Origin,
        operation: str = "",
        exchange: str = "",
    ) -> Entry:
        now = self._clock.now()
        return Entry(
            id="res_" + self._clock.text(20),
            uid=uid,
            service=service,
            account=account,
            kind=resource.kind,
            status=status,
            origin=origin,
            created_at=now,
            changed_at=now,
            external_id=resource.id or None,
            alias=resource.alias,
            parent=resource.parent,
            operation=operation,
            exchange=exchange,
        )

    async def intend(
        self, uid: str, service: str, account: str, resource: Resource, *, operation: str = "", exchange: str = ""
    ) -> Entry:
        """About to be made: on the disk when this returns. ``resource.id`` is empty unless the maker names it."""
        entry = self._entry(
            uid, service, account, resource, status="pending", origin="made", operation=operation, exchange=exchange
        )
        await self._store.add([entry])
        return entry

    async def made(self, entry: Entry, resource: Resource) -> None:
        """The provider said so."""
        await self._store.update(
            entry.id,
            changed_at=self._clock.now(),
            status="live",
            external_id=resource.id,
            alias=resource.alias or entry.alias,
            parent=resource.parent or entry.parent,
        )

    async def never(self, entry: Entry) -> None:
        """The provider refused for certain, or nothing was sent: there is nothing to take back."""
        await self._store.update(entry.id, changed_at=self._clock.now(), status="gone", outcome="refused")

    async def learn(
        self,
        uid: str,
        service: str,
        account: str,
        resources: Sequence[Resource],
        *,
        origin: Origin = "derived",
        operation: str = "",
        exchange: str = "",
    ) -> None:
        """They exist and are the environment's, unless somebody's already."""
        await self._store.add(
            [
                self._entry(
                    uid,
                    service,
                    account,
                    resource,
                    status="live",
                    origin=origin,
                    operation=operation,
                    exchange=exchange,
                )
                for resource in resources
            ]
        )

    async def ended(self, entry: Entry, outcome: Outcome) -> None:
        """It was taken back, or has its end there."""
        await self._store.update(entry.id, changed_at=self._clock.now(), status="gone", outcome=outcome, error="")

    async def deleted(self, account: str, ids: Sequence[str]) -> None:
        """The application itself deleted these."""
        for entry in (await self._store.known(account, ids)).values():
            if entry.status != "gone":
                await self.ended(entry, "deleted")

    async def hindered(self, entry: Entry, words: str) -> None:
        """The provider does not let go of it now."""
        await self._store.update(
            entry.id, changed_at=self._clock.now(), status="stuck", error=words[:2000], attempts=entry.attempts + 1
        )

    async def deleting(self, entry: Entry) -> None:
        """It is being taken back."""
        await self._store.update(entry.id, changed_at=self._clock.now(), status="deleting")

    async def known(self, account: str, ids: Sequence[str]) -> Mapping[str, Entry]:
        """The lines of these ids, whoever they belong to."""
        return await self._store.known(account, ids) if ids else {}

    async def named(self, uid: str, service: str, kind: str, alias: str) -> Entry | None:
        """The environment's own resource that the application knows by this name."""
        return await self._store.named(uid, service, kind, alias)

    async def left(self, uid: str, *, after: str | None = None, limit: int = 100) -> Sequence[Entry]:
        """What is not gone, newest first."""
        return await self._store.entries(uid, left=True, after=after, limit=limit)
