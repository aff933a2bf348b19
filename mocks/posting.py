"""What a provider's webhooks have beyond one signed request for each event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.exchange import Request, Response

if TYPE_CHECKING:
    from mocks.base import Target

#: A member of events whose body was written when they happened: the blob's id. What signs them writes the head alone.
BODY = "_body"


class NotGranted(Exception):
    """A target's server gave no token; the text says what it did instead."""


@dataclass(frozen=True, slots=True)
class Batching:
    """Several events go to a target in one request. ``sign`` writes it; ``most`` is how many it holds; ``of`` says
    which events go together, the others go alone; for ``gather`` seconds what is due to a target waits for more."""

    sign: Callable[[Sequence[Mapping[str, Any]], Target, datetime], Request]
    most: int
    of: Callable[[Mapping[str, Any]], bool]
    gather: float = 0.1


@dataclass(frozen=True, slots=True)
class Granting:
    """A target may ask for a token that its own server gives: ``ask`` is the request for one and its URL, None where it
    wants none; ``admit`` puts what was answered into the delivery. Raises NotGranted."""

    ask: Callable[[Target], tuple[str, Request] | None]
    admit: Callable[[Request, Response], Request]
