"""Turns at an account, in leaping time: pace, slots, fairness and serials hold, and no wake-up is lost.

A wait that nothing ends is an error of the loop (tests.leaping.NothingWillHappen), so every test here is also a test
against lost wake-ups.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.scheduler import Overload, Scheduler
from tests.broker.test_pace import most_in_a_second
from tests.clocks import HeldClock
from tests.leaping import LoopClock, leap


@dataclass
class Account:
    """One account as its provider sees it: what began when, and what runs together."""

    rate: float = 1000
    concurrency: int = 1000
    burst: int | None = None
    log: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    running: int = 0
    most: int = 0
    serials: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clock = LoopClock()
        self.turns = Scheduler(self.clock)
        self.configure(self.rate, self.concurrency)

    def configure(self, rate: float, concurrency: int) -> None:
        self.turns.configure("test", rate=rate, concurrency=concurrency, burst=self.burst)

    async def call(
        self,
        environment: str,
        took: float = 0.0,
        *,
        name: str = "",
        serial: str | None = None,
        patience: float | None = None,
        fails: bool = False,
    ) -> None:
        async with self.turns.turn("test", environment, serial=serial, patience=patience):
            self.log.append(name or environment)
            self.starts.append(self.clock.monotonic())
            self.running += 1
            self.most = max(self.most, self.running)
            assert serial is None or serial not in self.serials, "two at once"
            if serial is not None:
                self.serials.add(serial)
            try:
                await asyncio.sleep(took)
                if fails:
                    raise ZeroDivisionError
            finally:
                self.running -= 1
                self.serials.discard(serial or "")

    def idle(self) -> bool:
        """Nothing is left of what ran and waited."""
        lane = self.turns._lanes["test"]
        return (
            lane.usage()["running"] == lane.usage()["waiting"] == 0
            and not lane._ring
            and not lane._serials
            and lane._timer is None
            and all(not share.ready and not share.waiting and not share.running for share in lane._shares.values())
        )


async def settle() -> None:
    """Let everything run that can without time."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_an_idle_account_costs_neither_a_task_nor_a_future() -> None:
    """Without any event loop: the call begins and ends without waiting for anything."""
    turns = Scheduler(HeldClock())
    turns.configure("test", rate=2, concurrency=1)

    async def call() -> str:
        async with turns.turn("test", "pr-1", serial="cus_1"):
            return "done"

    for _ in range(2):
        with pytest.raises(StopIteration, match="done"):
            call().send(None)


def test_calls_begin_as_fast_as_the_account_bears() -> None:
    async def work() -> None:
        account = Account(rate=25)
        async with asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(account.call("pr-1", 0.2))
        assert most_in_a_second(account.starts) == 25
        assert account.starts[-1] == pytest.approx(3 * 1.05, abs=0.01)
        assert account.idle()

    leap(work())


def test_no_more_at_once_than_the_account_bears() -> None:
    async def work() -> None:
        account = Account(concurrency=4)
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                group.create_task(account.call(f"pr-{number % 3}", 1.0))
        assert account.most == 4
        assert account.clock.monotonic() == pytest.approx(10)
        assert account.idle()

    leap(work())


@pytest.mark.parametrize(("rate", "concurrency"), [(25, 1000), (1000, 1)])
def test_a_flood_delays_a_single_call_by_one_turn(rate: float, concurrency: int) -> None:
    async def work() -> None:
        account = Account(rate=rate, concurrency=concurrency)
        async with asyncio.TaskGroup() as group:
            for _ in range(1000):
                group.create_task(account.call("flood", 0.01))
            await asyncio.sleep(2)
            before = len(account.log)
            await account.call("single")
            assert account.log[before:].index("single") <= 1
            group.create_task(account.call("single"))

    leap(work())


def test_environments_that_wait_take_turns() -> None:
    async def work() -> None:
        account = Account(rate=10)
        async with asyncio.TaskGroup() as group:
            for environment, calls in (("a", 30), ("b", 5), ("c", 20)):
                for _ in range(calls):
                    group.create_task(account.call(environment))
        # The first second's ten went to whom came first.
        assert account.log[10:25] == ["a", "b", "c"] * 5
        assert Counter(account.log[25:]) == {"a": 15, "c": 15}
        assert account.log[25:] == ["a", "c"] * 15

    leap(work())


