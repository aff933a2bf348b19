"""What lifecycle rules do by the environment's clock: once a midnight UTC, bucket by bucket, a page at a time.

A bucket with rules has a run ahead of it: kind ``lifecycle-run`` by its name says when, and how far a run that has
begun has come; kind ``lifecycle-due`` under ``MOMENT/BUCKET`` has them in the order of their moments. A run goes
through the objects, the versions and the uploads of its bucket, as far as rules are about them, and finds out when the
next one has something to do. What is done late, because the clock was moved, is dated when it was due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.aws_values import iso
from mocks.base import Call, Record, State
from mocks.s3.configurations import configuration
from mocks.s3.filters import prefix_of
from mocks.s3.lifecycle_dates import (
    LIFECYCLE,
    Ending,
    abortion,
    active,
    chosen,
    expiration,
    marker_end,
    midnight,
    moment_of,
    moves,
    noncurrent_end,
    noncurrent_moves,
    soonest,
)
from mocks.s3.lifecycle_rules import Rule, filter_of
from mocks.s3.lock import held, protected
from mocks.s3.notifications import notify, notify_removed
from mocks.s3.records import BUCKET, OBJECT, address_in, ordered
from mocks.s3.uploads import ORDER, forget, order_key
from mocks.s3.versions import VERSION, newest_of, number, place, remove, rewrite, version

_RUN, _DUE = "lifecycle-run", "lifecycle-due"

#: Records that are looked at in one transaction: calls to the environment have their turn in between.
_PAGE = 250

_PHASES = ("objects", "versions", "uploads")


async def schedule(state: State, bucket: str, at: datetime | None) -> None:
    """Set the moment of a bucket's next run, or take it away. A run that has begun begins anew."""
    run = await state.get(_RUN, bucket)
    if run is not None:
        await state.delete(_DUE, f"{run['at']}/{bucket}")
    if at is None:
        await state.delete(_RUN, bucket)
        return
    await state.put(_RUN, bucket, {"at": iso(at), "phase": _PHASES[0]})
    await state.put(_DUE, f"{iso(at)}/{bucket}", {"at": iso(at), "bucket": bucket})


async def due(state: State) -> datetime | None:
    """When the next run of any bucket is."""
    first = await state.page(_DUE, order="key", limit=1)
    return moment_of(first[0]["at"]) if first else None


async def act(call: Call) -> None:
    """A page of the run that is due first; somebody else may have done all that was due meanwhile."""
    for record in await call.state.page(_DUE, order="key", limit=1):
        if moment_of(record["at"]) > call.now:
            return
        bucket = await call.state.get(BUCKET, record["bucket"])
        found = await configuration(call.state, bucket, LIFECYCLE) if bucket is not None else None
        run = await call.state.get(_RUN, record["bucket"])
        if bucket is None or found is None or run is None or not active(found):
            await schedule(call.state, record["bucket"], None)
            await call.state.delete(_DUE, f"{record['at']}/{record['bucket']}")
            return
        await Run(call, bucket, found, run).advance()


def _shared(prefixes: Sequence[str]) -> str:
    """What all of them begin with."""
    low, high = min(prefixes), max(prefixes)
    same = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return low[:same]


