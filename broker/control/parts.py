"""What the control API works with: the composition root puts it together, tests put together less."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from broker.accounts import Accounts
from broker.budgets import Budgets
from broker.clock import Clock
from broker.drift import Drift
from broker.ending import Ending
from broker.environments import Environments
from broker.feed import Feed
from broker.hooks import Hooks
from broker.inbound import Inbound
from broker.inbox.inbox import Inbox
from broker.metrics import Metrics
from broker.recording import Recording
from broker.revocation import Revocation
from broker.settings import Settings
from broker.storage.base import Delivery, Environment, Mode, Storage
from broker.sweep import Sweep
from broker.triggers import Triggers
from broker.vault import Vault
from broker.verification.waiting import Waits
from mocks.base import MockService, Target


class Work(Protocol):
    """Durable work, as broker.workflows.workflows.Workflows does it."""

    async def close(self, name: str, *, wait: float | None = None) -> Mapping[str, Any]:
        """Close the environment and wait for the end; answers the receipt. Idempotent: a second call joins the
        first. Raises Conflict when it is not over within ``wait`` seconds."""
        ...

    async def resend(
        self, name: str, event_id: str, *, delivery_id: str | None = None, targets: Sequence[Target] = ()
    ) -> Sequence[Delivery]:
        """Deliver an event once more, where it went before, or else to ``targets``."""
        ...

    async def stuck(self) -> Sequence[Mapping[str, Any]]:
        """Closes that cannot go on for now."""
        ...

    async def sweep(self, **options: Any) -> Mapping[str, Any]:
        """Begin a run of the sweep (see Sweep.prepare). Raises NotFound, Conflict."""
        ...


class Quiet:
    """Nothing to wait for: what `unready` and `settle` are until the composition root says otherwise."""

    @staticmethod
    def unready() -> Sequence[str]:
        return ()

    @staticmethod
    async def settle() -> None:
        return None

    @staticmethod
    async def caught_up(environment: Environment) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that a control route may use."""

    settings: Settings
    clock: Clock
    vault: Vault
    storage: Storage
    services: Mapping[str, MockService]
    environments: Environments
    work: Work
    #: The bearer token that every route under /_broker/v1/ asks for.
    token: str
    metrics: Metrics = field(default_factory=Metrics)
    #: Webhooks from real providers; None where the server has no accounts.
    hooks: Hooks | None = None
    #: The real accounts; None where a test has none.
    accounts: Accounts | None = None
    #: What takes back at real providers, and looks for leftovers there.
    revocation: Revocation | None = None
    #: What environments spend there.
    budgets: Budgets | None = None
    sweeps: Sweep | None = None
    #: What finds out how true the mocks are.
    drift: Drift | None = None
    #: What makes events happen; None where a test has none.
    triggers: Triggers | None = None
    #: What lets mails from outside arrive; None where a test has none.
    inbound: Inbound | None = None
    #: Cassettes; None where a test has none.
    recording: Recording | None = None
    #: Who waits for mails; None where a test has nobody.
    inbox: Inbox | None = None
    #: That the server is about to stop.
    ending: Ending = field(default_factory=Ending)
    #: Who waits for what.
    waits: Waits = field(default_factory=Waits)
    #: The modes that have a backend; the others parse and are refused when a call comes.
    available_modes: frozenset[Mode] = frozenset({"mock", "refuse"})
    #: What the server still waits for, in words; empty when it is ready.
    unready: Callable[[], Sequence[str]] = Quiet.unready
    #: Waits until what was answered so far can be read in the journal.
    settle: Callable[[], Awaitable[None]] = Quiet.settle
    #: Exchanges as they are stored.
    feed: Feed = field(default_factory=Feed)
    #: Does what an environment's mocks have to do by its own time.
    caught_up: Callable[[Environment], Awaitable[None]] = Quiet.caught_up
