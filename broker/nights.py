"""Nights: when drift is looked for by itself, carried through whatever happens, told, and kept for reports.

A night is written down before it begins and after each of its parts, so that one that was interrupted goes on where it
was. What could not be found out makes the night fail: it is never green by what was not looked at.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from broker import accepted, judging
from broker.clock import Clock
from broker.errors import Conflict
from broker.measuring import Measuring, worded
from broker.metrics import Metrics
from broker.notices import Notices, nobody
from broker.reports.night import Night, Part, Row, ServiceScore, counts, read
from broker.storage.external import External
from broker.tasks import Keeper

log = logging.getLogger("broker.nights")

#: Seconds between two looks at whether a night is due, and until a part that waits for another check is tried again.
_LOOK, _AGAIN = 20.0, 60.0
#: A part waits for another check at the most so long, counted from the night's beginning.
_PATIENCE = timedelta(hours=3)
#: How often a part is begun before it has failed: each time but the last, the server's process ended.
_ATTEMPTS = 3
#: A night that is not over so long after it was due is late.
_LATE = timedelta(hours=8)
#: Nights whose figures are kept, and findings that a notice quotes.
_KEPT, _TOLD = 60, 20
#: Facts: the newest night, the last one that is over, the figures of the last ones, and the last one that was due.
_NIGHT, _ENDED, _FIGURES, _DUE = "drift.night", "drift.night.ended", "drift.nights", "drift.night.due"


class Interrupted(Exception):
    """The server ends: the night goes on at the next start."""


Scores = Callable[[], Awaitable[Sequence[ServiceScore]]]


async def no_scores() -> Sequence[ServiceScore]:
    """Of a server that keeps none."""
    return ()


class Nights:
    """``at`` is a time of the day in UTC, or ``off``; ``path`` the file of accepted drift."""

    def __init__(
        self,
        *,
        external: External,
        clock: Clock,
        measuring: Measuring,
        notices: Notices,
        at: str = "off",
        path: Path | None = None,
        scores: Scores = no_scores,
    ) -> None:
        self._external = external
        self._clock = clock
        self.measuring = measuring
        self._notices = notices
        self._at = at
        self._path = path
        self.scores = scores
        self._night: Night | None = None
        self._last: Night | None = None
        self._one = asyncio.Lock()
        self._started = asyncio.Event()
        self._keeper = Keeper()
        self._stopping = False
        #: Told the id of a night that was just written down: what carries it.
        self.announce: Callable[[str], None] = nobody
        #: What could not be found out since the start, by service and source.
        self.failures: Counter[tuple[str, str]] = Counter()

    async def start(self) -> None:
        """Once what measures is ready: nights of an earlier process wait for this."""
        self._night, self._last = await self._fact(_NIGHT), await self._fact(_ENDED)
        self._started.set()
        self._keeper.start(self._look(), "nights: look")

    async def stop(self) -> None:
        """A night that is at work goes on at the next start. Before what measures ends."""
        self._stopping = True
        await self._keeper.stop()

    async def _look(self) -> None:
        while True:
            try:
                await self.begin_due()
            except Conflict:
                pass  # one that somebody asked for is at work
            except Exception as error:
                log.warning("the night is looked at again in %g s: %r", _LOOK, error)
            await asyncio.sleep(_LOOK)

    # What there is

    async def current(self) -> Night | None:
        """The one that is at work."""
        night = self._night or await self._fact(_NIGHT)
        return None if night is None or night.ended_at else night

    async def last(self) -> Night | None:
        """The newest one that is over."""
        return self._last or await self._fact(_ENDED)

    async def figures(self) -> Sequence[Mapping[str, Any]]:
        """Of nights that are over, the newest first: ``id``, ``due_at``, ``begun_at``, ``ended_at``, ``verdict``,
        ``fresh``, ``counts``, ``accepted``, ``failures``."""
        text = await self._external.fact(_FIGURES)
        return [] if text is None else orjson.loads(text)

    async def late(self) -> str | None:
        """Why the last night says nothing any more, if that is so: nobody may take an old green for a new one."""
        if self._at == "off":
            return None
        now, last = self._clock.now(), await self.last()
        due = latest(self._at, now)
        if last is None or now - due < _LATE or datetime.fromisoformat(last.begun_at) >= due:
            return None
        return f"the night of {due:%Y-%m-%d %H:%M} UTC is not over: the last one began at {last.begun_at[:16]}"

    # Their way

    async def begin_due(self) -> Night | None:
        """Begin the night that is due, if one is: each once, however late, so that a server that was down makes up for
        the last one. A server that has just learned when its nights are waits for the next."""
        if self._at == "off" or await self.current() is not None:
            return None
        due = latest(self._at, self._clock.now())
        known = await self._external.fact(_DUE)
        if known == due.isoformat():
            return None
        begun = self._night or await self._fact(_NIGHT)
        night = None
        if known is not None and (begun is None or begun.due_at != due.isoformat()):
            night = await self.begin(due)
        # Only now: a night that could not be begun is still due.
        await self._external.replace_fact(_DUE, due.isoformat())
        return night

    async def begin(self, due: datetime | None = None) -> Night:
        """Write a night down, to be carried in the background. Raises Conflict while one is at work."""
        if await self.current() is not None:
            raise Conflict("a night is at work already; `broker drift night` follows it")
        parts = await self.measuring.plan()
        if await self.current() is not None:
            raise Conflict("a night is at work already; `broker drift night` follows it")
        night = Night(
            id="ngt_" + self._clock.text(16),
            due_at="" if due is None else due.isoformat(),
            begun_at=self._clock.now().isoformat(),
            parts=parts,
            errors=[]
            if parts
            else ["there is no account of a real provider, and nothing is called: nothing was compared"],
        )
        before, self._night = self._night, night
        try:
            await self._keep(_NIGHT, night)
        except BaseException:
            self._night = before
            raise
        self.announce(night.id)
        return night

    async def unfinished(self) -> str | None:
        """The id of the night that an earlier process left."""
        night = await self._fact(_NIGHT)
        return None if night is None or night.ended_at else night.id

    async def attempt(self, night_id: str) -> float | None:
        """Do what is left of a night. The seconds until the next attempt, None when it is over."""
        await self._started.wait()
        async with self._one:
            night = self._night
            if night is None or night.id != night_id or night.ended_at:
                return None
            for place, part in enumerate(night.parts):
                if part.status in ("waiting", "running"):
                    night = await self._part(night, place)
            if any(part.status == "waiting" for part in night.parts):
                return _AGAIN
            await self._end(night)
        return None

    async def _part(self, night: Night, place: int) -> Night:
        part = night.parts[place]
        if part.attempts >= _ATTEMPTS:
            words = [f"it was interrupted {part.attempts} times, and is not begun again"]
            return await self._put(night, place, replace(part, status="failed", words=words))
        found = part
        night = await self._put(night, place, replace(part, status="running", attempts=part.attempts + 1))
        try:
            found = await self.measuring.measure(night.parts[place])
        except Conflict as busy:
            late = self._clock.now() - datetime.fromisoformat(night.begun_at) > _PATIENCE
            found = replace(part, status="failed", words=[str(busy)]) if late else replace(part, status="waiting")
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        if self._stopping:
            # Whatever it came to, it was cut off.
            await self._put(night, place, replace(part, status="waiting"))
            raise Interrupted(f"the server ends while drift of {part.name} is looked for")
        return await self._put(night, place, found)

    async def _put(self, night: Night, place: int, part: Part) -> Night:
        if part.status == "failed":
            self.failures[part.service, part.source] += 1
        changed = replace(night, parts=[*night.parts[:place], part, *night.parts[place + 1 :]])
        self._night = changed
        await self._keep(_NIGHT, changed)
        return changed

    async def _end(self, night: Night) -> None:
        last = await self._fact(_ENDED)
        if last is None or last.id != night.id:
            ended = await self._judged(night, last)
            await self._tell(ended)
            figures = [each for each in await self.figures() if each["id"] != ended.id]
            await self._external.replace_fact(_FIGURES, orjson.dumps([_figures(ended), *figures][:_KEPT]).decode())
            await self._keep(_ENDED, ended)
            last = ended
        self._night = self._last = last
        await self._keep(_NIGHT, last)
        log.info("drift: the night of %s is over: %s", last.begun_at[:16], last.verdict)

    async def _judged(self, night: Night, before: Night | None) -> Night:
        """What is new, what may stay, what is over, and how true the mocks are."""
        errors = list(night.errors)
        entries: Sequence[accepted.Acceptance] = ()
        fidelity: Sequence[ServiceScore] = ()
        callers: Mapping[str, int] = {}
        try:
            entries = await asyncio.to_thread(accepted.read, self._path)
        except accepted.UnreadableAcceptance as wrong:
            errors.append(f"the file of accepted drift cannot be read, so nothing is accepted: {wrong}")
        try:
            fidelity, callers = await self.scores(), await self.measuring.callers()
        except Exception as error:
            errors.append(f"how true mocks are, and what is called, is not known: {worded(error)}")
        if len(errors) > len(night.errors):
            self.failures["", "night"] += 1
        return judging.judged(
            replace(night, errors=errors, fidelity=fidelity), before, entries, callers, self._clock.now()
        )

    async def _tell(self, night: Night) -> None:
        """Notices, under names of the night's own: told once, however often this is begun."""
        about = {"night": night.id, "begun_at": night.begun_at, "ended_at": night.ended_at, "verdict": night.verdict}
        if failures := night.failures:
            await self._notices.put(f"drift-failed-{night.id}", "drift.failed", {**about, "failures": failures[:_TOLD]})
        fresh = [row for row in night.fresh if row.finding.severity != "safe"]
        if fresh or night.expired:
            found = {
                "counts": counts(night.counted),
                "fresh": counts(night.fresh),
                "expired": night.expired,
                "findings": [_quoted(row) for row in fresh[:_TOLD]],
            }
            plain = orjson.loads(orjson.dumps({**about, **found}))
            await self._notices.put(f"drift-found-{night.id}", "drift.found", plain)

    async def _fact(self, name: str) -> Night | None:
        text = await self._external.fact(name)
        return None if text is None else read(orjson.loads(text))

    async def _keep(self, name: str, night: Night) -> None:
        await self._external.replace_fact(name, orjson.dumps(night).decode())

    def expose(self, metrics: Metrics) -> None:
        """Figures of nights."""
        metrics.counter(
            "drift_failures",
            "Parts of nights that could not be found out.",
            ("service", "source"),
            lambda: self.failures,
        )
        metrics.gauge(
            "drift_findings",
            "Drift that nobody has accepted, of the last night.",
            ("service", "severity", "known"),
            lambda: {} if self._last is None else _by_service(self._last),
        )
        metrics.gauge(
            "drift_night_ended_timestamp_seconds",
            "When the last night was over, by its verdict.",
            ("verdict",),
            lambda: (
                {}
                if self._last is None
                else {self._last.verdict: datetime.fromisoformat(self._last.ended_at).timestamp()}
            ),
        )


def latest(at: str, now: datetime) -> datetime:
    """The newest moment, up to now, at which it was ``at`` (``03:00``, in UTC)."""
    hour, minute = (int(part) for part in at.split(":"))
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def _quoted(row: Row) -> dict[str, Any]:
    finding = row.finding
    return {
        "key": row.key,
        "service": finding.service,
        "operation": finding.operation,
        "severity": finding.severity,
        "place": finding.place,
        "message": finding.message,
        "callers": row.callers,
    }


def _figures(night: Night) -> dict[str, Any]:
    return {
        "id": night.id,
        "due_at": night.due_at,
        "begun_at": night.begun_at,
        "ended_at": night.ended_at,
        "verdict": night.verdict,
        "fresh": counts(night.fresh),
        "counts": counts(night.counted),
        "accepted": len(night.accepted),
        "failures": len(night.failures),
    }


def _by_service(night: Night) -> Mapping[tuple[str, str, str], float]:
    found: Counter[tuple[str, str, str]] = Counter()
    for row in night.counted:
        found[row.finding.service, row.finding.severity, "no" if row.fresh else "yes"] += 1
    return dict(found)
