"""One SQLite file in use: its connection, its writer's lock and its checkpoints."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from broker.storage.base import StoreGone
from broker.storage.schema import BUSY_TIMEOUT, connect

#: Calls that wrote between two checkpoints: a page that many of them changed is copied once.
_WRITES_A_CHECKPOINT = 4000
#: Size above which the log is cut.
_LOG_BYTES = 256 << 20
#: Records that are kept at hand, and up to which size: 64 KiB a file at the most.
_RECENT, _RECENT_BYTES = 32, 2048


def _step_back() -> None:
    """Calls come first: a checkpoint copies megabytes, and nobody waits for it. Linux gives each thread a priority.
    Only for a thread that is in C all the time: one that is put off while it is the interpreter's puts all off."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


#: One after the other, whichever file they are of; the thread begins with the first.
_CHECKPOINTS = ThreadPoolExecutor(1, thread_name_prefix="checkpoint", initializer=_step_back)


class Session:
    """Opened once, used inline on the event loop. Whoever writes holds ``lock`` until it is done, because a call
    that waits in between must not see another's work on the same connection.

    Calls that come together are committed together: each is a part of one transaction, which is committed when the
    event loop has run what is ready now. Until then none of them is answered, nor is who has read what they wrote.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self.connection = connect(path, kind)
        self.lock = asyncio.Lock()
        #: Whoever waited for the lock meanwhile must ask.
        self.closed = False
        #: Scopes without a record: asked at every call, and nearly always true of webhook endpoints.
        self.empty: set[str] = set()
        #: The first record by key below a prefix, None for none, by scope: asked at every call for what is due.
        self.heads: dict[str, dict[str, bytes | None]] = {}
        #: Committed records that were read lately, by (scope, key): nobody else writes the file.
        self.recent: dict[tuple[str, str], bytes] = {}
        #: Whether a part is being written, by whoever holds the lock.
        self._inside = False
        #: Who waits for the commit; empty where no transaction of finished parts is open.
        self._waiting: list[asyncio.Future[None]] = []
        self._due = False
        self._writes = 0
        self._checkpoint: asyncio.Future[None] | None = None
        #: Who is told of every commit.
        self._listeners: set[asyncio.Event] = set()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[sqlite3.Connection]:
        """A write transaction: committed at the end, rolled back when the block raises."""
        async with self.lock:
            self.check()
            self.settle()
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        self.wrote()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[sqlite3.Connection]:
        """What is committed: on the same connection, a call's unfinished transaction would be seen too."""
        async with self.lock:
            self.check()
            self.settle()
            yield self.connection

    @asynccontextmanager
    async def threaded(self) -> AsyncIterator[sqlite3.Connection]:
        """The connection for a thread that writes all at once; nobody else uses it meanwhile, and what was noted of
        the records is forgotten."""
        async with self.lock:
            self.check()
            self.settle()
            try:
                yield self.connection
            finally:
                self._unsure()
        self.wrote()

    # -- parts of a transaction ------------------------------------------------------------------------

    def begin(self) -> bool:
        """Begin a part; the lock is held. Answers whether it follows others, for ``join`` or ``undo`` to be told."""
        follows = bool(self._waiting)
        self.connection.execute("SAVEPOINT part" if follows else "BEGIN IMMEDIATE")
        self._inside = True
        return follows

    def join(self, follows: bool) -> asyncio.Future[None]:
        """The part is complete: answers what is done, or fails, with the commit."""
        if follows:
            self.connection.execute("RELEASE part")
        self._inside = False
        return self._wait()

    def undo(self, follows: bool) -> None:
        """Take the part back; those before it stay."""
        self._inside = False
        try:
            if not self.connection.in_transaction:
                # A full disk has ended the transaction already, with all of its parts.
                self._tell(sqlite3.OperationalError("database or disk is full, or failed"))
            elif follows:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
                self._plan()
            else:
                self.connection.execute("ROLLBACK")
        finally:
            self._unsure()

    def seen(self) -> asyncio.Future[None] | None:
        """What is done with the commit of all that a reader may have seen; None when it is committed."""
        return self._wait() if self._waiting else None

    def settle(self) -> None:
        """Commit the finished parts now. Who waits for them is told when that fails; the lock is held, or free."""
        if not self._waiting:
            return
        count = len(self._waiting)
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error as failed:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            self._unsure()
            self._tell(failed)
        else:
            self._tell(None)
            self.wrote(count)

    def _wait(self) -> asyncio.Future[None]:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._plan()
        return future

    def _plan(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._at_last)

    def _at_last(self) -> None:
        self._due = False
        # Where a call waits in the middle of its part, the part's end plans the commit again.
        if not self._inside:
            self.settle()

    def _tell(self, failed: sqlite3.Error | None) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if future.done():
                continue  # nobody waits for it any more
            if failed is None:
                future.set_result(None)
            else:
                future.set_exception(failed)

    def _unsure(self) -> None:
        """Something was rolled back: what was noted meanwhile of the records in the file may not be so."""
        self.empty.clear()
        self.heads.clear()
        self.recent.clear()

    # -- what is at hand -------------------------------------------------------------------------------

    def remember(self, where: tuple[str, str], body: bytes) -> None:
        """Keep a committed record at hand, in the place of the one that came first."""
        if len(body) <= _RECENT_BYTES:
            if len(self.recent) >= _RECENT:
                del self.recent[next(iter(self.recent))]
            self.recent[where] = body

    def forget_blob(self, blob_id: str) -> None:
        """Its bytes are at hand no more, whoever's they are."""
        for where in [where for where in self.recent if where[1] == blob_id]:
            del self.recent[where]

    def head(self, scope: str, prefix: str, body: bytes | None) -> None:
        """Keep the first record below a prefix at hand, until its scope is written to."""
        if len(self.heads) >= _RECENT:
            self.heads.clear()
        known = self.heads.setdefault(scope, {})
        if len(known) >= _RECENT:
            known.clear()
        if body is None or len(body) <= _RECENT_BYTES:
            known[prefix] = body

    def check(self) -> None:
        """Raises StoreGone once it was closed."""
        if self.closed:
            raise StoreGone(self.path.parent.name)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """See storage.base.EnvironmentStore."""
        told = asyncio.Event()
        self._listeners.add(told)
        try:
            yield told
        finally:
            self._listeners.discard(told)

    def wrote(self, parts: int = 1) -> None:
        """Count what was committed; every so often the log is checkpointed in a thread: that makes a commit's p99."""
        self._writes += parts
        for listener in self._listeners:
            listener.set()
        if self._checkpoint is not None:
            if not self._checkpoint.done():
                return
            self._checkpoint = None
            self._shorten_log()
        if self._writes >= _WRITES_A_CHECKPOINT:
            self._writes = 0
            self._checkpoint = asyncio.get_running_loop().run_in_executor(_CHECKPOINTS, checkpoint, self.path)

    def _shorten_log(self) -> None:
        """A log that is written to all the time is never copied to its end by a thread, and would grow for ever. Here
        little is left to copy; who calls meanwhile waits for the disk once in some thousand calls."""
        log = self.path.with_name(self.path.name + "-wal")
        try:
            if log.stat().st_size > _LOG_BYTES and not self.connection.in_transaction:
                self.connection.execute("PRAGMA busy_timeout=0")
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except (sqlite3.Error, OSError):
            pass  # a reader is in the way, or the disk is full: the next one comes
        finally:
            self.connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")

    async def close(self) -> None:
        """Wait for whoever writes and for a running checkpoint, then close; the last connection of a file folds its
        log in."""
        async with self.lock:
            self.settle()
            self.closed = True
            for listener in self._listeners:
                listener.set()
            if self._checkpoint is not None and not self._checkpoint.done():
                await asyncio.wait([self._checkpoint])
            self.connection.close()


def checkpoint(path: Path) -> None:
    """Copy what is committed from the log into the file, as far as no reader is in the way."""
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.OperationalError:
        return  # the environment was closed meanwhile
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.Error:
        pass  # busy or full disk: the next one comes
    finally:
        connection.close()
