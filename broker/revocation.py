"""Taking back what an environment made at real providers, and finding what nobody wrote down.

The ledger says what there is, the provider has the last word: what carries the environment's marker and no line
knows is taken back too, and a line that the provider knows nothing of is over once no request can still be on its
way. Everything here may be repeated at any time; it knows no workflow, no receipt, and no provider's habits.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from broker.accounts import Accounts
from broker.clock import Clock
from broker.ledger import Ledger
from broker.listing import Listing, Look, unasked
from broker.storage.base import Storage
from broker.storage.external import Entry
from sandboxes.base import Refused, Resource, SandboxProvider, Tell, Unreachable, Upstream

log = logging.getLogger("broker.revocation")

#: Lines of a page, and revocations of one account at once.
_PAGE, _AT_ONCE = 100, 4
#: Unanswered revocations in a row after which an account is left alone until the next attempt.
_SILENT = 4
#: Lines without a known id that one look settles.
_PENDING = 1000
#: What a request may still become at the provider after its connection is over.
_SETTLE = timedelta(seconds=60)
#: States of lines that are not gone.
LEFT = frozenset({"pending", "live", "deleting", "stuck"})


@dataclass(slots=True)
class Settled:
    """``words`` say which accounts could not be asked; ``until`` is when the last request that may still be carried
    out is over, None when there is none."""

    words: list[str] = field(default_factory=list)
    until: datetime | None = None


@dataclass(slots=True)
class Verdict:
    """``words`` say what is still there, or could not be asked; ``seen`` has, by service, when its accounts were
    listed and how much of the environment's was found."""

    words: list[str] = field(default_factory=list)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)


def nobody(uid: str) -> int:
    """Of a server that sends nothing."""
    return 0


