"""How often each operation was answered by its mock or by the real provider, day by day: evidence of fidelity scores.

Counted in memory on the way of every call, written down now and then: a day's figures under one name, thirty names that
are used again. What was counted since the last time is lost with the process.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from broker.clock import Clock
from broker.storage.external import External
from broker.tasks import Keeper
from broker.visit import Visit

log = logging.getLogger("broker.tallies")

#: Days that count.
DAYS = 30
#: Seconds between two times of writing down.
_WRITE = 60.0
_REAL = "real"
_MOCKED = frozenset({"stateful", "generated"})
#: Places of a line: the mock's answers, broken ones, the last one's moment; then real answers, and their last one's.
_CHECKED, _BROKEN, _CHECKED_AT, _ANSWERS, _ANSWERED_AT = range(5)

_Line = list[Any]
_Lines = dict[str, dict[str, _Line]]


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one operation, within the days that count."""

    checked: int = 0
    broken: int = 0
    checked_at: datetime | None = None
    answers: int = 0
    answered_at: datetime | None = None


class Tallies:
    """Of all services."""

    def __init__(self, external: External, clock: Clock) -> None:
        self._external = external
        self._clock = clock
        self._fresh: dict[tuple[str, str], _Line] = {}
        self._writing = asyncio.Lock()
        self._keeper = Keeper()

    def take(self, visit: Visit) -> None:
        """An answer was given. On the hot path."""
        fidelity = visit.fidelity
        if visit.match is None or visit.service is None or (fidelity != _REAL and fidelity not in _MOCKED):
            return
        key = (visit.service.name, visit.match.operation.id)
        line = self._fresh.get(key)
        if line is None:
            line = self._fresh[key] = [0, 0, None, 0, None]
        if fidelity == _REAL:
            line[_ANSWERS] += 1
            line[_ANSWERED_AT] = visit.now
            return
        line[_CHECKED] += 1
        line[_CHECKED_AT] = visit.now
        if visit.violations and any(each["side"] == "response" for each in visit.violations):
            line[_BROKEN] += 1

    async def of(self, service: str) -> dict[str, Counted]:
        """By operation, what has just been counted included."""
        await self.flush()
        today = self._clock.now().date()
        sums: dict[str, _Line] = {}
        for slot in range(DAYS):
            day, lines = await self._day(slot)
            if day is not None and 0 <= (today - day).days < DAYS:
                for operation, line in lines.get(service, {}).items():
                    _add(sums.setdefault(operation, [0, 0, None, 0, None]), line)
        return {operation: _counted(line) for operation, line in sums.items()}

    def start(self) -> None:
        """Write down now and then."""
        self._keeper.start(self._write(), "tallies: write")

    async def stop(self) -> None:
        """Write down what is left; a full disk keeps nothing else from ending."""
        await self._keeper.stop()
        try:
            await self.flush()
        except Exception as error:
            log.warning("the last answers are not counted: %r", error)

    async def flush(self) -> None:
        """Add what was counted to the day's figures."""
        async with self._writing:
            if not self._fresh:
                return
            fresh, self._fresh = self._fresh, {}
            today = self._clock.now().date()
            slot = today.toordinal() % DAYS
            day, lines = await self._day(slot)
            if day != today:
                lines = {}
            for (service, operation), line in fresh.items():
                stored = [_text(value) for value in line]
                _add(lines.setdefault(service, {}).setdefault(operation, [0, 0, None, 0, None]), stored)
            try:
                text = orjson.dumps({"day": today.isoformat(), "lines": lines}).decode()
                await self._external.replace_fact(f"tallies.{slot}", text)
            except Exception:
                # They count again with what has come since.
                for key, line in fresh.items():
                    _add(self._fresh.setdefault(key, [0, 0, None, 0, None]), line)
                raise

    async def _day(self, slot: int) -> tuple[date | None, _Lines]:
        text = await self._external.fact(f"tallies.{slot}")
        if text is None:
            return None, {}
        stored = orjson.loads(text)
        return date.fromisoformat(stored["day"]), stored["lines"]

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(_WRITE)
            try:
                await self.flush()
            except Exception as error:
                log.warning("answers are counted later, in %g s: %r", _WRITE, error)


def _add(into: _Line, line: _Line) -> None:
    for place in (_CHECKED, _BROKEN, _ANSWERS):
        into[place] += line[place]
    for place in (_CHECKED_AT, _ANSWERED_AT):
        into[place] = max((each for each in (into[place], line[place]) if each is not None), default=None)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _counted(line: _Line) -> Counted:
    moments = [None if line[place] is None else datetime.fromisoformat(line[place]) for place in (2, 4)]
    return Counted(line[_CHECKED], line[_BROKEN], moments[0], line[_ANSWERS], moments[1])
