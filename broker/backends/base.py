"""One protocol for every mode: a visit goes in, the provider's answer comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from broker.directory import Entry
from contracts.contract import Match
from contracts.exchange import Request, Response
from mocks.base import MockService


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request on its way through the gateway, with what was found out about it so far."""

    id: str
    entry: Entry
    service: MockService
    #: Name of the credential's spec; None for an anonymous caller.
    credential: str | None
    request: Request
    match: Match
    now: datetime
    #: ``stateful`` when a handler answered, ``generated`` when the generic engine did.
    fidelity: str | None = None
    #: Broken promises of either side, for the journal: {"side", "where", "rule", "message"}.
    violations: list[dict[str, Any]] = field(default_factory=list)
    #: Keys that the state did not have.
    missed: list[str] = field(default_factory=list)


class Backend(Protocol):
    """Answers a visit; raises ServiceError, ContractViolation or Refusal, which the gateway renders."""

    async def answer(self, visit: Visit) -> Response: ...
