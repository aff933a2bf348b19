"""DBOS in a room of its own: a thread with an event loop, started when durable work is first needed.

DBOS keeps which steps of a workflow are done and continues after a crash. Its import costs a second and
50 MB, it replaces the thread pool of the loop that it runs on, and it blocks; the server's loop has none of that.
Steps do their work on the server's loop, because that is where the environments' databases are used.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextvars import Context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from dbos import DBOS, DBOSConfig
    from sqlalchemy import Engine as Database

log = logging.getLogger("broker.workflows")

T = TypeVar("T")

#: Part of every workflow's record: DBOS continues only those of the same version. To be raised when the order of
#: the steps changes; what an older version left unfinished is found by its rows (see Workflows) and begun anew.
VERSION = "2"
#: One server owns a data folder, so what "an earlier executor" left is ours.
_EXECUTOR = "broker"
#: Threads and connections for DBOS's own queries. SQLite has one writer, so more would only wait.
_THREADS = 4
_TERMINAL = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Durable(Protocol):
    """What a workflow's body may use. It repeats after a crash: steps that are done are answered from the record."""

    async def step(self, name: str, work: Callable[[], Coroutine[Any, Any, float | None]]) -> float | None:
        """Do ``work`` on the server's loop and keep its answer."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Counts from the first time, restarts included."""
        ...


class Body(Protocol):
    """A workflow: deterministic, apart from its steps."""

    def __call__(self, durable: Durable, *arguments: Any) -> Awaitable[None]: ...


