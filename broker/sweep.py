"""What carries this server's marker at a provider and belongs to no living environment: found, listed, deleted by age.

The second line of defence behind every close. What an open environment made and the ledger does not know is written
down; what an environment is closing is left to its close; anything else is a leftover. A run can be repeated from the
start at any time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import orjson

from broker.accounts import Accounts
from broker.clock import Clock
from broker.errors import Conflict, NotFound
from broker.ledger import Ledger
from broker.listing import ENDS, unasked
from broker.revocation import Revocation, Taking, in_order
from broker.storage.base import Environment, Storage
from broker.storage.external import AccountRow, Entry
from sandboxes.base import Found, Resource, SandboxProvider

log = logging.getLogger("broker.sweep")

#: Leftovers of one account that one run deletes; the next one goes on.
_MOST = 10_000
#: Rows that a run keeps for people; its figures count all.
_ROWS = 1000
_PAGE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Under which the last run is stored.
_FACT = "sweep"
#: Under which the last night is stored.
_NIGHT = "sweep.night"
#: A marker may name the uid by its random end only.
_SHORT = 10

Run = dict[str, Any]


@dataclass(slots=True)
class _Leftover:
    resource: Resource
    uid: str
    name: str
    created_at: datetime | None
    entry: Entry | None = None


@dataclass(slots=True)
class _Account:
    """One account in one run."""

    row: AccountRow
    provider: SandboxProvider
    owners: dict[str, Environment | None] = field(default_factory=dict)
    leftovers: dict[tuple[str, str], _Leftover] = field(default_factory=dict)


class Sweep:
    """``keep`` are patterns of ids, names and owners that are never deleted by it."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        accounts: Accounts,
        ledger: Ledger,
        revocation: Revocation,
        keep: Sequence[str] = (),
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._accounts = accounts
        self._ledger = ledger
        self._revocation = revocation
        self._keep = keep
        self._run: Run | None = None
        self._one = asyncio.Lock()

    async def prepare(
        self, *, dry_run: bool = False, min_age: timedelta = timedelta(hours=1), account: str | None = None
    ) -> Run:
        """A new run, stored, for ``attempt``. Raises NotFound for an unknown account, Conflict while one is at work."""
        if account is not None and await self._storage.external.account(account) is None:
            raise NotFound(f"no account is called {account}")
        if self._run is not None and self._run["status"] != "ended":
            raise Conflict("a sweep is at work already; `GET /_broker/v1/sweep` shows how far it is")
        self._run = {
            "id": "swp_" + self._clock.text(16),
            "status": "waiting",
            "dry_run": dry_run,
            "min_age_seconds": int(min_age.total_seconds()),
            "account": account,
            "begun_at": self._clock.now().isoformat(),
            "ended_at": None,
            "accounts": {},
            "counts": {},
            "rows": [],
        }
        await self._store(self._run)
        return self._run

    async def last(self) -> Run | None:
        """The run that is at work, or the last one."""
        if self._run is not None:
            return self._run
        text = await self._storage.external.fact(_FACT)
        return None if text is None else orjson.loads(text)

    async def unfinished(self) -> Run | None:
        """The run that an earlier process left."""
        run = await self.last()
        return run if run is not None and run["status"] != "ended" and self._run is None else None

    async def due(self, at: str) -> bool:
        """Whether the nightly run of ``at`` (``03:00``, in UTC) is due: answered once for each night, to whoever asks
        first after that time, so that a server that was down makes up for it. Never while there is no account."""
        external = self._storage.external
        if at == "off":
            return False
        now = self._clock.now()
        hour, minute = (int(part) for part in at.split(":"))
        slot = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        night = (slot if slot <= now else slot - timedelta(days=1)).isoformat()
        if await external.fact(_NIGHT) == night or (self._run is not None and self._run["status"] != "ended"):
            return False
        await external.replace_fact(_NIGHT, night)
        return bool(await external.accounts())

    async def attempt(self, run: Mapping[str, Any]) -> float | None:
        """Do a run from its start. Never raises, and never asks for another attempt: an account that cannot be asked
        is said in the run, and looked at by the next one."""
        async with self._one:
            self._run = mine = {**run, "status": "running", "accounts": {}, "counts": {}, "rows": []}
            for row in await self._storage.external.accounts():
                if mine["account"] in (None, row.name):
                    mine["accounts"][row.name] = {"status": "waiting", "listed": 0, "words": ""}
            for name, state in mine["accounts"].items():
                state["status"] = "listing"
                try:
                    present = await self._storage.external.account(name)
                    if present is not None:
                        await self._account(mine, present, state)
                    state["status"] = "done"
                except Exception as error:
                    state |= {"status": "failed", "words": unasked(name, error)}
            mine |= {"status": "ended", "ended_at": self._clock.now().isoformat()}
            await self._store(mine)
        return None

    async def _store(self, run: Run) -> None:
        await self._storage.external.replace_fact(_FACT, orjson.dumps(run).decode())

    async def _account(self, run: Run, row: AccountRow, state: dict[str, Any]) -> None:
        provider, real = await self._accounts.named(row.name)
        send = self._accounts.send(provider, real)
        account = _Account(row, provider)
        batch: list[Found] = []
        async for found in provider.find(await self._accounts.marker(), _EPOCH, send):
            state["listed"] += 1
            batch.append(found)
            if len(batch) == _PAGE:
                await self._sort(run, account, batch)
                batch = []
        await self._sort(run, account, batch)
        await self._forgotten(account)
        state["status"] = "deleting"
        taking = Taking(self._revocation, provider, send, {})
        for leftover in _ordered(account):
            await self._treat(run, account, leftover, taking)
        state["words"] = "; ".join(words for words in taking.words(row.name) if words.startswith("account "))

    async def _owner(self, account: _Account, owner: str) -> Environment | None:
        if owner not in account.owners:
            registry = self._storage.registry
            found = await registry.environment_by_uid(owner)
            if found is None and len(owner) == _SHORT:
                found = await registry.environment_ending(owner)
            account.owners[owner] = found
        return account.owners[owner]

    async def _sort(self, run: Run, account: _Account, batch: Sequence[Found]) -> None:
        known = await self._ledger.known(account.row.name, [found.resource.id for found in batch])
        for found in batch:
            if not found.owner or found.resource.id == account.row.hook_id:
                _count(run, "own")  # what this server keeps for itself, an endpoint for events
                continue
            resource, environment = found.resource, await self._owner(account, found.owner)
            entry = known.get(resource.id)
            entry = entry if entry is not None and entry.kind == resource.kind else None
            if entry is not None and entry.status != "gone":
                # The ledger is surer than a marker, which an application may have copied.
                environment = await self._owner(account, entry.uid)
            if environment is not None and environment.status == "open":
                _count(run, "open")
                if entry is None and not run["dry_run"]:
                    uid, service = environment.uid, account.row.service
                    await self._ledger.learn(uid, service, account.row.name, [resource], origin="found")
                    _count(run, "learned")
            elif environment is not None and environment.status == "closing":
                _count(run, "closing")
            elif entry is not None and entry.status == "gone" and entry.outcome in ENDS:
                _count(run, "ended")
            elif len(account.leftovers) < _MOST:
                uid = environment.uid if environment else found.owner
                name = environment.name if environment else found.owner
                leftover = _Leftover(resource, uid, name, found.created_at, entry)
                account.leftovers[resource.kind, resource.id] = leftover
            else:
                _count(run, "later")

    async def _forgotten(self, account: _Account) -> None:
        """Lines of closed environments that are not gone: learned from events that came after the close."""
        after: str | None = None
        store = self._storage.external.ledger
        while page := await store.entries(account=account.row.name, left=True, after=after, limit=_PAGE):
            after = page[-1].id
            for entry in page:
                environment = await self._owner(account, entry.uid)
                closed = environment is None or environment.status == "closed"
                if closed and entry.external_id and len(account.leftovers) < _MOST:
                    resource = Resource(entry.kind, entry.external_id, entry.alias, entry.parent)
                    name = environment.name if environment else entry.uid
                    leftover = _Leftover(resource, entry.uid, name, entry.created_at, entry)
                    account.leftovers.setdefault((entry.kind, entry.external_id), leftover)

    async def _treat(self, run: Run, account: _Account, leftover: _Leftover, taking: Taking) -> None:
        age = None if leftover.created_at is None else (self._clock.now() - leftover.created_at).total_seconds()
        action, words = "would delete", ""
        if pattern := self._blocked(leftover):
            action, words = "blocked", f"BROKER_SWEEP_KEEP has {pattern}"
        elif age is not None and age < run["min_age_seconds"]:
            action, words = "kept", "it is too young"
        elif not run["dry_run"]:
            action, words = await self._delete(account, leftover, taking)
        _count(run, action)
        if len(run["rows"]) < _ROWS:
            run["rows"].append(
                {
                    "account": account.row.name,
                    "kind": leftover.resource.kind,
                    "id": leftover.resource.id,
                    "owner": leftover.name,
                    "age_seconds": None if age is None else int(age),
                    "action": action,
                    "words": words,
                }
            )

    def _blocked(self, leftover: _Leftover) -> str | None:
        names = (leftover.resource.id, leftover.resource.alias, leftover.uid, leftover.name)
        return next((each for each in self._keep if any(fnmatchcase(name, each) for name in names)), None)

    async def _delete(self, account: _Account, leftover: _Leftover, taking: Taking) -> tuple[str, str]:
        entry, store = leftover.entry, self._storage.external.ledger
        if entry is None or (entry.status == "gone" and entry.uid != leftover.uid):
            await self._ledger.learn(
                leftover.uid, account.row.service, account.row.name, [leftover.resource], origin="found"
            )
        elif entry.status == "gone":
            await self._ledger.made(entry, leftover.resource)
        entry = (await self._ledger.known(account.row.name, [leftover.resource.id])).get(leftover.resource.id)
        if entry is None or entry.kind != leftover.resource.kind:
            return "stuck", "the ledger knows that id as another thing"
        await taking.take(entry)
        after = await store.entry(entry.id)
        if after is not None and after.status == "gone":
            return "deleted", "" if after.outcome == "deleted" else after.outcome
        return "stuck", (after.error if after else "") or "the provider does not answer"


def _count(run: Run, action: str) -> None:
    run["counts"][action] = run["counts"].get(action, 0) + 1


def _ordered(account: _Account) -> Sequence[_Leftover]:
    """As a close deletes: in the order of the kinds, the newest first."""
    kinds: dict[str, list[_Leftover]] = {}
    for leftover in account.leftovers.values():
        kinds.setdefault(leftover.resource.kind, []).append(leftover)
    return [
        leftover
        for kind in in_order(kinds, account.provider.order)
        for leftover in sorted(kinds[kind], key=lambda each: each.created_at or _EPOCH, reverse=True)
    ]
