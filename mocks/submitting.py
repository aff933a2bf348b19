"""A message that an application submits by SMTP to a service that takes mail so, beside its API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mocks.base import Call


@dataclass(frozen=True, slots=True)
class Submitted:
    """``raw`` is the message as RFC 5322 has it, and ``message`` the same, parsed; ``sender`` and ``recipients`` are
    the envelope's."""

    raw: bytes
    message: Message
    sender: str
    recipients: Sequence[str]


@dataclass(frozen=True, slots=True)
class Submission:
    """``user`` is whom the service's relay wants to log in; the password is one of its keys. ``operation`` is the one
    of its API that does the same: what a policy says of it, and what a key may do, counts here. ``act`` sends, and
    answers the id under which it is queued; raises ServiceError."""

    user: str
    operation: str
    act: Callable[[Call, Submitted], Awaitable[str]]