class Revocation:
    """``running`` tells how many calls of an environment are under way to providers; ``longest`` how long one takes
    at the most, so that an older one is over."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        ledger: Ledger,
        accounts: Accounts,
        running: Callable[[str], int] = nobody,
        longest: timedelta = timedelta(seconds=90),
        settle: timedelta = _SETTLE,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._ledger = ledger
        self._accounts = accounts
        self._running = running
        self.longest = longest
        self._settle = settle
        self._listing = Listing(storage, clock, ledger, accounts)
        self._parts: dict[str, dict[str, Mapping[str, int]]] = {}
        #: What became of resources since the start, by service and outcome; ``stuck`` counts refusals.
        self.counts: Counter[tuple[str, str]] = Counter()

    async def concerned(self, uid: str) -> bool:
        """Whether anything was ever made or leased for it: if not, no provider need be asked."""
        external = self._storage.external
        return bool(await external.ledger.accounts(uid)) or bool(await external.leases(uid))

    def running(self, uid: str) -> int:
        """Calls of it that are under way to providers."""
        return self._running(uid)

    # What there is

    async def figures(self, uid: str) -> dict[str, dict[str, Any]]:
        """``{service: {"accounts", "kinds": {kind: {status or outcome: number}}, "kept"}}``: everything that was ever
        written down for it, gone or not."""
        counts = await self._storage.external.ledger.counts(uid)
        found: dict[str, dict[str, Any]] = {}
        for service, account in await self._storage.external.ledger.accounts(uid):
            kinds = {kind: dict(states) for kind, states in counts.get(service, {}).items()}
            kept = sum(states.get("kept", 0) for states in kinds.values())
            found.setdefault(service, {"accounts": [], "kinds": kinds, "kept": kept})["accounts"].append(account)
        return found

    def parts(self, uid: str) -> Mapping[str, int]:
        """How far the revocations that run now are, where one has many parts: ``{"objects": 12_000}``."""
        found: Counter[str] = Counter()
        for progress in self._parts.get(uid, {}).values():
            found.update(progress)
        return dict(found)

    async def left(self, uid: str, limit: int = 20) -> tuple[int, list[dict[str, Any]]]:
        """How many lines are not gone, and the first of them, those that the provider refuses to let go of first,
        with its words."""
        store = self._storage.external.ledger
        counts = await store.counts(uid)
        number = sum(
            count for kinds in counts.values() for states in kinds.values() for s, count in states.items() if s in LEFT
        )
        if not number:
            return 0, []
        stuck = list(await store.entries(uid, status="stuck", limit=limit))
        others = [each for each in await store.entries(uid, left=True, limit=limit) if each.status != "stuck"]
        return number, [_told(entry) for entry in (stuck + others)[:limit]]

    async def plan(self, uid: str) -> list[dict[str, Any]]:
        """What a close would take back, in its order: ``{"service", "accounts", "kind", "number", "pending"}``."""
        planned = []
        for service, figures in (await self.figures(uid)).items():
            try:
                order: Sequence[str] = (await self._accounts.named(figures["accounts"][0]))[0].order
            except Exception as error:
                log.info("the order of %s is not known: %r", service, error)
                order = ()
            for kind in in_order(figures["kinds"], order):
                states = figures["kinds"][kind]
                if number := sum(count for state, count in states.items() if state in LEFT):
                    planned.append(
                        {
                            "service": service,
                            "accounts": figures["accounts"],
                            "kind": kind,
                            "number": number,
                            "pending": states.get("pending", 0),
                        }
                    )
        return planned

    # Settling: what became of requests without an answer

    async def settle(self, uid: str, *, drained_at: datetime | None = None) -> Settled:
        """Every line whose request had no answer is found by its marker and lives, or is ``absent`` once the request
        can no longer be carried out: after ``drained_at``, when no call was under way any more, or its own time."""
        found = Settled()
        store = self._storage.external.ledger
        for service, account in await store.accounts(uid):
            pending = [
                entry
                for entry in await store.entries(uid, account=account, left=True, status="pending", limit=_PENDING)
                if entry.service == service
            ]
            if not pending:
                continue
            try:
                drained, begun = not self._running(uid), self._clock.now()
                look = Look(uid, service, account, pending)
                await self._listing.carry_out(look)
                for entry in look.pending:
                    over_at = self._over_at(entry, drained_at)
                    if drained and begun >= over_at:
                        await self._ledger.ended(entry, "absent")
                    else:
                        found.until = max(found.until or over_at, over_at)
            except Exception as error:
                found.words.append(unasked(account, error))
        return found

    def _over_at(self, entry: Entry, drained_at: datetime | None) -> datetime:
        own = entry.created_at + self.longest
        if drained_at is not None:
            own = min(own, max(drained_at, entry.created_at))
        return own + self._settle

    # Taking back

    async def revoke(self, uid: str) -> list[str]:
        """Take back everything that is left, kind by kind in the provider's order, the newest first. Goes on past
        what is refused; answers words for that."""
        self._parts[uid] = {}
        try:
            used = await self._storage.external.ledger.accounts(uid)
            several = await asyncio.gather(*(self._take_back(uid, *place) for place in used))
        finally:
            self._parts.pop(uid, None)
        return [words for each in several for words in each]

    async def _take_back(self, uid: str, service: str, account: str) -> list[str]:
        store = self._storage.external.ledger
        kinds = (await store.counts(uid)).get(service, {})
        kinds = {kind: states for kind, states in kinds.items() if LEFT & states.keys()}
        if not kinds:
            return []
        try:
            provider, real = await self._accounts.named(account)
        except Exception as error:
            return [unasked(account, error)]
        taking = Taking(self, provider, self._accounts.send(provider, real), self._parts[uid])
        for kind in in_order(kinds, provider.order):
            after: str | None = None
            while not taking.silent and (
                page := await store.entries(uid, account=account, kind=kind, left=True, after=after, limit=_PAGE)
            ):
                after = page[-1].id
                await asyncio.gather(*(taking.take(entry) for entry in page if entry.status != "pending"))
        return taking.words(account)

    async def end(self, entry: Entry, provider: SandboxProvider, send: Upstream, tell: Tell) -> str | None:
        """Take back one resource; the provider's words when it does not let go. Raises Unreachable, written down."""
        if not entry.external_id:
            # It was made, and its answer did not say what: as good as no answer.
            await self._storage.external.ledger.update(entry.id, changed_at=self._clock.now(), status="pending")
            return None
        resource = Resource(entry.kind, entry.external_id, entry.alias, entry.parent, derived=entry.origin == "derived")
        await self._ledger.deleting(entry)
        try:
            outcome = await provider.revoke(resource, send, tell)
        except Unreachable as lost:
            await self._ledger.hindered(entry, str(lost))
            raise
        except Exception as error:
            if not isinstance(error, Refused):
                log.exception("the driver of %s cannot take back %s %s", provider.name, entry.kind, entry.external_id)
            words = f"{error.status}: {error}" if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
            await self._ledger.hindered(entry, words)
            self.counts[entry.service, "stuck"] += 1
            return words
        # Listed once more after it was deleted: providers forget with a delay.
        outcome = "deleted" if outcome == "absent" and entry.outcome == "deleted" else outcome
        await self._ledger.ended(entry, outcome)
        self.counts[entry.service, outcome] += 1
        return None

    # Verifying

    async def verify(self, uid: str) -> Verdict:
        """List what carries its marker at every account that it used. What is there, and is not at its end, is
        written down again as living, so that it is taken back."""
        verdict = Verdict()
        for service, account in await self._storage.external.ledger.accounts(uid):
            look = Look(uid, service, account)
            try:
                await self._listing.carry_out(look)
            except Exception as error:
                verdict.words.append(unasked(account, error))
                continue
            seen = verdict.seen.setdefault(service, {"at": None, "listed": 0})
            seen["at"] = self._clock.now().isoformat()
            seen["listed"] += len(look.living)
            if look.living:
                first = look.living[0]
                verdict.words.append(
                    f"account {account} still lists {len(look.living)} of its resources, {first.kind} {first.id} first"
                )
        return verdict

    async def release(self, uid: str) -> None:
        """Give back what it leased."""
        await self._accounts.release(uid)


