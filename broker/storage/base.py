"""What the broker keeps, and the protocols of the places that keep it.

``Registry`` holds what is known across environments (who exists, whose key is this, incidents,
receipts); ``EnvironmentStore`` holds everything of one environment and vanishes with it. SQLite
implements both today; PostgreSQL comes behind the same protocols and the same test suite.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from broker.storage.expectations import Expectation as Expectation
from broker.storage.expectations import ExpectationStore as ExpectationStore
from broker.storage.external import External
from broker.storage.looking import Wanted as Wanted
from broker.storage.mail import Bodies, MailStore
from broker.storage.outbox import Attempt as Attempt
from broker.storage.outbox import Delivery as Delivery
from broker.storage.outbox import Event as Event
from broker.storage.outbox import Made as Made
from broker.storage.outbox import OutboxStore as OutboxStore
from broker.storage.room import QuotaReached as QuotaReached
from broker.storage.room import Room as Room
from broker.storage.traffic import Figures as Figures
from mocks.base import Blob, Mail, Record, State

Status = Literal["open", "closing", "closed"]

#: Who opened it for whom: a pull request from a fork gets mocks only, whatever its policy says.
Trust = Literal["member", "fork"]

#: How a service's calls are answered for an environment.
Mode = Literal["mock", "sandbox", "record", "replay", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One opening of a pull request's environment. A name that is opened again is another one: ``uid`` and
    ``tag`` differ, so that nothing of the earlier one can be mistaken for it. Closed ones stay as tombstones."""

    name: str
    #: Unique for ever; names the folder.
    uid: str
    #: Five characters that every id made for it carries.
    tag: str
    status: Status
    #: The validated policy document (broker/policy.schema.json), with defaults filled in.
    policy: Mapping[str, Any]
    #: Makes generated answers repeatable.
    seed: int
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None = None
    trust: Trust = "member"
    #: What its mocks take for the time: this moment as long as it is set, else that much after the server's clock.
    frozen_at: datetime | None = None
    ahead: timedelta = timedelta()

    @property
    def realm(self) -> str:
        """What no other living environment has, and what a reopened one has again: see mocks.base.Call."""
        return self.name

    def at(self, now: datetime) -> datetime:
        """The environment's own time, when the server's is ``now``."""
        return self.frozen_at or now + self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A virtual credential. ``key_hash`` finds it; key and secret are sealed, because the bundle repeats them. One that
    was rotated opens its environment until ``dies_at``."""

    environment: str  # uid
    service: str
    spec: str
    key_hash: bytes
    key_sealed: str
    secret_sealed: str | None
    presented: bool
    dies_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An attempt to cross a wall, or a key that must not be here. ``environment`` is the name that the caller
    addressed or whose key it used; None when neither is known."""

    id: str
    at: datetime
    kind: str  # a mocks.base.Reason, or "foreign_id"
    environment: str | None
    uid: str | None
    service: str | None
    message: str
    #: method, path (redacted), operation, exchange id, the other environment's name when known to be safe
    details: Mapping[str, Any] = field(default_factory=dict)


