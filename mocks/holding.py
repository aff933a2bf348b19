"""What a call keeps to itself while it is under way, where a provider refuses others that come meanwhile.

A mock's own calls take milliseconds, one after the other: this is about calls that the policy makes slow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing that only one call at a time may have: an object, an idempotency key.

    Who needs it meanwhile waits ``patience`` seconds, and is then refused with what ``refusal`` makes: a ServiceError.
    """

    key: str
    patience: float
    refusal: Callable[[], Exception]
