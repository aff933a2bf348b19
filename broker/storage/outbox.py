"""Events on their way out of an environment: their rows, and what stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

#: ``failed``: every attempt was made, and nothing sends it again by itself.
DeliveryStatus = Literal["pending", "delivered", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a mock, as its targets will hear it."""

    id: str
    service: str
    type: str
    payload: Mapping[str, Any]
    created_at: datetime
    #: Whose test it is of (broker/scopes.py).
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one target. ``secret_sealed`` signs it; ``endpoint`` is the provider's id of the target."""

    id: str
    event_id: str
    service: str
    url: str
    secret_sealed: str
    endpoint: str | None
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None
    created_at: datetime
    #: The event's.
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of a delivery. ``status`` is the target's HTTP status, None when it gave none; then ``error`` tells."""

    number: int
    at: datetime
    status: int | None
    error: str | None
    duration_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An attempt that was made, and what its delivery is since then."""

    delivery_id: str
    attempt: Attempt
    status: DeliveryStatus
    next_at: datetime | None


class OutboxStore(Protocol):
    """Events, their deliveries and attempts of one environment."""

    async def event(self, event_id: str) -> Event | None: ...

    async def events(
        self,
        *,
        service: str | None = None,
        type: str | None = None,
        scope: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        """Newest first."""
        ...

    async def events_since(self, event_id: str | None, *, limit: int = 100) -> Sequence[Event]:
        """What came after an event, oldest first; None, or an event that is not here (any more): from the beginning."""
        ...

    async def delivery(self, delivery_id: str) -> Delivery | None: ...

    async def deliveries(
        self, *, event_id: str | None = None, status: str | None = None, limit: int = 1000
    ) -> Sequence[Delivery]: ...

    async def latest_deliveries(
        self,
        *,
        service: str | None = None,
        status: str | None = None,
        scope: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Sequence[Delivery]:
        """Newest first; ``after`` is a delivery's id."""
        ...

    async def sent(
        self, *, scope: str | None = None, after: str | None = None, limit: int = 100
    ) -> Sequence[tuple[Delivery, Event, Sequence[Attempt]]]:
        """Deliveries with what they deliver and how that went, newest first; ``after`` is a delivery's id."""
        ...

    async def attempts(self, delivery_id: str) -> Sequence[Attempt]: ...

    async def undelivered(self, event_id: str) -> int:
        """The places that an event was sent to, and none of whose deliveries arrived."""
        ...

    async def add_event(self, event: Event, deliveries: Sequence[Delivery]) -> bool:
        """An event that came from outside, with its deliveries, in one transaction. False, and nothing is written, when
        an event of that id is here."""
        ...

    async def add_delivery(self, delivery: Delivery) -> None:
        """A replay that somebody asked for."""
        ...

    async def seal_again(self, service: str, endpoint: str | None, secret_sealed: str) -> None:
        """Sign what goes to an endpoint, or to the environment's own targets, with another secret."""
        ...

    async def record_attempts(self, made: Sequence[Made]) -> None:
        """Attempts and their deliveries' new states, in one transaction; the same attempt number twice is one."""
        ...
