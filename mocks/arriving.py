"""A mail from outside that arrives at a service, which tells the application of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mocks.base import Call

#: Bytes of a mail: what providers take.
MOST = 30 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arriving:
    """``raw`` is the message as RFC 5322 has it; ``to`` and ``sender`` are the envelope's; ``client`` is the address of
    the server that brought it."""

    raw: bytes
    to: Sequence[str]
    sender: str
    client: str


#: Plans the deliveries of a mail, and answers one entry for each: {"event", "url", "to"}; none where nobody waits.
Receive = Callable[["Call", Arriving], Awaitable[Sequence[dict[str, Any]]]]
