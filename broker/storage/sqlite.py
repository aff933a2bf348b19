"""Storage in one folder: ``broker.db`` and ``environments/<uid>/{state.db, blobs/}``.

One folder per environment is physical isolation and an instant teardown. Stores open on first use and the
least recently used are closed, so that a thousand environments cost no file descriptors while they sleep.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import shutil
import sqlite3
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from broker.clock import SystemClock
from broker.metrics import Metrics
from broker.storage.base import Environment, StoreGone
from broker.storage.blobs import BlobFiles, Holds
from broker.storage.garbage import SWEEPS, sweep
from broker.storage.removal import REMOVALS, Removed, census, leftovers, remove
from broker.storage.reserve import Reserve
from broker.storage.room import Room, lower
from broker.storage.sqlite_blobs import open_blob, stored
from broker.storage.sqlite_contents import counted, emptied, one_recorded, recorded
from broker.storage.sqlite_expectations import SqliteExpectations
from broker.storage.sqlite_journal import SqliteJournal
from broker.storage.sqlite_mail import SqliteMailbox
from broker.storage.sqlite_outbox import SqliteOutbox
from broker.storage.sqlite_registry import SqliteRegistry
from broker.storage.sqlite_session import Session
from broker.storage.sqlite_state import SqliteTransaction
from mocks.base import Record

log = logging.getLogger("broker.storage")

T = TypeVar("T")

#: Open stores at the most, each of three descriptors and some 250 KiB. Opening one costs a hundred calls, so those that
#: are in use should stay open, and those that are not are closed by ``rest``.
_OPEN_STORES = 1024
#: Of the descriptors that the process may have, one in so many is for an open store: the others are for callers.
_SHARE = 8
#: Seconds that a reset waits for the deletion of files.
_WAIT = 5.0
#: Looks at a store that is in use, 10 ms apart, before it is destroyed all the same.
_PATIENCE = 500


class SqliteEnvironment:
    """See storage.base.EnvironmentStore."""

    def __init__(
        self, folder: Path, new_id: Callable[[], str], holds: Holds, *, journal_count: int, journal_bytes: int
    ) -> None:
        for each in (folder.parent, folder, folder / "blobs"):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._holds = holds
        self._files = BlobFiles(folder / "blobs", holds)
        self._new_id = new_id
        self._state = Session(folder / "state.db", "state")
        self.room = Room(stored(self._state.connection)[1])
        self.outbox = SqliteOutbox(self._state)
        self.mailbox = SqliteMailbox(self._state, self._files, self.room)
        self.expectations = SqliteExpectations(self._state)
        self.journal = SqliteJournal(self._state, max_count=journal_count, max_bytes=journal_bytes)
        #: Calls that run now: a busy store is not closed.
        self.users = 0
        #: Whose limits hold.
        self.policy: Mapping[str, Any] = {}
        #: Monotonic seconds of the last opening.
        self.used_at = 0.0

    @property
    def busy(self) -> bool:
        """Whether a call runs, or somebody reads or writes beside the calls."""
        return self.users > 0 or self._state.lock.locked()

    def begin(self, service: str, events_kind: str | None = None) -> SqliteTransaction:
        return SqliteTransaction(self._state, self._files, service, self._new_id, events_kind, self.room)

    def listening(self) -> AbstractContextManager[asyncio.Event]:
        return self._state.listening()

    def read_blob(self, service: str, blob_id: str) -> AsyncIterator[bytes]:
        return open_blob(self._state.connection, self._files, service, blob_id, 0, None)

    async def records(
        self, service: str, kind: str, *, after: str | None = None, limit: int = 100
    ) -> Sequence[tuple[str, Record]]:
        async with self._state.reading() as connection:
            return recorded(connection, f"{service}/{kind}", after, limit)

    async def record(self, service: str, kind: str, key: str) -> Record | None:
        async with self._state.reading() as connection:
            return one_recorded(connection, f"{service}/{kind}", key)

    async def inventory(self) -> Mapping[str, Any]:
        async with self._state.reading():
            pass  # what was answered is committed
        return await asyncio.to_thread(counted, self._state.path)

    async def reset(self) -> None:
        async with self._state.threaded() as connection:
            _, size = stored(connection)
            await asyncio.to_thread(emptied, connection)
        self.room.used -= size
        # What no row names any more goes in any case; who asked waits for it as long as one does.
        going = _in(SWEEPS, sweep, self._state.path.parent, self._holds, lambda: self._state.closed)
        await asyncio.wait([going], timeout=_WAIT)

    async def close(self) -> None:
        """Idempotent."""
        await self._state.close()


class SqliteStorage:
    """See storage.base.Storage."""

    def __init__(
        self,
        folder: Path,
        new_id: Callable[[], str],
        *,
        journal_count: int = 5000,
        journal_bytes: int = 64 << 20,
        incidents_kept: int = 1000,
        storage_bytes: int | None = None,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._new_id = new_id
        self._monotonic = monotonic or SystemClock().monotonic
        self._journal_count = journal_count
        self._journal_bytes = journal_bytes
        self._storage_bytes = storage_bytes
        self.registry = SqliteRegistry(folder / "broker.db", incidents_kept=incidents_kept)
        self.external = self.registry.external
        self._reserve = Reserve(folder / "reserve")
        self._reserve.keep()
        self._stores: OrderedDict[str, SqliteEnvironment] = OrderedDict()
        self._holds = Holds()
        #: By uid, of environments that were used since the start: the name, and what is stored.
        self._rooms: dict[str, tuple[str, Room]] = {}
        self._destroyed: set[str] = set()
        self._closed = False
        self._removed: dict[str, Removed] = {}

    def _home(self, environment: Environment) -> Path:
        return self._folder / "environments" / environment.uid

    async def create(self, environment: Environment) -> SqliteEnvironment:
        return await self.open(environment)

    async def open(self, environment: Environment) -> SqliteEnvironment:
        store = self._stores.get(environment.uid)
        if store is not None:
            self._stores.move_to_end(environment.uid)
            store.used_at = self._monotonic()
            if store.policy is not environment.policy:
                self._limit(store, environment.policy)
            return store
        if environment.uid in self._destroyed or environment.status == "closed":
            raise StoreGone(environment.uid)
        # An environment's policy can only lower what the server keeps.
        limits = environment.policy.get("limits", {})
        store = SqliteEnvironment(
            self._home(environment),
            self._new_id,
            self._holds,
            journal_count=min(self._journal_count, limits.get("journal_exchanges", self._journal_count)),
            journal_bytes=min(
                self._journal_bytes, limits["journal_mib"] << 20 if "journal_mib" in limits else self._journal_bytes
            ),
        )
        store.used_at = self._monotonic()
        self._limit(store, environment.policy)
        self._stores[environment.uid] = store
        self._rooms[environment.uid] = (environment.name, store.room)
        await self._close_idle(environment.uid)
        # Closing others may have taken time, in which this one was destroyed or became idle itself.
        return store if self._stores.get(environment.uid) is store else await self.open(environment)

    def _limit(self, store: SqliteEnvironment, policy: Mapping[str, Any]) -> None:
        """What may be stored, by the policy that holds now."""
        store.policy = policy
        own = policy.get("limits", {}).get("storage_mib")
        store.room.most = lower(self._storage_bytes, own and own << 20)

    async def _close_idle(self, wanted: str) -> None:
        """All but ``wanted``, which is about to be used, and the busy ones."""
        surplus = len(self._stores) - _affordable()
        idle = [uid for uid, store in self._stores.items() if not store.busy and uid != wanted]
        # Taken out before the first wait: nobody is handed one that is being closed.
        for store in [self._stores.pop(uid) for uid in idle[: max(surplus, 0)]]:
            await store.close()

    async def rest(self, seconds: float) -> int:
        """Close what has not been used for so long; answers how many stores that were."""
        before = self._monotonic() - seconds
        idle = [uid for uid, store in self._stores.items() if store.used_at <= before and not store.busy]
        for store in [self._stores.pop(uid) for uid in idle]:
            await store.close()
        return len(idle)

    async def sweep(self) -> int:
        """Delete blob files that no row names, of all environments, open or not; answers how many."""
        folder, swept = self._folder / "environments", 0
        for uid in await asyncio.to_thread(_names, folder):
            try:
                swept += await _in(SWEEPS, sweep, folder / uid, self._holds, partial(self._ended, uid))
            except (sqlite3.Error, OSError) as failed:
                # It is being destroyed, or damaged: no reason to leave the others as they are.
                log.warning("blobs of %s could not be swept: %s", uid, failed)
        self._reserve.keep()
        return swept

    def _ended(self, uid: str) -> bool:
        return self._closed or uid in self._destroyed

    async def destroy(self, environment: Environment) -> Mapping[str, Any]:
        self._destroyed.add(environment.uid)
        self._rooms.pop(environment.uid, None)
        store = self._stores.pop(environment.uid, None)
        if store is not None:
            await self._last_calls(store)
            await store.close()
        gone = self._removed[environment.uid] = Removed()
        try:
            await _in(REMOVALS, remove, self._home(environment), gone)
        finally:
            del self._removed[environment.uid]
        self._reserve.keep()
        return asdict(gone)

    async def census(self, environment: Environment) -> Mapping[str, int]:
        return asdict(await _in(REMOVALS, census, self._home(environment)))

    def removed(self, uid: str) -> Mapping[str, int] | None:
        gone = self._removed.get(uid)
        return None if gone is None else asdict(gone)

    def expose(self, metrics: Metrics) -> None:
        """Figures of what is stored."""
        metrics.gauge(
            "stored_bytes",
            "Objects and files that the mocks of an environment keep, of those used since the start.",
            ("environment",),
            lambda: {name: room.used for name, room in self._rooms.values()},
        )
        metrics.gauge(
            "disk_free_bytes",
            "Space left on the disk of the data folder.",
            (),
            lambda: {(): shutil.disk_usage(self._folder).free},
        )

    def make_room(self) -> None:
        self._reserve.make_room()

    @staticmethod
    async def _last_calls(store: SqliteEnvironment) -> None:
        """Calls that began before get some seconds to end; a slow upload does not hold a teardown up for longer."""
        for _ in range(_PATIENCE):
            if not store.users:
                return
            await asyncio.sleep(0.01)

    async def leftovers(self, environment: Environment) -> Sequence[str]:
        return await _in(REMOVALS, leftovers, self._home(environment))

    async def close(self) -> None:
        self._closed = True
        for store in self._stores.values():
            await store.close()
        self._stores.clear()
        self.registry.close()


def _in(threads: Executor, work: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
    return asyncio.get_running_loop().run_in_executor(threads, partial(work, *arguments))


def _affordable() -> int:
    """How many stores may be open: as many as are useful, fewer where the process may have few descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _OPEN_STORES if soft == resource.RLIM_INFINITY else max(1, min(_OPEN_STORES, soft // _SHARE))


def _names(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else ()
