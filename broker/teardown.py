"""Closing an environment: credentials die, what it made at real providers is taken back, what exists here is counted
and deleted, and a signed receipt proves it.

Each phase can be repeated at any time and continues from what is stored; the workflow that strings them
together (broker/workflows/close.py) makes sure that they happen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from broker.clock import Clock
from broker.metrics import Metrics
from broker.revocation import Revocation
from broker.storage.base import Environment, Storage

log = logging.getLogger("broker.teardown")

#: In this order; see Teardown.
PHASES = ("disarm", "revoke", "count", "delete", "finish")
#: Seconds between two attempts of a phase: doubled each time, and never longer than the last. Up to a quarter is left
#: out by chance, so that many closes do not come back to a provider at once.
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 1.0, 300.0, 0.25
#: Looks at the calls under way in one attempt, seconds between two, and until the next attempt.
_LOOKS, _LOOK, _AFTER_LOOKS = 250, 0.02, 0.5
#: Failed attempts after which the orchestrator is told, and how long until it is told again.
_TOLD_AFTER, _TOLD_AGAIN = 5, timedelta(hours=24)
#: Resources that a receipt names, and words that a reason holds.
_NAMED, _WORDS = 20, 5
_DIGITS = "0123456789"
#: A store that cannot be read this often is deleted uncounted: closing must end even when a file is damaged.
_COUNT_ATTEMPTS = 3

Receipt = dict[str, Any]
#: Tells the orchestrator: a name that is the same when it is told again, a type, what there is to say.
Notify = Callable[[str, str, Mapping[str, Any]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Wait:
    """A phase that is not done and not hindered either: what for, and for how many seconds."""

    reason: str
    seconds: float


def unsigned(receipt: Mapping[str, Any]) -> Receipt:
    """Of a server without a key for it."""
    return dict(receipt)


async def nobody(name: str, type: str, payload: Mapping[str, Any]) -> None:
    """Of a server whose orchestrator does not listen."""


class Teardown:
    """The phases of a close. The receipt is stored from the first one on, with ``status`` ``closing``."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        forget: Callable[[str], None],
        revocation: Revocation | None = None,
        sign: Callable[[Mapping[str, Any]], Receipt] = unsigned,
        notify: Notify = nobody,
    ) -> None:
        """``forget`` gets a uid, and makes whoever keeps a copy of the environment ask the registry again."""
        self._storage = storage
        self._clock = clock
        self._forget = forget
        self._revocation = revocation
        self._sign = sign
        self._notify = notify
        self._faults: dict[str, int] = {}
        self._over: dict[str, asyncio.Event] = {}

    @property
    def hindered(self) -> int:
        """How many closes have failed at their last attempt, since the start."""
        return len(self._faults)

    def expose(self, metrics: Metrics) -> None:
        """Figures of closes."""
        metrics.gauge(
            "closes_hindered",
            "Environments whose closing failed at its last attempt.",
            (),
            lambda: {(): self.hindered},
        )

    async def attempt(self, phase: str, uid: str) -> float | None:
        """Do a phase. None when it is done, else the seconds after which to try again; never raises."""
        try:
            environment = await self._storage.registry.environment_by_uid(uid)
            if environment is None or environment.status == "closed":
                self._announce(uid)
                return None
            hindered: str | Wait | None = await getattr(self, "_" + phase)(environment)
        except Exception as error:
            log.warning("closing %s: %s failed: %r", uid, phase, error)
            hindered = f"{type(error).__name__}: {error}"
        if hindered is None or isinstance(hindered, Wait):
            self._faults.pop(uid, None)
            return None if hindered is None else hindered.seconds
        return await self._postpone(uid, phase, hindered)

    async def disarm(self, environment: Environment) -> None:
        """Before anything else, and inside of the request that closes: no credential of it works from here on."""
        registry = self._storage.registry
        if environment.status == "closed":
            return
        self._storage.make_room()
        await registry.update_environment(environment.uid, status="closing")
        await registry.kill_credentials(environment.uid)
        self._forget(environment.uid)
        if await registry.receipt(environment.uid) is None:
            await registry.put_receipt(environment.uid, self._draft(environment))

    async def _disarm(self, environment: Environment) -> None:
        await self.disarm(environment)

    def _draft(self, environment: Environment) -> Receipt:
        return {
            "environment": environment.name,
            "uid": environment.uid,
            "status": "closing",
            "opened_at": _text(environment.created_at),
            "closing_at": _text(self._clock.now()),
            "closed_at": None,
            "existed": None,
            "deleted": {"files": 0, "bytes": 0},
            "external": {},
            "verified": {},
            "left": {},
            "duration_ms": None,
            "attempts": 0,
            "waiting": None,
            "stuck": None,
        }

    async def _receipt(self, environment: Environment) -> Receipt:
        stored = await self._storage.registry.receipt(environment.uid)
        return {**self._draft(environment), **(stored or {})}

    # What was made at real providers

    async def _revoke(self, environment: Environment) -> str | Wait | None:
        """Calls under way end, requests without an answer are settled, everything is taken back, and the providers
        list nothing of it any more. All in one phase: the ledger knows how far it is."""
        revocation, uid = self._revocation, environment.uid
        if revocation is None or not (revocation.running(uid) or await revocation.concerned(uid)):
            return None
        receipt = await self._receipt(environment)
        if not await self._drained(uid) and self._clock.now() < _moment(receipt["closing_at"]) + revocation.longest:
            return await self._waiting(receipt, "its last calls to providers are under way", _AFTER_LOOKS)
        if not revocation.running(uid) and receipt.get("drained_at") is None:
            receipt["drained_at"] = _text(self._clock.now())
        drained_at = receipt.get("drained_at")
        settled = await revocation.settle(uid, drained_at=drained_at and _moment(drained_at))
        words = settled.words + await revocation.revoke(uid)
        if not words and settled.until is None:
            verdict = await revocation.verify(uid)
            receipt["verified"], words = verdict.seen, verdict.words
        number, named = await revocation.left(uid, _NAMED)
        receipt["external"] = await revocation.figures(uid)
        receipt["left"] = {"external": named, "number": number} if number else {}
        if words:
            await self._storage.registry.put_receipt(uid, {**receipt, "waiting": None})
            more = f", and {len(words) - _WORDS} more" if len(words) > _WORDS else ""
            return "; ".join(words[:_WORDS]) + more
        if number or revocation.running(uid):
            reason = "requests without an answer may still be carried out at the provider"
            until = settled.until or self._clock.now()
            return await self._waiting(receipt, reason, max((until - self._clock.now()).total_seconds(), _FIRST_WAIT))
        await self._storage.registry.put_receipt(uid, {**receipt, "waiting": None, "stuck": None})
        await revocation.release(uid)
        return None

    async def _drained(self, uid: str) -> bool:
        for _ in range(_LOOKS):
            if self._revocation is None or not self._revocation.running(uid):
                return True
            await asyncio.sleep(_LOOK)
        return False

    async def _waiting(self, receipt: Receipt, reason: str, seconds: float) -> Wait:
        until = _text(self._clock.now() + timedelta(seconds=seconds))
        told = {**receipt, "waiting": {"reason": reason, "until": until}, "stuck": None}
        await self._storage.registry.put_receipt(receipt["uid"], told)
        return Wait(reason, seconds)

    # What is here

    async def _count(self, environment: Environment) -> None:
        """Written down before anything is deleted, so that a repetition does not count what is left of it."""
        receipt = await self._receipt(environment)
        if receipt["existed"] is not None:
            return
        try:
            existed = dict(await (await self._storage.open(environment)).inventory())
        except Exception as error:
            if self._faults.get(environment.uid, 0) + 1 < _COUNT_ATTEMPTS:
                raise
            existed = {"unreadable": f"{type(error).__name__}: {error}"}
        existed |= await self._storage.census(environment)
        existed["credentials"] = len(await self._storage.registry.credentials(environment.uid))
        await self._storage.registry.put_receipt(environment.uid, {**receipt, "existed": existed, "stuck": None})

    async def _delete(self, environment: Environment) -> str | None:
        gone = await self._storage.destroy(environment)
        left = await self._storage.leftovers(environment)
        receipt = await self._receipt(environment)
        before = receipt["deleted"]
        receipt["deleted"] = {name: before.get(name, 0) + gone.get(name, 0) for name in ("files", "bytes")}
        receipt["left"] = {"files": list(left)} if left else {}
        receipt["attempts"] += 1
        receipt["stuck"] = None
        await self._storage.registry.put_receipt(environment.uid, receipt)
        return f"{len(left)} files are still there, {left[0]} first" if left else None

    async def _finish(self, environment: Environment) -> str | Wait | None:
        """The receipt first, then the tombstone: a closed environment always has its receipt."""
        receipt = await self._receipt(environment)
        if left := await self._storage.leftovers(environment):
            # Written by a call that was still running while its environment was deleted.
            await self._storage.destroy(environment)
            return f"{len(left)} files came back, {left[0]} first"
        # Learned meanwhile, from an event that was under way.
        if self._revocation is not None and (await self._revocation.left(environment.uid, 1))[0]:
            return await self._revoke(environment) or Wait("what came late is taken back", 0.0)
        if receipt["status"] != "closed":
            now = self._clock.now()
            took = now - _moment(receipt["closing_at"])
            existed = {name: value for name, value in (receipt["existed"] or {}).items() if name != "unreadable"}
            # A deletion that was cut short had not told how far it was.
            deleted = {name: max(number, existed.get(name, 0)) for name, number in receipt["deleted"].items()}
            receipt |= {
                "status": "closed",
                "closed_at": _text(now),
                # What was counted is gone: no file of it is left.
                "deleted": {**existed, **deleted},
                "left": {},
                "duration_ms": round(took / timedelta(milliseconds=1), 3),
                "waiting": None,
                "stuck": None,
            }
            receipt = self._sign(receipt)
            await self._storage.registry.put_receipt(environment.uid, receipt)
        await self._notify(f"closed-{environment.uid}", "environment.closed", receipt)
        closed_at = _moment(receipt["closed_at"])
        await self._storage.registry.update_environment(environment.uid, status="closed", closed_at=closed_at)
        self._forget(environment.uid)
        self._announce(environment.uid)
        return None

    async def _postpone(self, uid: str, phase: str, reason: str) -> float:
        self._faults[uid] = faults = self._faults.get(uid, 0) + 1
        wait: float = min(_FIRST_WAIT * 2.0 ** min(faults - 1, 20), _LONGEST_WAIT)
        wait *= 1 - _JITTER * int(self._clock.text(3, _DIGITS)) / 1000
        now = self._clock.now()
        stuck = {"phase": phase, "reason": reason, "attempts": faults, "next_at": _text(now + timedelta(seconds=wait))}
        try:
            receipt = await self._storage.registry.receipt(uid)
            if receipt is not None:
                since = (receipt.get("stuck") or {}).get("since") or _text(now)
                receipt = {**receipt, "stuck": {**stuck, "since": since}}
                await self._storage.registry.put_receipt(uid, receipt)
                if faults >= _TOLD_AFTER:
                    times = (now - _moment(receipt["closing_at"])) // _TOLD_AGAIN
                    await self._notify(f"stuck-{uid}-{times}", "teardown.stuck", receipt)
        except Exception as error:
            # The same full disk, most likely: what counts is that the phase is tried again.
            log.warning("closing %s: what holds it up cannot be stored: %r", uid, error)
        return wait

    def _announce(self, uid: str) -> None:
        if (waiting := self._over.pop(uid, None)) is not None:
            waiting.set()

    async def closed(self, uid: str) -> Mapping[str, Any]:
        """Wait until it is closed; its receipt."""
        while True:
            environment = await self._storage.registry.environment_by_uid(uid)
            if environment is None:
                raise LookupError(f"no environment {uid}")
            if environment.status == "closed":
                return await self._storage.registry.receipt(uid) or self._draft(environment)
            await self._over.setdefault(uid, asyncio.Event()).wait()

    async def stuck(self) -> list[dict[str, Any]]:
        """What is being closed and cannot be, and why; also from before a restart."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while page := await self._storage.registry.environments(status="closing", after=after):
            for environment in page:
                receipt = await self._storage.registry.receipt(environment.uid) or {}
                if receipt.get("stuck"):
                    left: Sequence[Any] = (receipt.get("left") or {}).get("external") or ()
                    about = {"environment": environment.name, "uid": environment.uid}
                    found.append({**about, **receipt["stuck"], "resources": list(left)})
            after = page[-1].name
        return found


def _text(at: datetime) -> str:
    return at.isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