def test_calls_of_an_environment_keep_their_order() -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(account.call("a", 0.1, name=str(number)))
        assert account.log == [str(number) for number in range(20)]

    leap(work())


def test_what_works_on_the_same_object_goes_one_after_the_other_and_the_rest_passes_by() -> None:
    async def work() -> None:
        account = Account()
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(account.call("a", 1.0, name=f"cus_1 {number}", serial="cus_1"))
            group.create_task(account.call("a", 1.0, name="cus_2", serial="cus_2"))
            group.create_task(account.call("a", 1.0, name="read"))
            await asyncio.sleep(0.5)
            assert account.log == ["cus_1 0", "cus_2", "read"]
        assert account.log[3:] == ["cus_1 1", "cus_1 2"]
        assert account.clock.monotonic() == pytest.approx(3)
        assert account.idle()

    leap(work())


def test_an_older_call_goes_first_once_its_object_is_free() -> None:
    """Else a flood of the environment's own would hold it up behind calls that came after it."""

    async def work() -> None:
        account = Account(concurrency=1)
        async with asyncio.TaskGroup() as group:
            group.create_task(account.call("a", 1.0, name="first", serial="cus_1"))
            group.create_task(account.call("a", 1.0, name="second", serial="cus_1"))
            for _ in range(10):
                group.create_task(account.call("a", 1.0, name="read"))
        assert account.log == ["first", "second"] + ["read"] * 10

    leap(work())


def test_environments_take_turns_at_an_object_too() -> None:
    async def work() -> None:
        account = Account()
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(account.call("flood", 0.1, name=f"flood {number}", serial="shared"))
            await asyncio.sleep(0.05)
            group.create_task(account.call("single", 0.1, serial="shared"))
        flood = [f"flood {number}" for number in range(20)]
        assert account.log == [*flood[:2], "single", *flood[2:]]

    leap(work())


def test_a_failing_call_gives_back_what_it_had() -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await account.call("a", 0.1, serial="cus_1", fails=True)
        assert account.idle()

    leap(work())


@pytest.mark.parametrize("which", ["running", "ready", "behind"])
def test_a_cancelled_call_gives_back_what_it_had(which: str) -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        async with asyncio.TaskGroup() as group:
            tasks = {
                "running": group.create_task(account.call("a", 1.0, name="running", serial="cus_1")),
                "ready": group.create_task(account.call("b", 1.0, name="ready", serial="cus_2")),
                "behind": group.create_task(account.call("c", 1.0, name="behind", serial="cus_2")),
                "last": group.create_task(account.call("c", 1.0, name="last", serial="cus_2")),
            }
            await asyncio.sleep(0.5)
            tasks[which].cancel()
        assert account.log == [name for name in tasks if name != which or which == "running"]
        assert account.clock.monotonic() == pytest.approx(3.5 if which == "running" else 3)
        assert account.idle()

    leap(work())


def test_a_call_that_is_cancelled_in_the_moment_of_its_turn_passes_it_on() -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        first = account.turns.turn("test", "a")
        await first.__aenter__()
        async with asyncio.TaskGroup() as group:
            second = group.create_task(account.call("b", name="second", serial="cus_1"))
            group.create_task(account.call("c", name="third", serial="cus_1"))
            await settle()
            await first.__aexit__(None, None, None)  # the second has the turn, and does not know it yet
            second.cancel()
        assert account.log == ["third"]
        assert account.idle()

    leap(work())


def test_a_turn_is_not_given_to_a_call_that_is_being_cancelled() -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        first = account.turns.turn("test", "a")
        await first.__aenter__()
        async with asyncio.TaskGroup() as group:
            second = group.create_task(account.call("b", name="second", serial="cus_1"))
            group.create_task(account.call("c", name="third", serial="cus_1"))
            group.create_task(account.call("b", name="fourth"))
            await settle()
            second.cancel()  # and it does not know yet
            await first.__aexit__(None, None, None)
            assert account.turns.usage("test")["environments"]["b"]["calls"] == 1
        assert account.log == ["fourth", "third"]
        assert account.idle()

    leap(work())