class Registry(Protocol):
    """What is known across environments."""

    async def add_environment(self, environment: Environment, credentials: Sequence[Credential]) -> None:
        """One transaction. Raises ``NameTaken`` when an environment of that name is not closed, or the tag exists."""
        ...

    async def environment(self, name: str) -> Environment | None:
        """The newest one of that name, tombstones included."""
        ...

    async def environment_by_uid(self, uid: str) -> Environment | None: ...

    async def status(self, uid: str) -> Status | None:
        """Of an environment, at the price of one column."""
        ...

    async def environment_by_tag(self, tag: str) -> Environment | None: ...

    async def environments(
        self, *, status: Status | None = None, text: str = "", after: str | None = None, limit: int = 100
    ) -> Sequence[Environment]:
        """By name, the newest opening of each name; those whose name contains ``text``."""
        ...

    async def count_environments(self) -> Mapping[str, int]:
        """By status, the newest opening of each name."""
        ...

    async def expired(self, now: datetime) -> Sequence[Environment]:
        """Open environments whose time is over."""
        ...

    async def update_environment(
        self,
        uid: str,
        *,
        status: Status | None = None,
        policy: Mapping[str, Any] | None = None,
        expires_at: datetime | None = None,
        closed_at: datetime | None = None,
        trust: Trust | None = None,
        clock: tuple[datetime | None, timedelta] | None = None,
    ) -> Environment:
        """Change what is given; ``clock`` is ``frozen_at`` and ``ahead``."""
        ...

    async def credential(self, key_hash: bytes) -> Credential | None: ...

    async def credentials(self, uid: str) -> Sequence[Credential]:
        """The present ones: without those that were rotated."""
        ...

    async def end_credential(self, uid: str, service: str, spec: str, dies_at: datetime) -> None:
        """Let the living credentials of that name die at that time, the latest."""
        ...

    async def rotate_credentials(self, uid: str, fresh: Sequence[Credential], dies_at: datetime) -> None:
        """One transaction: the present ones of the same services and specs, and those of earlier rotations, open their
        environment until ``dies_at`` at the longest, and the fresh ones take their place."""
        ...

    async def environment_ending(self, short: str) -> Environment | None:
        """The environment whose uid ends with these ten characters."""
        ...

    def sealed_sample(self) -> str | None:
        """Some living credential as it was sealed, to try a key on; None when none lives."""
        ...

    async def kill_credentials(self, uid: str) -> int:
        """Dead at once; the hashes stay, so that a late call is recognised. Answers how many."""
        ...

    async def add_incident(self, incident: Incident) -> None:
        """Capped per environment: the oldest go first."""
        ...

    async def incidents(
        self, environment: str | None, *, after: str | None = None, limit: int = 100
    ) -> Sequence[Incident]:
        """Newest first, of the newest opening of that name; of every environment and of none when it is None."""
        ...

    async def put_receipt(self, uid: str, receipt: Mapping[str, Any]) -> None: ...

    async def receipt(self, uid: str) -> Mapping[str, Any] | None: ...

    def close(self) -> None: ...


class StoreGone(LookupError):
    """The environment's store was destroyed while a call was on its way to it."""


class NameTaken(Exception):
    """An environment of that name (or that tag) exists."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One journal entry, already redacted. Headers and bodies are text for people; bodies are cut at the cap."""

    id: str
    at: datetime
    service: str | None
    operation: str | None
    mode: str
    fidelity: str | None
    method: str
    path: str
    status: int
    duration_ms: float
    request_headers: Sequence[tuple[str, str]] = ()
    request_body: str | None = None
    request_size: int = 0
    response_headers: Sequence[tuple[str, str]] = ()
    response_body: str | None = None
    response_size: int = 0
    #: {"side": "request" | "response", "where", "rule", "message"}
    violations: Sequence[Mapping[str, Any]] = ()
    incident: str | None = None
    #: Whose test it is of (broker/scopes.py).
    scope: str = ""


class Transaction(State, Protocol):
    """A State with its end: exactly one of commit and rollback is called."""

    #: Keys that a ``get`` or ``delete`` did not find, for recognising foreign ids.
    missed: list[str]

    async def start(self) -> None:
        """Open the write phase, which the three ``add_`` methods need."""
        ...

    def add_event(self, event: Event) -> None: ...

    def add_delivery(self, delivery: Delivery) -> None: ...

    def add_mail(
        self, service: str, mail: Mail, at: datetime, scope: str = "", bodies: Bodies | None = None
    ) -> None: ...

    async def keep(self, chunks: AsyncIterable[bytes], size: int | None = None) -> Blob:
        """As ``write_blob``, for bytes that are at hand: the call goes on holding what it holds."""
        ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class JournalStore(Protocol):
    """The exchanges of one environment, capped by count and bytes: the oldest go first."""

    async def add(self, exchanges: Sequence[Exchange]) -> None: ...

    async def exchange(self, exchange_id: str) -> Exchange | None: ...

    async def exchanges(
        self,
        *,
        service: str | None = None,
        operation: str | None = None,
        violations_only: bool = False,
        scope: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Exchange]:
        """Newest first; ``after`` is an exchange id."""
        ...

    async def search(
        self, wanted: Wanted, *, after: str | None = None, limit: int = 100
    ) -> tuple[Sequence[Exchange], str | None]:
        """Newest first, and the ``after`` with which the search goes on, None at its end. What is rare is looked for
        in steps: a page may have few or none and still be followed by another one."""
        ...

    async def traffic(
        self, since: datetime, step: timedelta, service: str | None = None
    ) -> tuple[Sequence[Figures], Mapping[str, int]]:
        """The figures of each step since then that had any exchange, oldest first, of a service or of all; and how
        many exchanges each service had. ``since`` and ``step`` are of whole stretches (storage.traffic)."""
        ...

    def scan(
        self, *, tags: Sequence[str | None] = (), scope: str | None = None, since: datetime | None = None
    ) -> AsyncIterator[Sequence[Exchange]]:
        """Newest first, in pieces, so that calls have their turn in between: all that can be of the scope, and of the
        services and operations that ``tags`` name, and did not come before ``since``. A piece has others, too."""
        ...

    async def called(self) -> Collection[str]:
        """Names of services and ids of operations that it shows. Cheap: no exchange is read."""
        ...


