"""Turns at the real accounts: how many calls an account bears a second and at once, shared fairly by its environments.

One lane an account. A call begins when its environment has the turn (round robin over those that wait), the last
second has room for it, a slot is free, and nobody else writes to the object that it writes to. An idle lane costs
neither a task nor a future. It knows no provider: limits, rests and serials are told by the caller.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from heapq import heappop, heappush
from typing import Any

from broker.clock import Clock
from broker.pace import Pace

#: Seconds that a timer waits at least: some event loops count milliseconds, and would ring early again and again.
_TICK = 0.001
#: Weight of the latest call in the mean of how long calls take; the first one is all there is.
_LATEST = 0.1


class Overload(Exception):
    """The wait would be longer than the caller bears. ``wait`` is how long it would be, as far as can be told from
    here, in seconds."""

    def __init__(self, account: str, wait: float) -> None:
        self.wait = wait
        super().__init__(f"account {account} is busy for another {wait:.3g} s")


class Scheduler:
    """The lanes of all accounts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}

    def configure(self, account: str, *, rate: float, concurrency: int, burst: int | None = None) -> None:
        """What an account bears: ``rate`` calls in any second, ``concurrency`` at once, ``burst`` of them begun at one
        moment (see Pace). May change while calls run and wait; raises ValueError for what no account can bear."""
        if concurrency < 1:
            raise ValueError(f"a concurrency of {concurrency} lets no call through")
        lane = self._lanes.get(account) or _Lane(account, self._clock)
        lane.configure(rate, concurrency, burst)
        self._lanes[account] = lane

    def turn(
        self, account: str, environment: str, *, serial: str | None = None, patience: float | None = None
    ) -> AbstractAsyncContextManager[None]:
        """One call of the environment: ``async with`` waits for its turn, and is that call while inside.

        ``serial`` names what only one call at a time may work on, in the whole account. ``patience`` is for how many
        seconds the caller waits at the most, 0 for not at all: raises Overload, at once where it can be foreseen.
        Raises LookupError for an account that was not configured. A call that is sent again takes another turn.
        """
        lane = self._lanes.get(account)
        if lane is None:
            raise LookupError(f"no account {account} is configured")
        return _Call(lane, lane.share(environment), serial, patience)

    def rest(self, account: str, seconds: float) -> None:
        """The provider said slow down: no call of the account begins before. A longer rest stays."""
        if account in self._lanes:
            self._lanes[account].rest(seconds)

    def forget(self, environment: str) -> None:
        """The environment is over: what is counted for it goes, at once or with its last call."""
        for lane in self._lanes.values():
            lane.forget(environment)

    def usage(self, account: str) -> Mapping[str, Any]:
        """``{"rate", "concurrency", "waiting", "running", "resting", "environments": {name: {"waiting", "running",
        "calls", "waited_ms"}}}``, empty for an account that was not configured. ``resting`` are the seconds that are
        left of a rest; ``calls`` and ``waited_ms`` are sums since the start of the server."""
        lane = self._lanes.get(account)
        return {} if lane is None else lane.usage()


class _Call(AbstractAsyncContextManager[None]):
    """A call from when it is asked for until it is over."""

    __slots__ = ("asked_at", "begun_at", "future", "holds", "lane", "number", "patience", "serial", "share")

    def __init__(self, lane: _Lane, share: _Share, serial: str | None, patience: float | None) -> None:
        self.lane = lane
        self.share = share
        self.serial = serial
        self.patience = patience
        #: Whether the serial is this call's: it may be while the call still waits for the rest.
        self.holds = False
        self.number = 0
        self.asked_at = 0.0
        self.begun_at: float | None = None
        #: Answers whether the call has begun, or patience is at an end.
        self.future: asyncio.Future[bool] | None = None

    @property
    def given_up(self) -> bool:
        """Cancelled or out of patience; what waited in it has not run since."""
        return self.begun_at is None and self.future is not None and self.future.done()

    async def __aenter__(self) -> None:
        if not self.lane.enter(self):
            await self.lane.wait(self)

    async def __aexit__(self, *failed: object) -> None:
        self.lane.end(self)