def test_without_patience_a_call_that_would_wait_is_refused_at_once() -> None:
    async def work() -> None:
        account = Account(rate=2)
        await account.call("a", patience=0)
        await account.call("a", patience=0)
        with pytest.raises(Overload) as refused:
            await account.call("a", patience=0)
        assert refused.value.wait == pytest.approx(1.05)
        assert "test" in str(refused.value)
        assert account.idle()
        await asyncio.sleep(refused.value.wait)
        await account.call("a", patience=0)

    leap(work())


def test_without_patience_a_busy_slot_or_object_refuses_too() -> None:
    async def work() -> None:
        account = Account(concurrency=2)
        await account.call("a", 3.0)
        async with asyncio.TaskGroup() as group:
            group.create_task(account.call("a", 1.0, serial="cus_1"))
            await settle()
            with pytest.raises(Overload):
                await account.call("a", serial="cus_1", patience=0)
            group.create_task(account.call("a", 1.0))
            await settle()
            with pytest.raises(Overload) as refused:
                await account.call("b", patience=0)
            assert refused.value.wait == pytest.approx(1.5)  # two slots, each of 3 s so far
        assert account.idle()

    leap(work())


def test_patience_refuses_at_once_what_it_foresees() -> None:
    async def work() -> None:
        account = Account(rate=2)
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(account.call("a"))
            await settle()
            with pytest.raises(Overload) as refused:
                await account.call("a", patience=3)
            assert account.clock.monotonic() < 0.1
            assert refused.value.wait == pytest.approx(5 * 1.05, abs=0.01)
            # Another environment has its turn long before.
            await account.call("b", patience=3)
            assert account.clock.monotonic() == pytest.approx(1.05, abs=0.01)
        assert account.idle()

    leap(work())


def test_an_object_that_many_want_is_foreseen() -> None:
    async def work() -> None:
        account = Account()
        await account.call("a", 1.0)
        async with asyncio.TaskGroup() as group:
            for environment in "aabb":
                group.create_task(account.call(environment, 1.0, serial="cus_1"))
            await settle()
            with pytest.raises(Overload) as refused:
                await account.call("a", serial="cus_1", patience=2)
        assert refused.value.wait == pytest.approx(4.0)  # four before it, each as long as calls took so far

    leap(work())


def test_patience_ends_where_nothing_was_foreseen() -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        async with asyncio.TaskGroup() as group:
            group.create_task(account.call("a", 10.0, name="long"))
            await settle()
            group.create_task(account.call("a", name="patient", patience=20))
            with pytest.raises(Overload):
                await account.call("a", name="impatient", patience=3)
            assert account.clock.monotonic() == pytest.approx(3)
        assert account.log == ["long", "patient"]
        assert account.clock.monotonic() == pytest.approx(10)
        assert account.idle()
        await asyncio.sleep(1)
        assert not [timer for timer in asyncio.get_running_loop()._scheduled if not timer.cancelled()]

    leap(work())


def test_an_account_rests_when_its_provider_says_so() -> None:
    async def work() -> None:
        account = Account()
        account.turns.rest("test", 5)
        account.turns.rest("test", 2)
        assert account.turns.usage("test")["resting"] == 5
        async with asyncio.TaskGroup() as group:
            group.create_task(account.call("a"))
            await asyncio.sleep(3)
            account.turns.rest("test", 4)
        assert account.starts == [pytest.approx(7)]
        assert account.turns.usage("test")["resting"] == 0
        account.turns.rest("unheard of", 5)

    leap(work())


def test_limits_may_change_while_calls_wait() -> None:
    async def work() -> None:
        account = Account(rate=1, concurrency=1)
        async with asyncio.TaskGroup() as group:
            for _ in range(31):
                group.create_task(account.call("a", 5.0))
            await asyncio.sleep(2)
            account.configure(10, 100)
        assert account.starts[1:11] == [pytest.approx(2)] * 10
        assert account.starts[-1] == pytest.approx(2 + 2 * 1.05)
        assert account.turns.usage("test")["rate"] == 10

    leap(work())


def test_a_faster_pace_counts_for_those_who_wait_already() -> None:
    async def work() -> None:
        account = Account(rate=0.01)
        async with asyncio.TaskGroup() as group:
            for _ in range(11):
                group.create_task(account.call("a"))
            await asyncio.sleep(0.5)
            account.configure(10, 100)
        assert account.starts[1:] == [pytest.approx(1.05)] * 10

    leap(work())


