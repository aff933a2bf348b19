"""What a provider's webhooks have beyond one signed request for each event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from contracts.exchange import Request, Response

if TYPE_CHECKING:
    from mocks.base import Target

#: A member of events whose body was written when they happened: the ``id`` and ``size`` of the blob. What signs them
#: writes the head alone.
BODY = "_body"


class NotGranted(Exception):
    """A target's server gave no token; the text says what it did instead."""


def stored_body(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The blob of an event's body, where it has one. A provider's own event may have a member of that name: text."""
    found = payload.get(BODY)
    return found if isinstance(found, Mapping) else None


class BodySeal(Protocol):
    """Signs a body that was stored: every chunk of it, then the headers."""

    def update(self, chunk: bytes) -> None: ...

    def headers(self) -> Sequence[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Batching:
    """Several events go to a target in one request. ``sign`` writes it; ``most`` is how many it holds, and ``bytes``
    about how many bytes of JSON; ``of`` says which events go together, the others go alone; for ``gather`` seconds what
    is due to a target waits for more."""

    sign: Callable[[Sequence[Mapping[str, Any]], Target, datetime], Request]
    most: int
    of: Callable[[Mapping[str, Any]], bool]
    gather: float = 0.1
    bytes: int = 768 * 1024


@dataclass(frozen=True, slots=True)
class Granting:
    """A target may ask for a token that its own server gives: ``ask`` is the request for one and its URL, None where it
    wants none; ``admit`` puts what was answered into the delivery. Raises NotGranted."""

    ask: Callable[[Target], tuple[str, Request] | None]
    admit: Callable[[Request, Response], Request]
