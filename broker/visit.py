"""One request on its way through the gateway, with what was found out about it so far.

A visit becomes a journal entry when it is over; until then it holds secrets and lives in memory only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broker.directory import Entry
from broker.storage.base import Mode
from contracts.contract import Match, Operation
from contracts.exchange import Request
from mocks.base import MockService, Reason


@dataclass(slots=True)
class Visit:
    """Filled in step by step; see gateway.Gateway.answer."""

    id: str
    entry: Entry
    service: MockService | None
    #: Name of the credential's spec; None for an anonymous caller.
    credential: str | None
    request: Request
    now: datetime
    #: Monotonic seconds at which the request arrived.
    started: float
    mode: Mode = "refuse"
    match: Match | None = None
    #: What the mock was asked in the words of its contract's version, where that is not what was sent.
    adapted: Request | None = None
    #: ``stateful`` when a handler answered, ``generated`` when the generic engine did, ``real`` when the provider did,
    #: ``recorded`` when a cassette did.
    fidelity: str | None = None
    #: Why the broker itself turned the call away, where it did.
    refusal: Reason | None = None
    #: Broken promises of either side: {"side", "where", "rule", "message"}.
    violations: list[dict[str, Any]] = field(default_factory=list)
    #: Keys that the state did not have.
    missed: list[str] = field(default_factory=list)
    #: Ids at the real provider that belong to others, with the uids of their environments.
    crossed: list[tuple[str, str]] = field(default_factory=list)
    #: A page for people was asked for, which carries nothing of the provider's protocol.
    is_page: bool = False
    #: The id of the incident that this visit became, if any.
    incident: str | None = None
    #: Header fields that the answer has besides its own.
    headers: list[tuple[str, str]] = field(default_factory=list)
    #: What the service keeps of a credential that its own API made; None for all others.
    grant: Mapping[str, Any] | None = None
    #: Whose test the call is of (broker/scopes.py), "" for nobody's.
    scope: str = ""

    @property
    def operation(self) -> Operation | None:
        """What is called, once it is known."""
        return self.match.operation if self.match else None
