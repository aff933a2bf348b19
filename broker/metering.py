"""Counts the calls of an environment to a service that limits its rate, in memory: they begin anew with the server.

Periods are those of the environment's own clock, so that a test that moves it need not wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from broker.visit import Visit
from contracts.contract import Match
from mocks.base import MockService

#: Environments whose counts are kept.
_KEPT = 4096


@dataclass(slots=True)
class _Count:
    """The calls of one period."""

    period: int
    calls: int = 0


class Meter:
    """See the module."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[tuple[str, str], _Count]] = {}

    def take(self, visit: Visit, service: MockService, match: Match) -> None:
        """Counts a call, and notes in the visit what its answer tells of that. Raises ServiceError where it is one too
        many."""
        rates = service.rates
        if rates is None:
            return
        rate = rates.of(match.operation, visit.entry.policy.options(service.name), visit.grant or {})
        if rate is None:
            return
        environment = visit.entry.environment
        period = int(environment.at(visit.now).timestamp()) // rate.seconds
        count = self._count(environment.uid, (service.name, rate.key), period)
        count.calls += 1
        refused = rate.strict and count.calls > rate.calls
        left = max(0 if rate.strict else 1, rate.calls - count.calls)
        visit.headers += rates.headers(rate, left, (period + 1) * rate.seconds, refused)
        if refused:
            raise rates.refusal()

    def forget(self, uid: str) -> None:
        """The environment is gone."""
        self._counts.pop(uid, None)

    def _count(self, uid: str, key: tuple[str, str], period: int) -> _Count:
        if uid not in self._counts and len(self._counts) >= _KEPT:
            self._counts.pop(next(iter(self._counts)))
        counts = self._counts.setdefault(uid, {})
        found = counts.get(key)
        if found is None or found.period != period:
            found = counts[key] = _Count(period)
        return found