class Taking:
    """One account's revocations in one attempt. ``parts`` is told how far each is, by the line's id."""

    def __init__(
        self,
        revocation: Revocation,
        provider: SandboxProvider,
        send: Upstream,
        parts: dict[str, Mapping[str, int]],
    ) -> None:
        self._revocation = revocation
        self._provider = provider
        self._send = send
        self._parts = parts
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._unanswered = 0
        self._refused: list[str] = []
        self._lost = ""

    @property
    def silent(self) -> bool:
        """Whether the provider does not answer at all."""
        return self._unanswered >= _SILENT

    async def take(self, entry: Entry) -> None:
        async with self._places:
            if self.silent:
                return

            def tell(progress: Mapping[str, int]) -> None:
                self._parts[entry.id] = dict(progress)

            try:
                words = await self._revocation.end(entry, self._provider, self._send, tell)
            except Unreachable as lost:
                self._unanswered += 1
                self._lost = str(lost)
                return
            self._unanswered = 0
            if words is not None:
                self._refused.append(f"{entry.kind} {entry.external_id}: {words}")

    def words(self, account: str) -> list[str]:
        """What hinders it, for people."""
        lost = [f"account {account} does not answer: {self._lost}"] if self._lost else []
        return self._refused + lost


def in_order(kinds: Mapping[str, Any], order: Sequence[str]) -> Iterator[str]:
    """Kinds that the order does not name first."""
    yield from sorted(kind for kind in kinds if kind not in order)
    yield from (kind for kind in order if kind in kinds)


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "service": entry.service,
        "account": entry.account,
        "kind": entry.kind,
        "id": entry.external_id,
        "status": entry.status,
        "words": entry.error,
    }
