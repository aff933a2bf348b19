"""One protocol for every mode: a visit goes in, the provider's answer comes out."""

from __future__ import annotations

from typing import Protocol

from broker.visit import Visit
from contracts.contract import Match
from contracts.exchange import Response
from mocks.base import MockService


class Backend(Protocol):
    """Answers a visit whose operation is known; raises ServiceError, ContractViolation or Refusal, which the gateway
    renders."""

    async def answer(self, visit: Visit, service: MockService, match: Match) -> Response: ...