class Run:
    """One bucket's run, in one call of it."""

    def __init__(self, call: Call, bucket: Record, found: Mapping[str, Any], run: Record) -> None:
        self._call, self._state = call, call.state
        self._bucket, self._run = bucket, run
        self._rules: Sequence[Rule] = active(found)
        self._smallest: str = found["TransitionDefaultMinimumObjectSize"]
        self._versioned = "versioning" in bucket
        #: What all rules' keys begin with.
        self._prefix = _shared([prefix_of(filter_of(rule)) for rule in self._rules])
        self._at = moment_of(run["at"])
        self._now = call.now
        call.now = self._at

    async def advance(self) -> None:
        """The next page of the run's phase; after the last one the next run is set."""
        phase = self._run["phase"]
        page = await self._page(phase) if self._concerns(phase) else []
        for record in page:
            await self._look(phase, record)
        if len(page) == _PAGE:
            self._run["after"] = self._cursor(phase, page[-1])
        elif phase != _PHASES[-1]:
            self._run = {
                "at": self._run["at"],
                "phase": _PHASES[_PHASES.index(phase) + 1],
                "next": self._run.get("next"),
            }
        else:
            await schedule(self._state, self._bucket["name"], self._next())
            return
        await self._state.put(_RUN, self._bucket["name"], self._run)

    def _concerns(self, phase: str) -> bool:
        """Whether any rule is about what this phase goes through."""
        if phase == "objects":
            return any("Expiration" in rule or "Transitions" in rule for rule in self._rules)
        if phase == "uploads":
            return any("AbortIncompleteMultipartUpload" in rule for rule in self._rules)
        names = ("Expiration", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions")
        return self._versioned and any(name in rule for rule in self._rules for name in names)

    async def _page(self, phase: str) -> Sequence[Record]:
        kind = {"objects": OBJECT, "versions": VERSION, "uploads": ORDER}[phase]
        prefix = self._prefix if phase == "objects" else ordered(self._prefix)
        return await self._state.page(
            kind, order="key", prefix=f"{self._bucket['name']}/{prefix}", after=self._run.get("after"), limit=_PAGE
        )

    def _cursor(self, phase: str, record: Record) -> str:
        name, key = self._bucket["name"], record["key"]
        if phase == "objects":
            return f"{name}/{key}"
        if phase == "uploads":
            return order_key(name, key, record["id"])
        return place(name, key, number(record), version(record))

    async def _look(self, phase: str, record: Record) -> None:
        if phase == "objects":
            await self._object(record)
        elif phase == "versions":
            await self._version(record)
        else:
            await self._upload(record)

    def _next(self) -> datetime:
        soon = soonest(self._rules, self._now, versioned=self._versioned)
        return min(soon, moment_of(self._run["next"])) if self._run.get("next") else soon

    def _later(self, moment: datetime) -> None:
        """Something is due then."""
        told = iso(moment)
        self._run["next"] = min(self._run.get("next") or told, told)

    def _ends(self, ending: Ending | None) -> bool:
        """Whether it ends now; when it does later, the next run is not after that."""
        if ending is None:
            return False
        if ending.at > self._at:
            self._later(ending.at)
            return False
        return True

    async def _object(self, record: Record) -> None:
        """Permanent deletion goes before a move, and that before a delete marker."""
        ends = self._ends(expiration(self._rules, record))
        if not (ends and not self._versioned):
            await self._move(record, moves(self._rules, record, self._smallest))
        if ends:
            await self._remove(record["key"], None)

    async def _move(self, record: Record, coming: Sequence[tuple[datetime, str]]) -> None:
        ready = [to for at, to in coming if at <= self._at]
        for at, _ in coming:
            if at > self._at:
                self._later(at)
        if ready:
            record["class"] = chosen(ready)
            await rewrite(self._state, self._bucket, record)
            told = {"transitionEventData": {"destinationStorageClass": record["class"]}}
            await notify(self._call, self._bucket, "LifecycleTransition", record, by_time=True, lifecycleEventData=told)

    async def _remove(self, key: str, version_id: str | None) -> None:
        removed = await remove(self._call, self._bucket, key, version_id)
        await notify_removed(self._call, self._bucket, key, removed, by_time=True)

    async def _version(self, record: Record) -> None:
        """A version that is not a current object: a noncurrent one, or the delete marker that is current."""
        key = record["key"]
        if self._run.get("key") != key:
            self._run |= {"key": key, "newer": 0, "since": None}
            current = await self._state.get(OBJECT, address_in(self._bucket, key))
            if current is None:
                await self._current_marker(record)
                return
            self._run["since"] = current["modified"]
        since = moment_of(record.get("superseded") or self._run["since"])
        self._run["since"] = record["modified"]
        newer = self._run["newer"]
        if self._ends(noncurrent_end(self._rules, record, since, newer)) and not self._locked(record):
            await self._remove(key, version(record))
            # A delete marker before it may be alone now.
            self._later(midnight(self._at, 0))
            return
        if not record.get("marker"):
            await self._move(record, noncurrent_moves(self._rules, record, self._smallest, since, newer))
            self._run["newer"] = newer + 1

    def _locked(self, record: Record) -> bool:
        """Object Lock keeps a version longer than any rule."""
        retained = held(record, self._at)
        if retained is not None:
            self._later(midnight(moment_of(retained["until"]), 0))
        return protected(record, self._at)

    async def _current_marker(self, marker: Record) -> None:
        self._run["since"] = marker["modified"]
        beside = await newest_of(self._state, self._bucket, marker["key"], 2)
        if len(beside) == 1 and self._ends(marker_end(self._rules, marker)):
            await self._remove(marker["key"], version(marker))

    async def _upload(self, upload: Record) -> None:
        if self._ends(abortion(self._rules, upload["key"], upload["initiated"])):
            await forget(self._state, upload)