class Engine:
    """Begins workflows by name. Every method is called on the server's loop."""

    def __init__(
        self, database: Path, bodies: Mapping[str, Body], lost: Callable[[str, Sequence[Any]], None] | None = None
    ) -> None:
        """``lost`` is told, on the server's loop, of a workflow that ended by an error of DBOS's own (a full disk):
        its name and arguments. Its record may still say that it runs."""
        self._path = database
        self._bodies = bodies
        self._lost = lost
        self._starting = asyncio.Lock()
        self._launching: asyncio.Future[None] | None = None
        self._server: asyncio.AbstractEventLoop | None = None
        self._room: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._registered: dict[str, Any] = {}
        self._database: Database | None = None
        self._dbos: type[DBOS]

    @property
    def launched(self) -> bool:
        """Whether workflows begin without a wait."""
        return self._launching is not None and self._launching.done() and self._launching.exception() is None

    async def launch(self) -> None:
        """Start DBOS, once; unfinished workflows of the last run continue. Raises what hinders it, and may be tried
        again then."""
        async with self._starting:
            if self._launching is None or (self._launching.done() and self._launching.exception() is not None):
                await self._leave()
                self._server = asyncio.get_running_loop()
                opened: Future[None] = Future()
                self._launching = asyncio.wrap_future(opened)
                self._thread = threading.Thread(target=self._live, args=(opened,), name="workflows", daemon=True)
                self._thread.start()
            launching = self._launching
        await asyncio.shield(launching)

    async def begin(self, name: str, workflow_id: str, *arguments: Any) -> None:
        """Answers once the workflow is on record: from then on it ends, whatever happens. Nothing happens when one
        of that id exists."""
        await self.launch()
        await self._inside(self._begin(name, workflow_id, arguments))

    async def unfinished(self, name: str) -> list[Sequence[Any]]:
        """The arguments of those that this version still works on."""
        await self.launch()
        return await self._inside(self._unfinished(name))

    async def forget(self) -> int:
        """Delete the records of ended workflows, at most a thousand; answers how many."""
        return await self._inside(self._forget()) if self.launched else 0

    async def stop(self) -> None:
        """Leave unfinished workflows as they are on record: they continue at the next start."""
        if self._launching is not None and not self._launching.done():
            await asyncio.wait([self._launching])
        # What is cancelled now continues at the next start: that is no news.
        logging.getLogger("dbos").setLevel(logging.ERROR)
        await self._leave()
        self._launching = None

    # On the server's loop

    async def _inside(self, work: Coroutine[Any, Any, T]) -> T:
        if self._room is None or not self._room.is_running():
            work.close()
            raise RuntimeError("workflows have stopped")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._room))

    async def _leave(self) -> None:
        thread, room = self._thread, self._room
        if thread is None:
            return
        if room is not None and room.is_running():
            await self._inside(_cancel_others())
            await asyncio.to_thread(self._destroy)
            room.call_soon_threadsafe(room.stop)
        await asyncio.to_thread(thread.join)
        self._thread = self._room = None

    def _destroy(self) -> None:
        """Not in the room: DBOS's threads may still need its loop while they end."""
        self._dbos.destroy(destroy_registry=True)
        if self._database is not None:
            self._database.dispose()
            self._database = None

    # In the room

    def _live(self, opened: Future[None]) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            try:
                # With a running loop in this thread, DBOS runs recovered workflows on it as well.
                loop.run_until_complete(self._open())
            except BaseException as error:
                opened.set_exception(error)
                return
            self._room = loop
            loop.call_soon(opened.set_result, None)
            loop.run_forever()
        finally:
            loop.run_until_complete(_cancel_others())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _open(self) -> None:
        _prepare(self._path)
        # A logger with a handler gets no second one from DBOS, and hands on to ours.
        logger = logging.getLogger("dbos")
        logger.setLevel(logging.WARNING)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        from dbos import DBOS, DBOSPortableJSONSerializer

        self._dbos = DBOS
        self._database = _database(self._path)
        config: DBOSConfig = {
            "name": "preview-broker",
            "system_database_engine": self._database,
            # Records that a later version of our code can read, and that run nothing when they are read.
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": VERSION,
            "executor_id": _EXECUTOR,
            "max_executor_threads": _THREADS,
            "enable_otlp": False,
            "log_level": "WARNING",
        }
        DBOS.destroy(destroy_registry=True)
        DBOS(config=config)
        durable = _Durable(self)
        for name, body in self._bodies.items():
            bound = self._bound(name, body, durable)
            self._registered[name] = DBOS.workflow(name=name, max_recovery_attempts=None)(bound)
        DBOS.launch()

    def _bound(self, name: str, body: Body, durable: Durable) -> Callable[..., Coroutine[Any, Any, None]]:
        async def workflow(*arguments: Any) -> None:
            try:
                await body(durable, *arguments)
            except Exception as error:
                log.warning("durable work %s was interrupted and will be begun anew: %r", name, error)
                if self._server is not None and self._lost is not None:
                    self._server.call_soon_threadsafe(self._lost, name, arguments)

        return workflow

    async def _begin(self, name: str, workflow_id: str, arguments: Sequence[Any]) -> None:
        from dbos import SetWorkflowID

        with SetWorkflowID(workflow_id):
            await self._dbos.start_workflow_async(self._registered[name], *arguments)

    async def _unfinished(self, name: str) -> list[Sequence[Any]]:
        found = await self._dbos.list_workflows_async(
            name=name, status=["PENDING", "ENQUEUED"], app_version=VERSION, load_output=False
        )
        return [each.input["args"] for each in found if each.input is not None]

    async def _forget(self) -> int:
        found = await self._dbos.list_workflows_async(
            status=list(_TERMINAL), limit=1000, load_input=False, load_output=False
        )
        if found:
            await self._dbos.delete_workflows_async([each.workflow_id for each in found])
        return len(found)

    async def on_server(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """From the room to the server's loop and back."""
        if self._server is None:
            raise RuntimeError("workflows have not started")
        # In a context of its own: what a step begins (a notice) is no part of it for DBOS, which would refuse that.
        begun = Context().run(asyncio.run_coroutine_threadsafe, work(), self._server)
        return await asyncio.wrap_future(begun)

    async def run_step(self, name: str, work: Callable[[], Coroutine[Any, Any, float | None]]) -> float | None:
        async def run() -> float | None:
            return await self.on_server(work)

        return await self._dbos.run_step_async({"name": name}, run)

    async def sleep(self, seconds: float) -> None:
        await self._dbos.sleep_async(seconds)


class _Durable:
    """See Durable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def step(self, name: str, work: Callable[[], Coroutine[Any, Any, float | None]]) -> float | None:
        return await self._engine.run_step(name, work)

    async def sleep(self, seconds: float) -> None:
        await self._engine.sleep(seconds)


def _prepare(path: Path) -> None:
    """WAL is a property of the file; DBOS does not set it. A damaged file is put aside: what it knew can be found
    again by the environments' own rows."""
    try:
        _set_wal(path)
    except sqlite3.DatabaseError as damage:
        if isinstance(damage, sqlite3.OperationalError):
            raise  # a full disk, a missing right: the file itself is sound
        log.error("%s is damaged (%s): put aside, and begun anew", path.name, damage)
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.replace(path.with_name("damaged-" + path.name + suffix))
        _set_wal(path)
    path.chmod(0o600)


def _set_wal(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("SELECT count(*) FROM sqlite_master")
    finally:
        connection.close()


def _database(path: Path) -> Database:
    """As DBOS would make it (short write transactions, patient, foreign keys), but without a wait for the disk at
    every commit: with WAL a record survives the end of the process (https://sqlite.org/wal.html)."""
    from sqlalchemy import create_engine, event

    database = create_engine(f"sqlite:///{path.resolve()}", pool_size=_THREADS + 4, max_overflow=4)

    @event.listens_for(database, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")

    return database


async def _cancel_others() -> None:
    """Cancel every other task of the running loop and wait for them."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