class _Share:
    """One environment's part of a lane."""

    __slots__ = ("_order", "calls", "environment", "forgotten", "ready", "running", "waited", "waiting")

    def __init__(self, environment: str) -> None:
        self.environment = environment
        #: Calls that wait for nothing but their turn, by number; the oldest goes first.
        self.ready: dict[int, _Call] = {}
        self._order: list[int] = []
        #: Calls that wait, for whatever.
        self.waiting = 0
        self.running = 0
        self.calls = 0
        #: Seconds.
        self.waited = 0.0
        self.forgotten = False

    def add(self, call: _Call) -> None:
        self.ready[call.number] = call
        heappush(self._order, call.number)

    def take(self) -> _Call | None:
        """The oldest that is ready and was not given up."""
        while self.ready:
            call = self.ready.pop(heappop(self._order), None)
            if call is not None and not call.given_up:
                return call
        return None

    def withdraw(self, call: _Call) -> None:
        self.ready.pop(call.number, None)
        if len(self._order) > 2 * len(self.ready) + 32:
            self._order = sorted(self.ready)


class _Serial:
    """Something that a call works on, and those that want to after it: their environments take turns."""

    __slots__ = ("_queues",)

    def __init__(self) -> None:
        self._queues: OrderedDict[_Share, OrderedDict[_Call, None]] = OrderedDict()

    def add(self, call: _Call) -> None:
        self._queues.setdefault(call.share, OrderedDict())[call] = None

    def withdraw(self, call: _Call) -> None:
        queue = self._queues[call.share]
        del queue[call]
        if not queue:
            del self._queues[call.share]

    def take(self) -> _Call | None:
        if not self._queues:
            return None
        share, queue = self._queues.popitem(last=False)
        call, _ = queue.popitem(last=False)
        if queue:
            self._queues[share] = queue
        return call

    def before(self, call: _Call) -> int:
        """About how many have it before the call that came last."""
        return len(self._queues[call.share]) * len(self._queues)


