"""What tests declared that should happen in an environment: the rows, and what stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """``wanted`` is the verification that is to hold (broker/verification/asking.py), of what came after ``since``."""

    id: str
    scope: str
    name: str
    wanted: Mapping[str, Any]
    since: datetime
    created_at: datetime


class ExpectationStore(Protocol):
    """The expectations of one environment."""

    async def add(self, expectation: Expectation, most: int) -> bool:
        """False, and nothing is stored, when there are ``most`` of them already."""
        ...

    async def expectation(self, expectation_id: str) -> Expectation | None: ...

    async def expectations(self, *, scope: str | None = None) -> Sequence[Expectation]:
        """Oldest first."""
        ...

    async def remove(self, *, scope: str | None = None, expectation_id: str | None = None) -> int:
        """Those of a scope, or the one, or all; answers how many."""
        ...
