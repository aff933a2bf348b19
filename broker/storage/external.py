"""What the broker keeps of the world outside, and the protocol of the place that keeps it.

Real accounts, what is leased of them, and the ledger of everything that was made there. It stands beside
``Registry`` in the same database, because an id must be found whichever environment it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from broker.storage.drift import DriftStore

#: ``pending`` before and while it is made; ``live`` once the provider said so; ``deleting`` while it is taken back;
#: ``gone`` for good; ``stuck`` while the provider refuses to let go of it, which is tried again for ever.
EntryStatus = Literal["pending", "live", "deleting", "gone", "stuck"]

#: ``made`` by a call; ``derived``: learned from an answer or an event about another object; ``found`` by its marker.
Origin = Literal["made", "derived", "found"]

LeaseKind = Literal["account", "credential", "subaccount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A real account, configured once. ``secret`` says where the credential is: ``{"variable": NAME}``,
    ``{"file": PATH}`` or ``{"sealed": TEXT}``."""

    name: str
    service: str
    secret: Mapping[str, str]
    created_at: datetime
    #: None: the provider's own address.
    endpoint: str | None = None
    #: The pool that it is leased from, if any. ``exclusive``: by one environment at a time.
    pool: str | None = None
    exclusive: bool = False
    #: Patterns of the names of environments that may use it.
    environments: Sequence[str] = ("*",)
    #: None: the provider's own limit. Calls a second, and calls at once.
    rate: float | None = None
    concurrency: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    #: The provider's id of its webhook endpoint, the sealed secret that verifies it, and the end of its address.
    hook_id: str | None = None
    hook_secret_sealed: str | None = None
    hook_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """What an environment holds of an account. ``account`` is the account itself, out of a pool; ``credential`` and
    ``subaccount`` are the provider's own, made for this environment."""

    id: str
    uid: str
    service: str
    account: str
    kind: LeaseKind
    issued_at: datetime
    #: None: as long as the environment.
    expires_at: datetime | None = None
    renewable: bool = True
    revoked_at: datetime | None = None
    #: A sandboxes.base.Secret as sealed JSON.
    secret_sealed: str | None = None
    subaccount: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger: something that exists at a provider, or may. ``external_id`` is None until it is known;
    ``alias`` is the application's own name for it."""

    id: str
    uid: str
    service: str
    account: str
    kind: str
    status: EntryStatus
    origin: Origin
    created_at: datetime
    changed_at: datetime
    external_id: str | None = None
    alias: str = ""
    parent: str = ""
    operation: str = ""
    exchange: str = ""
    #: A sandboxes.base.Outcome, once it is gone; ``refused`` when the provider never made it.
    outcome: str = ""
    #: The provider's words, while it is stuck.
    error: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRow:
    """An event that a provider sent. ``uid`` is whose it is, None while nobody claims it."""

    account: str
    event_id: str
    type: str
    received_at: datetime
    payload: Mapping[str, Any]
    ids: Sequence[str] = ()
    markers: Sequence[str] = ()
    #: What it says exists, each as ``(kind, id, parent)``: ledger lines of its owner, once that is known.
    resources: Sequence[tuple[str, str, str]] = ()
    uid: str | None = None
    #: How it was attributed: ``ledger``, ``marker``, ``parent``, ``hand``; empty while unclaimed.
    by: str = ""
    #: Whether it is settled: its deliveries stand in the environment's outbox, or ``note`` says why there are none.
    routed: bool = False
    #: ``late``: its environment was being closed; ``muted``: the policy does not use the real provider; ``foreign``:
    #: unclaimed, and another broker's by its marker.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the orchestrator is told by a webhook of the broker's own."""

    id: str
    type: str
    payload: Mapping[str, Any]
    created_at: datetime
    status: Literal["pending", "delivered"] = "pending"
    attempts: int = 0
    next_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """What a component said that it sees: keyed digests of values, by the variable's name."""

    uid: str
    component: str
    digests: Mapping[str, str]
    at: datetime