class EnvironmentStore(Protocol):
    """Everything of one environment."""

    #: Calls that run now: a busy store is not closed.
    users: int
    #: What blobs take, and may take.
    room: Room

    @property
    def outbox(self) -> OutboxStore: ...

    @property
    def journal(self) -> JournalStore: ...

    @property
    def mailbox(self) -> MailStore: ...

    @property
    def expectations(self) -> ExpectationStore: ...

    def listening(self) -> AbstractContextManager[asyncio.Event]:
        """Inside it, the event is set whenever something has been written, and when the store is closed."""
        ...

    def begin(self, service: str, events_kind: str | None = None) -> Transaction:
        """A call's transaction, scoped to one service. Costs nothing until it is used. ``events_kind`` is the kind of
        record under which the service's events can be read."""
        ...

    def read_blob(self, service: str, blob_id: str) -> AsyncIterator[bytes]: ...

    async def records(
        self, service: str, kind: str, *, after: str | None = None, limit: int = 100
    ) -> Sequence[tuple[str, Record]]:
        """What a service's mock keeps of a kind, with its keys, newest first; for people who look, beside all calls."""
        ...

    async def record(self, service: str, kind: str, key: str) -> Record | None: ...

    async def inventory(self) -> Mapping[str, Any]:
        """What exists, for receipts and `show`: ``{"records": {service: {kind: count}}, "blobs": {"count",
        "bytes"}, "events", "deliveries", "mails", "exchanges"}``."""
        ...

    async def reset(self) -> None:
        """Empty the mocks, mails and events; journal and credentials stay."""
        ...


class Storage(Protocol):
    """Where the registry and the environments' stores live."""

    @property
    def registry(self) -> Registry: ...

    @property
    def external(self) -> External: ...

    async def create(self, environment: Environment) -> EnvironmentStore: ...

    async def open(self, environment: Environment) -> EnvironmentStore:
        """The store of an existing environment; cheap when it is open already. Raises StoreGone once it was destroyed,
        so that a late call cannot bring it back."""
        ...

    async def rest(self, seconds: float) -> int:
        """Close what has not been used for so long; answers how many stores that were."""
        ...

    async def sweep(self) -> int:
        """Delete what calls left behind that were cut off by the server's end, of all environments, open or not;
        answers how many files. Runs beside calls."""
        ...

    async def destroy(self, environment: Environment) -> Mapping[str, Any]:
        """Delete everything of it, idempotently; answers ``{"files", "bytes"}`` that were deleted."""
        ...

    async def census(self, environment: Environment) -> Mapping[str, int]:
        """What ``destroy`` would delete: ``{"files", "bytes"}``."""
        ...

    def removed(self, uid: str) -> Mapping[str, int] | None:
        """How far a running ``destroy`` is: ``{"files", "bytes"}``."""
        ...

    def make_room(self) -> None:
        """Before a close or a deletion, which write before they delete: give up space that was set aside when the disk
        is full. A sweep, or a close, sets it aside again."""
        ...

    async def leftovers(self, environment: Environment) -> Sequence[str]:
        """What of it still exists, the first hundred by name: empty once it is destroyed."""
        ...

    async def close(self) -> None: ...