class _Lane:
    """One account. Whatever changes what may begin ends in ``_begin_all``; a timer does when only time can."""

    def __init__(self, account: str, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._rate = 0.0
        self._concurrency = 0
        self._pace = Pace()
        self._shares: dict[str, _Share] = {}
        #: Shares with a ready call, in the order of their turns.
        self._ring: OrderedDict[_Share, None] = OrderedDict()
        #: What a call that runs, or is ready to, works on.
        self._serials: dict[str, _Serial] = {}
        self._numbers = itertools.count()
        self._waiting = 0
        self._running = 0
        #: Mean seconds of a call.
        self._took = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    def configure(self, rate: float, concurrency: int, burst: int | None) -> None:
        self._rate = rate
        self._concurrency = concurrency
        self._pace.configure(rate, burst)
        self._begin_all(self._clock.monotonic())

    def share(self, environment: str) -> _Share:
        share = self._shares.get(environment)
        if share is None:
            share = self._shares[environment] = _Share(environment)
        return share

    def rest(self, seconds: float) -> None:
        # Who waits already is told by the timer that it waits for.
        self._pace.rest_until = max(self._pace.rest_until, self._clock.monotonic() + seconds)

    def forget(self, environment: str) -> None:
        share = self._shares.get(environment)
        if share is not None:
            share.forgotten = True
            self._drop(share)

    def usage(self) -> Mapping[str, Any]:
        return {
            "rate": self._rate,
            "concurrency": self._concurrency,
            "waiting": self._waiting,
            "running": self._running,
            "resting": round(max(0.0, self._pace.rest_until - self._clock.monotonic()), 3),
            "environments": {
                environment: {
                    "waiting": share.waiting,
                    "running": share.running,
                    "calls": share.calls,
                    "waited_ms": round(share.waited * 1000, 3),
                }
                for environment, share in self._shares.items()
            },
        }

    # The way of a call: enter, wait where it must, end

    def enter(self, call: _Call) -> bool:
        """Whether the call has begun; else it waits from now on."""
        now = call.asked_at = self._clock.monotonic()
        serial = call.serial
        if serial is not None and serial not in self._serials:
            self._serials[serial] = _Serial()
            call.holds = True
        blocked = serial is not None and not call.holds
        if not blocked and not self._ring and self._running < self._concurrency and self._pace.ready_at() <= now:
            self._begin(call, now)
            return True
        call.number = next(self._numbers)
        call.share.waiting += 1
        self._waiting += 1
        if serial is not None and blocked:
            self._serials[serial].add(call)
        else:
            self._make_ready(call)
        self._begin_all(now)
        return call.begun_at is not None

    async def wait(self, call: _Call) -> None:
        """Until the call has begun. Raises Overload when its patience is at an end."""
        bell = None
        if call.patience is not None:
            estimate = self._estimate(call)
            if call.patience <= 0 or estimate > call.patience:
                self._withdraw(call)
                raise Overload(self._account, estimate)
        loop = asyncio.get_running_loop()
        future = call.future = loop.create_future()
        if call.patience is not None:
            bell = loop.call_later(call.patience, _give_up, future)
        try:
            begun = await future
        except asyncio.CancelledError:
            # A call that began in the very moment of its cancellation has a slot to give back.
            if call.begun_at is None:
                self._withdraw(call)
            else:
                self.end(call)
            raise
        finally:
            if bell is not None:
                bell.cancel()
        if not begun:
            estimate = self._estimate(call)
            self._withdraw(call)
            raise Overload(self._account, estimate)

    def end(self, call: _Call) -> None:
        now = self._clock.monotonic()
        self._running -= 1
        call.share.running -= 1
        if call.begun_at is not None:
            took = now - call.begun_at
            self._took += (took - self._took) * (_LATEST if self._took else 1)
        self._leave(call, now)

    # Steps

    def _make_ready(self, call: _Call) -> None:
        call.share.add(call)
        self._ring.setdefault(call.share)

    def _begin(self, call: _Call, now: float) -> None:
        share = call.share
        call.begun_at = now
        share.waited += now - call.asked_at
        share.calls += 1
        share.running += 1
        self._running += 1
        self._pace.begin(now)

    def _begin_all(self, now: float) -> None:
        """Let begin what may, an environment after the other."""
        while self._ring and self._running < self._concurrency:
            at = self._pace.ready_at()
            if at > now:
                self._look_again(at, now)
                return
            share, _ = self._ring.popitem(last=False)
            call = share.take()
            if share.ready:
                self._ring[share] = None
            if call is None:
                continue
            share.waiting -= 1
            self._waiting -= 1
            self._begin(call, now)
            if call.future is not None:
                call.future.set_result(True)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self, at: float, now: float) -> None:
        if self._timer is not None:
            if self._timer_at == at:
                return
            self._timer.cancel()
        self._timer_at = at
        self._timer = asyncio.get_running_loop().call_later(max(at - now, _TICK), self._ring_out)

    def _ring_out(self) -> None:
        self._timer = None
        self._begin_all(self._clock.monotonic())

    def _withdraw(self, call: _Call) -> None:
        """The call waits no longer, and has not begun."""
        share = call.share
        share.waiting -= 1
        self._waiting -= 1
        if call.serial is not None and not call.holds:
            self._serials[call.serial].withdraw(call)
        else:
            share.withdraw(call)
            if not share.ready:
                self._ring.pop(share, None)
        self._leave(call, self._clock.monotonic())

    def _leave(self, call: _Call, now: float) -> None:
        """What the call held is the next one's."""
        if call.serial is not None and call.holds:
            call.holds = False
            following = self._serials[call.serial].take()
            if following is None:
                del self._serials[call.serial]
            else:
                following.holds = True
                self._make_ready(following)
        if call.share.forgotten:
            self._drop(call.share)
        self._begin_all(now)

    def _drop(self, share: _Share) -> None:
        idle = not share.running and not share.waiting
        if idle and self._shares.get(share.environment) is share:
            del self._shares[share.environment]

    def _estimate(self, call: _Call) -> float:
        """Seconds that a call that waits may still have to: from the pace, and from how long calls took so far."""
        now = self._clock.monotonic()
        ahead = max(0, min(self._waiting, call.share.waiting * len(self._ring)) - 1)
        by_pace = self._pace.wait(ahead, now)
        by_slots = max(0, self._running + ahead + 1 - self._concurrency) * self._took / self._concurrency
        behind = 0 if call.serial is None or call.holds else self._serials[call.serial].before(call)
        return max(by_pace, by_slots, behind * self._took)


def _give_up(future: asyncio.Future[bool]) -> None:
    if not future.done():
        future.set_result(False)