async def test_who_waits_goes_before_who_comes_in_the_moment_that_there_is_room(clock: HeldClock) -> None:
    """The timer that lets the one who waits begin may ring late."""
    turns = Scheduler(clock)
    turns.configure("test", rate=1, concurrency=5)
    log: list[str] = []

    async def call(environment: str) -> None:
        async with turns.turn("test", environment):
            log.append(environment)

    await call("a")
    async with asyncio.TaskGroup() as group:
        group.create_task(call("b"))
        await settle()
        clock.advance(2)
        with pytest.raises(Overload):
            async with turns.turn("test", "c", patience=0):
                log.append("c")
    assert log == ["a", "b"]


def test_usage_tells_who_waits_and_waited() -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        async with asyncio.TaskGroup() as group:
            group.create_task(account.call("a", 2.0, serial="cus_1"))
            group.create_task(account.call("a", 2.0, serial="cus_1"))
            group.create_task(account.call("b", 2.0))
            await settle()
            assert account.turns.usage("test") == {
                "rate": 1000,
                "concurrency": 1,
                "waiting": 2,
                "running": 1,
                "resting": 0,
                "environments": {
                    "a": {"waiting": 1, "running": 1, "calls": 1, "waited_ms": 0},
                    "b": {"waiting": 1, "running": 0, "calls": 0, "waited_ms": 0},
                },
            }
        environments = account.turns.usage("test")["environments"]
        assert environments["a"] == {"waiting": 0, "running": 0, "calls": 2, "waited_ms": pytest.approx(4000)}
        assert environments["b"] == {"waiting": 0, "running": 0, "calls": 1, "waited_ms": pytest.approx(2000)}
        assert account.turns.usage("unheard of") == {}

    leap(work())


def test_a_forgotten_environment_goes_with_its_last_call() -> None:
    async def work() -> None:
        account = Account(concurrency=1)
        await account.call("a")
        await account.call("b")
        account.turns.forget("a")
        account.turns.forget("unheard of")
        assert list(account.turns.usage("test")["environments"]) == ["b"]
        async with asyncio.TaskGroup() as group:
            group.create_task(account.call("b", 1.0))
            group.create_task(account.call("b", 1.0))
            await settle()
            account.turns.forget("b")
            assert account.turns.usage("test")["environments"]["b"]["waiting"] == 1
        assert account.turns.usage("test")["environments"] == {}
        await account.call("b")
        assert account.turns.usage("test")["environments"]["b"]["calls"] == 1

    leap(work())


def test_accounts_do_not_know_each_other() -> None:
    async def work() -> None:
        account = Account(rate=1)
        account.turns.configure("other", rate=1, concurrency=1)
        async with account.turns.turn("test", "a", serial="x"), account.turns.turn("other", "a", serial="x"):
            assert account.clock.monotonic() == 0

    leap(work())


def test_what_makes_no_sense_is_refused() -> None:
    turns = Scheduler(HeldClock())
    with pytest.raises(LookupError, match="no account"):
        turns.turn("test", "a")
    with pytest.raises(ValueError, match="a concurrency of 0"):
        turns.configure("test", rate=1, concurrency=0)
    with pytest.raises(ValueError, match="a rate of 0"):
        turns.configure("test", rate=0, concurrency=1)
    assert turns.usage("test") == {}


def test_calls_that_gave_up_leave_no_trace() -> None:
    """While an account rests, callers come and give up by the thousand."""

    async def work() -> None:
        account = Account()
        account.turns.rest("test", 1000)
        async with asyncio.TaskGroup() as group:
            group.create_task(account.call("a"))
            for _ in range(50):
                tasks = [group.create_task(account.call("a")) for _ in range(20)]
                await settle()
                for task in tasks:
                    task.cancel()
                await settle()
            (share,) = account.turns._lanes["test"]._shares.values()
            assert len(share.ready) == share.waiting == 1
            assert len(share._order) < 100
        assert account.log == ["a"]

    leap(work())


@dataclass(frozen=True)
class Planned:
    """A call of the random test. ``cancelled`` after so many seconds."""

    environment: str
    at: float
    took: float
    serial: str | None
    patience: float | None
    cancelled: float | None
    fails: bool


