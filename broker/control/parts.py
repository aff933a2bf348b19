"""What the control API works with: the composition root puts it together, tests put together less."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from broker.clock import Clock
from broker.environments import Environments
from broker.metrics import Metrics
from broker.settings import Settings
from broker.storage.base import Environment, Storage
from broker.vault import Vault
from mocks.base import MockService


class Closing(Protocol):
    """The durable teardown of an environment."""

    async def close(self, environment: Environment) -> Mapping[str, Any]:
        """Close it and wait for the end; answers the receipt. Idempotent: a second call joins the first."""
        ...


class Resending(Protocol):
    """The durable delivery of events."""

    async def resend(self, environment: Environment, event_id: str) -> Sequence[str]:
        """Deliver an event once more, to each of its targets; answers the ids of the new deliveries."""
        ...


def _ready() -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that a control route may use."""

    settings: Settings
    clock: Clock
    vault: Vault
    storage: Storage
    services: Mapping[str, MockService]
    environments: Environments
    closing: Closing
    resending: Resending
    #: The bearer token that every route under /_broker/v1/ asks for.
    token: str
    metrics: Metrics = field(default_factory=Metrics)
    #: What the server still waits for, in words; empty when it is ready.
    unready: Callable[[], Sequence[str]] = _ready
    #: Waits until the exchanges that were answered so far can be read in the journal.
    settle_journal: Callable[[Environment], Any] | None = None
