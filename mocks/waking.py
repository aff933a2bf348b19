"""What of a service happens by time alone, without a call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mocks.base import Call, State


@dataclass(frozen=True, slots=True)
class Waking:
    """``due`` tells when something will happen, in the environment's own time; None for never. ``act`` does what is due
    by the call's ``now``, or a part of it: it is called until nothing is due. Nobody asked for that call."""

    due: Callable[[State], Awaitable[datetime | None]]
    act: Callable[[Call], Awaitable[None]]
