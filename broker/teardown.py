"""Closing an environment: credentials die, what exists is counted, everything is deleted, a receipt proves it.

Each phase can be repeated at any time and continues from what is stored; the workflow that strings them
together (broker/workflows/close.py) makes sure that they happen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from broker.clock import Clock
from broker.storage.base import Environment, Storage

log = logging.getLogger("broker.teardown")

#: In this order; see Teardown.
PHASES = ("disarm", "count", "delete", "finish")
#: Seconds between two attempts of a phase: doubled each time, and never longer than the last.
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 300.0
#: A store that cannot be read this often is deleted uncounted: closing must end even when a file is damaged.
_COUNT_ATTEMPTS = 3

Receipt = dict[str, Any]


class Teardown:
    """The phases of a close. The receipt is stored from the first one on, with ``status`` ``closing``."""

    def __init__(self, *, storage: Storage, clock: Clock, forget: Callable[[str], None]) -> None:
        """``forget`` gets a uid, and makes whoever keeps a copy of the environment ask the registry again."""
        self._storage = storage
        self._clock = clock
        self._forget = forget
        self._faults: dict[str, int] = {}
        self._over: dict[str, asyncio.Event] = {}

    @property
    def hindered(self) -> int:
        """How many closes have failed at their last attempt, since the start."""
        return len(self._faults)

    async def attempt(self, phase: str, uid: str) -> float | None:
        """Do a phase. None when it is done, else the seconds after which to try again; never raises."""
        try:
            environment = await self._storage.registry.environment_by_uid(uid)
            if environment is None or environment.status == "closed":
                self._announce(uid)
                return None
            stuck = await getattr(self, "_" + phase)(environment)
        except Exception as error:
            log.warning("closing %s: %s failed: %r", uid, phase, error)
            stuck = f"{type(error).__name__}: {error}"
        if stuck is None:
            self._faults.pop(uid, None)
            return None
        return await self._postpone(uid, phase, stuck)

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
            "left": {},
            "duration_ms": None,
            "attempts": 0,
            "stuck": None,
        }

    async def _receipt(self, environment: Environment) -> Receipt:
        stored = await self._storage.registry.receipt(environment.uid)
        return dict(stored) if stored is not None else self._draft(environment)

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

    async def _finish(self, environment: Environment) -> str | None:
        """The receipt first, then the tombstone: a closed environment always has its receipt."""
        receipt = await self._receipt(environment)
        if left := await self._storage.leftovers(environment):
            # Written by a call that was still running while its environment was deleted.
            await self._storage.destroy(environment)
            return f"{len(left)} files came back, {left[0]} first"
        if receipt["status"] != "closed":
            now = self._clock.now()
            took = now - datetime.fromisoformat(receipt["closing_at"])
            existed = {name: value for name, value in (receipt["existed"] or {}).items() if name != "unreadable"}
            receipt |= {
                "status": "closed",
                "closed_at": _text(now),
                # What was counted is gone: no file of it is left.
                "deleted": {**existed, **receipt["deleted"]},
                "left": {},
                "duration_ms": round(took / timedelta(milliseconds=1), 3),
                "stuck": None,
            }
            await self._storage.registry.put_receipt(environment.uid, receipt)
        closed_at = datetime.fromisoformat(receipt["closed_at"])
        await self._storage.registry.update_environment(environment.uid, status="closed", closed_at=closed_at)
        self._forget(environment.uid)
        self._announce(environment.uid)
        return None

    async def _postpone(self, uid: str, phase: str, reason: str) -> float:
        self._faults[uid] = faults = self._faults.get(uid, 0) + 1
        wait: float = min(_FIRST_WAIT * 2.0 ** min(faults - 1, 20), _LONGEST_WAIT)
        now = self._clock.now()
        stuck = {"phase": phase, "reason": reason, "attempts": faults, "next_at": _text(now + timedelta(seconds=wait))}
        try:
            receipt = await self._storage.registry.receipt(uid)
            if receipt is not None:
                since = (receipt.get("stuck") or {}).get("since") or _text(now)
                await self._storage.registry.put_receipt(uid, {**receipt, "stuck": {**stuck, "since": since}})
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
                    found.append({"environment": environment.name, "uid": environment.uid, **receipt["stuck"]})
            after = page[-1].name
        return found


def _text(at: datetime) -> str:
    return at.isoformat()
