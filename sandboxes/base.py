"""The seam of a real provider: which of its effects may pass, and how each is taken back.

Rules are data and deny by default: an operation without a rule is refused, because an effect that
cannot be undone at teardown must not pass.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from contracts.contract import Contract
from contracts.exchange import Request, Response

#: Sends one request to the provider through the broker's allow-listed client.
Upstream = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an operation does at the provider. ``id_pointer`` walks to the made or deleted object's id in the
    answer (create) or names the path parameter (delete)."""

    effect: Literal["read", "create", "delete"]
    kind: str = ""
    id_pointer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Marker:
    """The text that marks everything made for one environment at the provider."""

    value: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A real credential, held by the gateway only. Its repr shows nothing."""

    key: str
    secret: str | None = None

    def __repr__(self) -> str:
        return "Secret(...)"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that exists at the provider and is ours to delete."""

    kind: str
    id: str


class SandboxProvider(Protocol):
    """One real provider. ``hosts`` are the only ones that it may reach."""

    name: str
    hosts: frozenset[str]
    rules: Mapping[str, Rule]

    def contract(self) -> Contract: ...

    def credential(self, request: Request) -> str | None: ...

    def outbound(self, request: Request, secret: Secret, marker: Marker) -> Request:
        """Pure: swap the key, add the marker, sign again."""
        ...

    async def revoke(self, resource: Resource, send: Upstream) -> None:
        """Idempotent: an absent resource is done."""
        ...

    def find(self, marker: Marker, send: Upstream) -> AsyncIterator[Resource]:
        """What of ours is left there."""
        ...
