"""How many calls a provider takes in a time, and how its answers tell it. Somebody else counts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.contract import Operation
from mocks.service_error import ServiceError


@dataclass(frozen=True, slots=True)
class Rate:
    """``calls`` in ``seconds``, for all calls that share the ``key``. Those beyond it are refused where it is
    ``strict``; else it is only told, as never quite reached."""

    key: str
    calls: int
    seconds: int
    strict: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """A service's rates. ``of`` answers a call's, by its operation, the policy's ``options`` and the key's ``grant``;
    None for none. ``headers`` tell how many calls are left and when, in seconds since the epoch, there will be all of
    them again; ``refused`` says whether this one was one too many. ``refusal`` makes its error."""

    of: Callable[[Operation, Mapping[str, Any], Mapping[str, Any]], Rate | None]
    headers: Callable[[Rate, int, int, bool], Sequence[tuple[str, str]]]
    refusal: Callable[[], ServiceError]
