"""One protocol for every mode: a visit goes in, the provider's answer comes out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol, Self

from broker.visit import Visit
from contracts.contract import Match
from contracts.exchange import Response
from mocks.base import MockService


class Backend(Protocol):
    """Answers a visit whose operation is known; raises ServiceError, ContractViolation or Refusal, which the gateway
    renders."""

    async def answer(self, visit: Visit, service: MockService, match: Match) -> Response: ...


class Watched:
    """A body on its way, which whoever derives from this looks at as it passes. ``trailers`` are those of the body that
    it reads, complete at its end."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source

    @property
    def trailers(self) -> Any:
        return getattr(self._source, "trailers", {})

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._source)