class LedgerStore(Protocol):
    """Every external resource, in all environments. Writes of ``add`` with status ``pending`` survive a power cut."""

    async def add(self, entries: Sequence[Entry]) -> None:
        """In one transaction. One whose account, kind and external id are known already changes nothing, whoever it
        belongs to: the first to know an id owns it."""
        ...

    async def update(
        self,
        entry_id: str,
        *,
        changed_at: datetime,
        status: EntryStatus | None = None,
        external_id: str | None = None,
        alias: str | None = None,
        parent: str | None = None,
        outcome: str | None = None,
        error: str | None = None,
        attempts: int | None = None,
    ) -> None:
        """None leaves a column as it is. An external id that another entry has ends this one as ``gone``."""
        ...

    async def entry(self, entry_id: str) -> Entry | None: ...

    async def known(self, account: str, external_ids: Sequence[str]) -> Mapping[str, Entry]:
        """The entries of these ids, gone ones included, whichever kind they are of."""
        ...

    async def named(self, uid: str, service: str, kind: str, alias: str) -> Entry | None:
        """The environment's own resource of that name, the newest that is not gone."""
        ...

    async def entries(
        self,
        uid: str | None = None,
        *,
        account: str | None = None,
        service: str | None = None,
        kind: str | None = None,
        status: EntryStatus | None = None,
        left: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Entry]:
        """Newest first; ``after`` is an entry's id; ``left`` leaves out what is gone."""
        ...

    async def accounts(self, uid: str) -> Sequence[tuple[str, str]]:
        """``(service, account)`` of everything that was ever written down for it."""
        ...

    async def counts(self, uid: str) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """``{service: {kind: {status or outcome: number}}}``: what is gone counts by its outcome."""
        ...


class External(Protocol):
    """Accounts, leases, the ledger, events from providers, usage, notices and attestations."""

    @property
    def ledger(self) -> LedgerStore: ...

    @property
    def drift(self) -> DriftStore: ...

    # Accounts

    async def put_account(self, account: AccountRow) -> None: ...

    async def account(self, name: str) -> AccountRow | None: ...

    async def accounts(self, *, service: str | None = None, pool: str | None = None) -> Sequence[AccountRow]:
        """By name."""
        ...

    async def delete_account(self, name: str) -> bool: ...

    # Leases

    async def add_lease(self, lease: Lease) -> bool:
        """False, and nothing is written, when the account is exclusive and leased by another environment."""
        ...

    async def lease(self, lease_id: str) -> Lease | None: ...

    async def leases(
        self, uid: str | None = None, *, account: str | None = None, service: str | None = None, alive: bool = True
    ) -> Sequence[Lease]:
        """Oldest first; ``alive`` leaves out what was revoked."""
        ...

    async def update_lease(
        self,
        lease_id: str,
        *,
        expires_at: datetime | None = None,
        revoked_at: datetime | None = None,
        secret_sealed: str | None = None,
    ) -> None:
        """A revocation also forgets the secret."""
        ...

    # Events from providers

    async def add_hook(self, hook: HookRow) -> bool:
        """False when the account's event of that id is known: providers send some twice."""
        ...

    async def update_hook(
        self,
        account: str,
        event_id: str,
        *,
        uid: str | None = None,
        by: str | None = None,
        routed: bool | None = None,
        note: str | None = None,
    ) -> None:
        """None leaves a column as it is."""
        ...

    async def hook(self, account: str, event_id: str) -> HookRow | None: ...

    async def hooks(
        self,
        account: str | None = None,
        *,
        claimed: bool | None = None,
        routed: bool | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 100,
    ) -> Sequence[HookRow]:
        """Newest first; ``after`` is an event's account and id. Capped per account: the oldest that are settled go
        first."""
        ...

    # Usage: {"calls": 12, "mails": 1, "amount": 4200} since the window began

    async def usage(self, uid: str, service: str) -> tuple[datetime, Mapping[str, int]] | None: ...

    async def put_usage(self, uid: str, service: str, since: datetime, used: Mapping[str, int]) -> None: ...

    # Notices and attestations

    async def put_notice(self, notice: Notice) -> None: ...

    async def notice(self, notice_id: str) -> Notice | None: ...

    async def notices(
        self, *, status: Literal["pending", "delivered"] | None = None, limit: int = 100
    ) -> Sequence[Notice]:
        """Oldest first."""
        ...

    async def put_attested(self, attested: Attested) -> None:
        """Replaces what the component said before."""
        ...

    async def attested(self, uid: str) -> Sequence[Attested]:
        """By component."""
        ...

    # Facts about this server itself

    async def fact(self, name: str) -> str | None: ...

    async def put_fact(self, name: str, value: str) -> str:
        """The value that stands: the first one that was put under that name."""
        ...

    async def replace_fact(self, name: str, value: str) -> None:
        """The last value stands."""
        ...