TIMES = st.sampled_from([0.0, 0.0, 0.01, 0.05, 0.2, 0.7, 1.05, 3.0])
PLANS = st.lists(
    st.builds(
        Planned,
        environment=st.sampled_from("abcd"),
        at=st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.5, 1.05, 2.0]),
        took=TIMES,
        serial=st.none() | st.sampled_from(["x", "y"]),
        patience=st.none() | TIMES,
        cancelled=st.none() | st.none() | TIMES,
        fails=st.booleans(),
    ),
    max_size=60,
)


async def run_plan(account: Account, plan: Iterable[Planned], rests: Iterable[float]) -> Counter[str]:
    outcomes: Counter[str] = Counter()

    async def one(planned: Planned) -> None:
        await asyncio.sleep(planned.at)
        try:
            async with asyncio.timeout(planned.cancelled):
                await account.call(
                    planned.environment,
                    planned.took,
                    serial=planned.serial,
                    patience=planned.patience,
                    fails=planned.fails,
                )
        except (ZeroDivisionError, Overload, TimeoutError) as ended:
            outcomes[type(ended).__name__] += 1
        else:
            outcomes["done"] += 1

    async with asyncio.TaskGroup() as group:
        for planned in plan:
            group.create_task(one(planned))
        for at in rests:
            await asyncio.sleep(at)
            account.turns.rest("test", 0.6)
    return outcomes


@given(
    plan=PLANS,
    rate=st.sampled_from([0.5, 1.0, 3.0, 7.5, 25.0]),
    burst=st.none() | st.integers(1, 5),
    concurrency=st.integers(1, 6),
    rests=st.lists(TIMES, max_size=3),
)
@settings(max_examples=300, deadline=None)
def test_whatever_happens(
    plan: list[Planned], rate: float, burst: int | None, concurrency: int, rests: list[float]
) -> None:
    """Calls that fail, are cancelled, lose patience, rest and work on the same objects: every one ends, within every
    limit, and leaves nothing."""

    async def work() -> None:
        account = Account(rate=rate, concurrency=concurrency, burst=burst)
        outcomes = await run_plan(account, plan, rests)
        assert outcomes.total() == len(plan)
        assert outcomes["done"] + outcomes["ZeroDivisionError"] <= len(account.log)
        assert most_in_a_second(account.starts) <= max(1, math.floor(rate))
        assert account.most <= concurrency
        await settle()
        assert account.idle()

    leap(work())


@given(
    calls=st.lists(st.integers(1, 40), min_size=2, max_size=6),
    rate=st.integers(1, 30),
    concurrency=st.integers(1, 30),
    took=st.lists(st.sampled_from([0.001, 0.1, 0.5, 2.0]), min_size=1, max_size=7),
)
@settings(deadline=None)
def test_no_environment_that_waits_is_more_than_one_call_behind(
    calls: list[int], rate: int, concurrency: int, took: list[float]
) -> None:
    async def work() -> None:
        account = Account(rate=rate, concurrency=concurrency)
        account.turns.rest("test", 1)  # so that all of them wait from the start
        async with asyncio.TaskGroup() as group:
            for number, count in enumerate(calls):
                for index in range(count):
                    group.create_task(account.call(str(number), took[index % len(took)]))
        left, had = Counter({str(number): count for number, count in enumerate(calls)}), Counter[str]()
        for environment in account.log:
            had[environment] += 1
            left[environment] -= 1
            waiting = [had[name] for name, count in left.items() if count]
            assert not waiting or had[environment] <= min(waiting) + 1

    leap(work())


@given(plan=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=40))
@settings(deadline=None)
def test_an_environments_calls_to_one_object_keep_their_order(plan: list[tuple[str, str]]) -> None:
    async def work() -> None:
        account = Account(rate=30, concurrency=2)
        async with asyncio.TaskGroup() as group:
            for number, (environment, serial) in enumerate(plan):
                name = f"{environment} {serial} {number:02}"
                group.create_task(account.call(environment, 0.1, name=name, serial=serial))
        for pair in set(plan):
            mine = [name for name in account.log if name.startswith(" ".join(pair))]
            assert mine == sorted(mine)
        assert len(account.log) == len(plan)

    leap(work())
