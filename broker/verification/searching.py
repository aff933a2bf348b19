"""Looks through what an environment did: each thing once, newest first, in pieces between which calls have their
turn. Memory is bounded by a piece, time by what the storage can leave out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from broker.storage.base import EnvironmentStore, Exchange
from broker.storage.mail import Wanted as MailsWanted
from broker.verification import views
from broker.verification.asking import Kind, Wanted
from broker.verification.values import MISSING, equal

#: Rows that are read at once, of mails and deliveries.
_PAGE = 50
#: Bytes of mails at once, but for one of them.
_BYTES = 1 << 20
#: Seconds of work before others have their turn.
_TURN = 0.004

#: Members that things have as they are stored: what differs there is passed over before its document is made.
_PLAIN: Mapping[Kind, tuple[str, ...]] = {
    "exchanges": ("service", "operation", "mode", "fidelity", "method", "status", "scope"),
    "mails": ("service", "scope", "subject"),
    "events": ("service", "type", "scope"),
    "deliveries": ("service", "status", "scope"),
}


class Thing:
    """An exchange, a mail, an event or a delivery; its document is made when it is looked at."""

    __slots__ = ("_document", "_make", "at", "id", "raw")

    def __init__(self, id: str, at: datetime, raw: Any, make: Callable[[], dict[str, Any]]) -> None:
        self.id = id
        self.at = at
        self.raw = raw
        self._make = make
        self._document: dict[str, Any] | None = None

    @property
    def document(self) -> dict[str, Any]:
        """What matches look at."""
        if self._document is None:
            self._document = self._make()
        return self._document

    def plain(self, name: str) -> Any:
        """A member as it is stored."""
        return self.raw.get(name, MISSING) if isinstance(self.raw, Mapping) else getattr(self.raw, name, MISSING)


class Tally:
    """How often one thing that is wanted was found."""

    def __init__(self, wanted: Wanted, *, keep: int = 100) -> None:
        self.wanted = wanted
        self.count = 0
        #: Of those that match, newest first, as many as are kept.
        self.found: list[Thing] = []
        self._keep = keep
        said = wanted.match.said
        self._plain = [
            (name, said[name])
            for name in _PLAIN[wanted.kind]
            if name in said and not isinstance(said[name], dict | list)
        ]

    @property
    def ok(self) -> bool:
        """Whether it is so."""
        return self.wanted.count.holds(self.count)

    @property
    def too_many(self) -> bool:
        """Whether nothing that is still to come can make it so."""
        most = self.wanted.count.most
        return most is not None and self.count > most

    def add(self, earlier: Tally) -> None:
        """What was counted before is counted, too."""
        self.count += earlier.count
        self.found += earlier.found[: self._keep - len(self.found)]

    def offer(self, thing: Thing) -> bool:
        """Count a thing that matches."""
        wanted = self.wanted
        if wanted.since is not None and thing.at < wanted.since:
            return False
        if wanted.scope is not None and thing.plain("scope") != wanted.scope:
            return False
        if any(not equal(value, thing.plain(name)) for name, value in self._plain):
            return False
        if wanted.match.differences(thing.document):
            return False
        self.count += 1
        if len(self.found) < self._keep:
            self.found.append(thing)
        return True


async def things(
    store: EnvironmentStore,
    kind: Kind,
    *,
    scope: str | None = None,
    since: datetime | None = None,
    tags: Sequence[str | None] = (),
) -> AsyncIterator[Thing]:
    """All that can be of the scope and not before ``since``, newest first. ``tags``: see JournalStore.scan."""
    pieces = _PIECES[kind](store, scope, since, tags)
    turn = monotonic() + _TURN
    async for piece in pieces:
        for thing in piece:
            yield thing
            if monotonic() > turn:
                await asyncio.sleep(0)
                turn = monotonic() + _TURN
        if since is not None and piece and kind != "exchanges" and piece[-1].at < since:
            return


async def tallied(store: EnvironmentStore, wanted: Wanted) -> Tally:
    """The count of one thing that is wanted."""
    tally = Tally(wanted)
    labels = tags(wanted.match.said)
    async for thing in things(store, wanted.kind, scope=wanted.scope, since=wanted.since, tags=labels):
        tally.offer(thing)
    return tally


def tags(said: Mapping[str, Any]) -> Sequence[str]:
    """What a match says that the journal has an index of: see JournalStore.scan."""
    return [name for name in (said.get("service"), said.get("operation")) if isinstance(name, str) and name]


Pieces = AsyncIterator[Sequence[Thing]]


async def _exchanges(
    store: EnvironmentStore, scope: str | None, since: datetime | None, tags: Sequence[str | None]
) -> Pieces:
    async for piece in store.journal.scan(tags=tags, scope=scope, since=since):
        yield [_exchange(one) for one in piece if since is None or one.at >= since]


def _exchange(one: Exchange) -> Thing:
    return Thing(one.id, one.at, one, lambda: views.exchange(one))


async def _mails(
    store: EnvironmentStore, scope: str | None, since: datetime | None, tags: Sequence[str | None]
) -> Pieces:
    after = None
    while True:
        found = await store.mailbox.find(MailsWanted(scope=scope), after=after, limit=_PAGE, most_bytes=_BYTES)
        yield [_mail(one) for one in found.items]
        if not found.more or not found.items:
            return
        after = found.items[-1]["id"]


def _mail(one: Mapping[str, Any]) -> Thing:
    return Thing(one["id"], datetime.fromisoformat(one["sent_at"]), one, lambda: views.mail(one))


async def _events(
    store: EnvironmentStore, scope: str | None, since: datetime | None, tags: Sequence[str | None]
) -> Pieces:
    after = None
    while True:
        found = await store.outbox.events(scope=scope, after=after, limit=_PAGE)
        yield [Thing(one.id, one.created_at, one, lambda one=one: views.event(one)) for one in found]  # type: ignore[misc]  # bound now
        if len(found) < _PAGE:
            return
        after = found[-1].id


async def _deliveries(
    store: EnvironmentStore, scope: str | None, since: datetime | None, tags: Sequence[str | None]
) -> Pieces:
    after = None
    while True:
        found = await store.outbox.sent(scope=scope, after=after, limit=_PAGE)
        yield [
            Thing(one.id, one.created_at, one, lambda one=one, of=of, tried=tried: views.delivery(one, of, tried))  # type: ignore[misc]  # bound now
            for one, of, tried in found
        ]
        if len(found) < _PAGE:
            return
        after = found[-1][0].id


_PIECES: Mapping[Kind, Callable[[EnvironmentStore, str | None, datetime | None, Sequence[str | None]], Pieces]] = {
    "exchanges": _exchanges,
    "mails": _mails,
    "events": _events,
    "deliveries": _deliveries,
}
