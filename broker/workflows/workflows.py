"""What the rest of the broker asks of durable work: close, notify, resend, sweep, and what is stuck.

The environments' rows are the truth and the workflows carry them out: at the start every row that no
workflow carries is given one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from broker import receipts
from broker.clock import Clock
from broker.errors import Conflict, EnvironmentClosed, NotFound
from broker.nights import Nights
from broker.notices import Notices
from broker.outbox import NothingToResend, Outbox
from broker.revocation import Revocation
from broker.settings import Settings
from broker.storage.base import Delivery, Environment, Status, Storage, StoreGone
from broker.sweep import Sweep
from broker.tasks import Keeper
from broker.teardown import Teardown, nobody
from broker.upstream import Timeouts, Upstream
from broker.vault import Vault
from broker.workflows import close, deliver, drift, notify, sweep
from broker.workflows.engine import Body, Engine
from mocks.base import MockService, Target

log = logging.getLogger("broker.workflows")

#: Deliveries that share a workflow: its record costs DBOS 5 ms, so a burst of a thousand costs ten of them.
_BATCH = 100
#: Seconds that a delivery waits for others to share its workflow with: a third less work in a burst.
_GATHER = 0.005
#: Seconds between two looks for expired environments, and between two sweeps of ended workflows' records.
_EXPIRY, _SWEEP = 5.0, 600.0
#: Seconds between two looks at whether the nightly sweep is due.
_NIGHTLY = 20.0
#: Seconds after which a launch that failed (a full disk) is tried again.
_RELAUNCH = 10.0
#: Seconds that first attempts get before DBOS is launched beside them.
_HEAD_START = 1.0
#: Seconds after the start, which belong to the first calls.
_CALM = 1.0
#: Closes that are worked on at once, and the seconds that one may keep its place from the others.
_CLOSES, _PLACE = 8, 10.0


class Workflows:
    """Durable work of one server. DBOS is launched when it is first needed."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        services: Mapping[str, MockService],
        upstream: Upstream,
        *,
        forget: Callable[[str], None] = lambda uid: None,
        timeouts: Timeouts | None = None,
        revocation: Revocation | None = None,
        notices: Notices | None = None,
        sweeps: Sweep | None = None,
    ) -> None:
        """``forget`` gets the uid of an environment whose credentials have just died."""
        self._settings = settings
        self._clock = clock
        self._storage = storage
        self._upstream = upstream
        self.outbox = Outbox(
            storage=storage, services=services, vault=vault, clock=clock, upstream=upstream, timeouts=timeouts
        )
        self.teardown = Teardown(
            storage=storage,
            clock=clock,
            forget=forget,
            revocation=revocation,
            sign=lambda receipt: receipts.signed(receipt, vault.signing_key()),
            notify=nobody if notices is None else notices.put,
        )
        self.notices = notices
        self.sweeps = sweeps
        bodies: dict[str, Body] = {
            deliver.NAME: deliver.deliver(lambda: self.outbox),
            close.NAME: close.close(lambda: self.teardown),
        }
        if notices is not None:
            notices.announce = partial(self._carry_on, notify.NAME)
            bodies[notify.NAME] = notify.notify(lambda: notices)
        if sweeps is not None:
            bodies[sweep.NAME] = sweep.sweep(lambda: sweeps)
        #: Made later than this, since they send calls through the gateway; see ``attend``.
        self.nights: Nights | None = None
        bodies[drift.NAME] = drift.drift(lambda: self.nights)
        self._engine = Engine(settings.data / "workflows.db", bodies, self._lost)
        self._keeper = Keeper()
        self._waiting: dict[str, list[str]] = {}
        self._flushing: set[str] = set()
        self._first: set[asyncio.Task[None]] = set()
        self._warming = False
        self._stopping = False
        self._closing: set[str] = set()
        self._places = asyncio.Semaphore(_CLOSES)

    async def start(self) -> None:
        """At once; what an earlier run left unfinished, and what has expired meanwhile, follows in the background."""
        self._keeper.start(self._recover(), "workflows: recover")
        self._keeper.start(self._expire(), "workflows: expire")
        self._keeper.start(self._sweep(), "workflows: sweep")
        if self.sweeps is not None:
            self._keeper.start(self._nightly(self.sweeps), "workflows: nightly")

    async def stop(self) -> None:
        """Unfinished work continues at the next start, and what is asked for from now on begins there."""
        self._stopping = True
        await self.outbox.stop()
        await self._keeper.stop()
        await self._engine.stop()

    # Webhooks

    def expect(self, environment: Environment) -> None:
        """Be ready for the deliveries of an environment: loads, in the background, what the first one needs."""
        services = environment.policy.get("services") or {}
        if not self._warming and environment.status == "open" and any(s.get("webhooks") for s in services.values()):
            self._warming = True
            self._keeper.start(self._warm(), "workflows: warm up")

    async def _warm(self) -> None:
        await self._upstream.warm()
        await self._launch()

    def notify(self, uid: str, delivery_ids: Sequence[str]) -> None:
        """Deliveries of an environment were committed. Does not wait: their first attempt begins as soon as the
        loop is free."""
        if self._stopping:
            return
        self._waiting.setdefault(uid, []).extend(delivery_ids)
        if not self._engine.launched:
            # The first attempt need not wait for DBOS; the rows keep the workflow from repeating it.
            first = self._keeper.start(self._attempt(uid, delivery_ids), "workflows: first attempt")
            self._first.add(first)
            first.add_done_callback(self._first.discard)
        if uid not in self._flushing:
            self._flushing.add(uid)
            self._keeper.start(self._flush(uid), "workflows: deliver")

    async def _flush(self, uid: str) -> None:
        """Hand over what waits, in batches: what arrives while one is handed over joins the next."""
        try:
            if self._first:
                # DBOS's import would slow them down.
                await asyncio.wait(self._first, timeout=_HEAD_START)
            while uid in self._waiting:
                await asyncio.sleep(_GATHER)
                waiting = self._waiting.pop(uid)
                for first in range(0, len(waiting), _BATCH):
                    await self._carry(uid, waiting[first : first + _BATCH])
        finally:
            self._flushing.discard(uid)

    async def _carry(self, uid: str, delivery_ids: Sequence[str]) -> None:
        await self._begin(deliver.NAME, delivery_ids[0], uid, list(delivery_ids))

    async def _attempt(self, uid: str, delivery_ids: Sequence[str]) -> None:
        await self.outbox.attempt_due(uid, delivery_ids)

    async def resend(
        self, name: str, event_id: str, *, delivery_id: str | None = None, targets: Sequence[Target] = ()
    ) -> list[Delivery]:
        """Send an event again, as new deliveries: to where it was sent before (or where ``delivery_id`` went), or to
        ``targets`` when it was sent nowhere. Raises NotFound, Conflict, EnvironmentClosed."""
        environment = await self._environment(name)
        if environment.status != "open":
            raise EnvironmentClosed(f"environment {name} is {environment.status}: its events are gone")
        try:
            fresh = await self.outbox.resend(environment, event_id, delivery_id=delivery_id, targets=targets)
        except NothingToResend as nothing:
            raise Conflict(str(nothing)) from nothing
        except LookupError as missing:
            raise NotFound(f"environment {name}: {missing.args[0]}") from missing
        self.notify(environment.uid, [delivery.id for delivery in fresh])
        return fresh

    # Closing

    async def close(self, name: str, *, wait: float | None = None) -> Mapping[str, Any]:
        """Close the environment of that name and answer its receipt; of a closed one, the same receipt again.

        Its credentials are dead before anything else happens. ``wait`` (seconds) bounds how long the caller waits
        for the rest, which goes on: then Conflict says what holds it up. Raises NotFound.
        """
        environment = await self._environment(name)
        if environment.status != "closed":
            await self.teardown.disarm(environment)
            self._carry_close(environment.uid)
        try:
            return await asyncio.wait_for(self.teardown.closed(environment.uid), wait)
        except TimeoutError:
            receipt = await self._storage.registry.receipt(environment.uid) or {}
            raise Conflict(
                f"environment {name} is being closed: its credentials are dead, what it holds is not deleted yet",
                stuck=receipt.get("stuck"),
            ) from None

    def _carry_close(self, uid: str) -> None:
        if uid not in self._closing and not self._stopping:
            self._closing.add(uid)
            self._keeper.start(self._start_close(uid), "workflows: close")

    async def _start_close(self, uid: str) -> None:
        try:
            begun = False
            while not begun:
                begun = await self._begun_close(uid)
            await self.teardown.closed(uid)
        finally:
            self._closing.discard(uid)

    async def _begun_close(self, uid: str) -> bool:
        """Whether a workflow carries the close; whatever hinders it is told, and tried again."""
        try:
            async with self._places:
                if all(carried != uid for (carried,) in await self._carried(close.NAME)):
                    await self._begin(close.NAME, uid, uid)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PLACE):
                        await self.teardown.closed(uid)
        except Exception as error:
            log.warning("the close of %s is begun again in %g s: %r", uid, _RELAUNCH, error)
            await asyncio.sleep(_RELAUNCH)
            return False
        return True

    # Notices, sweeps, nights

    def attend(self, nights: Nights) -> None:
        """Carry nights. Before the start."""
        self.nights = nights
        nights.announce = partial(self._carry_on, drift.NAME)

    def _carry_on(self, name: str, subject: str, argument: Any = None) -> None:
        if not self._stopping:
            self._keeper.start(self._begin(name, subject, argument or subject), f"workflows: begin {name}")

    async def sweep(self, **options: Any) -> Mapping[str, Any]:
        """Begin a run (see Sweep.prepare), which goes on in the background. Raises NotFound, Conflict."""
        if self.sweeps is None:
            raise NotFound("this server has no real providers, so there is nothing to sweep")
        run = dict(await self.sweeps.prepare(**options))
        self._carry_on(sweep.NAME, run["id"], run)
        return run

    async def _nightly(self, sweeps: Sweep) -> None:
        while True:
            await asyncio.sleep(_NIGHTLY)
            try:
                if await sweeps.due(self._settings.sweep_at):
                    await self.sweep()
            except Conflict:
                pass  # one that somebody asked for is at work
            except Exception as error:
                log.warning("the nightly sweep is tried again in %g s: %r", _NIGHTLY, error)

    async def stuck(self) -> list[dict[str, Any]]:
        """Closes that cannot go on: ``{"environment", "uid", "phase", "reason", "attempts", "since", "next_at"}``."""
        return await self.teardown.stuck()

    async def _environment(self, name: str) -> Environment:
        found = await self._storage.registry.environment(name)
        if found is None:
            raise NotFound(f"no environment is called {name}; `broker env list` shows the open ones")
        return found

    # In the background

    async def _begin(self, name: str, subject: str, *arguments: Any) -> None:
        """Put a workflow on record, however long that takes. What it is for may have had one before that was lost,
        so its id is its own; two for the same would do nothing twice."""
        workflow_id = f"{name}-{subject}-{self._clock.text(8)}"
        while True:
            await self._launch()
            try:
                return await self._engine.begin(name, workflow_id, *arguments)
            except Exception as error:
                log.warning("durable work %s waits for %g s: %r", workflow_id, _RELAUNCH, error)
                await asyncio.sleep(_RELAUNCH)

    async def _carried(self, name: str) -> list[Sequence[Any]]:
        """The arguments of the workflows that are on record as unfinished."""
        while True:
            await self._launch()
            try:
                return await self._engine.unfinished(name)
            except Exception as error:
                log.warning("unfinished durable work cannot be read for %g s: %r", _RELAUNCH, error)
                await asyncio.sleep(_RELAUNCH)

    def _lost(self, name: str, arguments: Sequence[Any]) -> None:
        if not self._stopping:
            self._keeper.start(self._begin_again(name, arguments), f"workflows: {name} again")

    async def _begin_again(self, name: str, arguments: Sequence[Any]) -> None:
        await asyncio.sleep(_RELAUNCH)
        subject = {deliver.NAME: lambda: arguments[1][0], sweep.NAME: lambda: arguments[0]["id"]}.get(name)
        await self._begin(name, subject() if subject else arguments[0], *arguments)

    async def _launch(self) -> None:
        while True:
            try:
                return await self._engine.launch()
            except Exception as error:
                log.warning("durable work cannot start, next attempt in %g s: %r", _RELAUNCH, error)
                await asyncio.sleep(_RELAUNCH)

    async def _recover(self) -> None:
        async for environment in self._environments("closing"):
            self._carry_close(environment.uid)
        carried: set[str] | None = None
        async for environment in self._environments("open"):
            self.expect(environment)
            pending = await self._pending(environment)
            if not pending:
                continue
            if carried is None:
                carried = {one for _, batch in await self._carried(deliver.NAME) for one in batch}
            if left := [one for one in pending if one not in carried]:
                self.notify(environment.uid, left)
        await self._recover_others()
        # Targets may also come from calls: the first delivery there is to find the HTTP library loaded.
        await asyncio.sleep(_CALM)
        await self._upstream.warm()

    async def _recover_others(self) -> None:
        if self.notices is not None and (waiting := await self.notices.pending()):
            carried = {one for (one,) in await self._carried(notify.NAME)}
            for notice_id in waiting:
                if notice_id not in carried:
                    self._carry_on(notify.NAME, notice_id)
        run = None if self.sweeps is None else await self.sweeps.unfinished()
        if run is not None and run["id"] not in {one["id"] for (one,) in await self._carried(sweep.NAME)}:
            self._carry_on(sweep.NAME, run["id"], run)
        night = None if self.nights is None else await self.nights.unfinished()
        if night is not None and night not in {one for (one,) in await self._carried(drift.NAME)}:
            self._carry_on(drift.NAME, night)

    async def _pending(self, environment: Environment) -> list[str]:
        try:
            return await self.outbox.pending(environment)
        except StoreGone:
            return []  # closed meanwhile
        except Exception as error:
            log.warning("deliveries of %s cannot be read: %r", environment.name, error)
            return []

    async def _environments(self, status: Status) -> AsyncIterator[Environment]:
        """All of that status, with a pause after each: calls come first."""
        after: str | None = None
        while page := await self._storage.registry.environments(status=status, after=after):
            for environment in page:
                yield environment
                await asyncio.sleep(0.005)
            after = page[-1].name

    async def _expire(self) -> None:
        while True:
            try:
                for environment in await self._storage.registry.expired(self._clock.now()):
                    await self.teardown.disarm(environment)
                    self._carry_close(environment.uid)
                    if self.notices is not None:
                        about = {"environment": environment.name, "uid": environment.uid}
                        about["expires_at"] = environment.expires_at.isoformat()
                        await self.notices.put(f"expired-{environment.uid}", "environment.expired", about)
                    # Each writes through to the disk: a thousand at once must not hold up the calls.
                    await asyncio.sleep(0.01)
            except Exception as error:
                log.warning("expired environments are looked for again in %g s: %r", _EXPIRY, error)
            await asyncio.sleep(_EXPIRY)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP)
            try:
                while await self._engine.forget():
                    pass  # a thousand at a time
            except Exception as error:
                log.warning("records of ended workflows stay for now: %r", error)
