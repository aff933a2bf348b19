"""Budgets count what fits and nothing else, in windows, and outlive the server."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker import budgets as module
from broker.budgets import Budgets
from broker.storage.external import External
from broker.storage.sqlite import SqliteStorage
from tests.clocks import START, HeldClock

HOUR = timedelta(hours=1)


@pytest.fixture
async def external(tmp_path: Path, clock: HeldClock) -> AsyncIterator[External]:
    storage = SqliteStorage(tmp_path / "data", lambda: clock.text(20))
    yield storage.external
    await storage.close()


@pytest.fixture
def budgets(external: External, clock: HeldClock) -> Budgets:
    return Budgets(external, clock)


async def call(budgets: Budgets, limits: Mapping[str, int], per: timedelta | None = None, **more: int) -> str | None:
    return await budgets.spend("pr-1-abc", "mail", {"calls": 1, **more}, limits, per)


async def test_what_fits_is_counted_and_the_rest_is_not(budgets: Budgets) -> None:
    limits = {"calls": 3, "mails": 5}
    assert await call(budgets, limits, mails=4) is None
    assert await call(budgets, limits, mails=2) == "mails"
    assert await budgets.used("pr-1-abc", "mail") == {"calls": 1, "mails": 4}
    assert await call(budgets, limits, mails=1) is None
    assert await call(budgets, limits) is None
    assert await call(budgets, limits) == "calls"
    assert await budgets.used("pr-1-abc", "mail") == {"calls": 3, "mails": 5}


async def test_what_has_no_limit_is_counted_too(budgets: Budgets) -> None:
    assert await call(budgets, {}, amount=4200) is None
    assert await budgets.used("pr-1-abc", "mail") == {"calls": 1, "amount": 4200}


async def test_a_limit_that_was_lowered_stops_what_adds_to_it_only(budgets: Budgets) -> None:
    assert await call(budgets, {"mails": 10}, mails=10) is None
    assert await call(budgets, {"mails": 5}) is None
    assert await call(budgets, {"mails": 5}, mails=1) == "mails"


async def test_a_budget_of_nothing_lets_nothing_pass(budgets: Budgets) -> None:
    assert await call(budgets, {"calls": 0}) == "calls"
    assert await budgets.used("pr-1-abc", "mail") == {}


async def test_environments_and_services_have_their_own(budgets: Budgets) -> None:
    for uid, service in (("a", "mail"), ("a", "pay"), ("b", "mail")):
        assert await budgets.spend(uid, service, {"calls": 1}, {"calls": 1}, None) is None
        assert await budgets.spend(uid, service, {"calls": 1}, {"calls": 1}, None) == "calls"


async def test_a_window_begins_with_the_first_call_and_ends_by_the_clock(budgets: Budgets, clock: HeldClock) -> None:
    limits = {"calls": 1}
    assert budgets.wait("pr-1-abc", "mail", HOUR) == 0
    clock.advance(minutes=30)
    assert await call(budgets, limits, HOUR) is None
    clock.advance(minutes=59)
    assert await call(budgets, limits, HOUR) == "calls"
    assert budgets.wait("pr-1-abc", "mail", HOUR) == 60
    clock.advance(seconds=60)
    assert budgets.wait("pr-1-abc", "mail", HOUR) == 0
    assert await budgets.used("pr-1-abc", "mail") == {"calls": 1}
    assert await budgets.used("pr-1-abc", "mail", HOUR) == {}
    assert await call(budgets, limits, HOUR) is None
    assert budgets.wait("pr-1-abc", "mail", HOUR) == 3600


async def test_without_a_window_it_is_for_life(budgets: Budgets, clock: HeldClock) -> None:
    assert await call(budgets, {"calls": 1}) is None
    clock.advance(days=300)
    assert await call(budgets, {"calls": 1}) == "calls"
    assert budgets.wait("pr-1-abc", "mail", None) == math.inf


async def test_a_refused_call_does_not_begin_a_window(budgets: Budgets, clock: HeldClock) -> None:
    assert await call(budgets, {"calls": 1}, HOUR) is None
    clock.advance(hours=2)
    assert await call(budgets, {"calls": 1, "mails": 1}, HOUR, mails=2) == "mails"
    assert budgets.wait("pr-1-abc", "mail", HOUR) == 0


async def test_a_call_that_was_never_sent_is_given_back(budgets: Budgets) -> None:
    assert await call(budgets, {"calls": 1}, mails=2) is None
    await budgets.refund("pr-1-abc", "mail", {"calls": 1, "mails": 2})
    assert await budgets.used("pr-1-abc", "mail") == {"calls": 0, "mails": 0}
    await budgets.refund("pr-1-abc", "mail", {"calls": 1})
    assert await budgets.used("pr-1-abc", "mail") == {"calls": 0, "mails": 0}
    await budgets.refund("nobody", "mail", {"calls": 1})
    assert await budgets.used("nobody", "mail") == {}


async def test_another_server_goes_on_where_this_one_stopped(external: External, clock: HeldClock) -> None:
    first = Budgets(external, clock)
    first.start()
    assert await call(first, {"calls": 2}, HOUR) is None
    await first.stop()
    clock.advance(minutes=30)
    second = Budgets(external, clock)
    assert await second.used("pr-1-abc", "mail") == {"calls": 1}
    assert second.wait("pr-1-abc", "mail", HOUR) == 1800
    assert await call(second, {"calls": 2}, HOUR) is None
    assert await call(second, {"calls": 2}, HOUR) == "calls"


async def test_it_is_written_behind(external: External, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BEHIND", 0.001)
    budgets = Budgets(external, clock)
    budgets.start()
    for count in (1, 2):
        assert await call(budgets, {}) is None
        async with asyncio.timeout(5):
            while await external.usage("pr-1-abc", "mail") != (START, {"calls": count}):  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.001)
    await budgets.stop()


async def test_calls_that_come_together_before_anything_is_loaded_are_all_counted(clock: HeldClock) -> None:
    budgets = Budgets(Slow({"calls": 3}), clock)  # type: ignore[arg-type]  # what budgets ask of it
    answers = await asyncio.gather(*(call(budgets, {"calls": 10}) for _ in range(10)))
    assert answers.count(None) == 7
    assert await budgets.used("pr-1-abc", "mail") == {"calls": 10}


async def test_a_disk_that_is_full_loses_nothing_that_memory_has(
    clock: HeldClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_BEHIND", 0.001)
    slow = Slow(None)
    slow.full = True
    budgets = Budgets(slow, clock)  # type: ignore[arg-type]  # what budgets ask of it
    budgets.start()
    with caplog.at_level(logging.ERROR):
        assert await call(budgets, {}) is None
        async with asyncio.timeout(5):
            while len(caplog.records) < 2:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.001)
    assert "not written" in caplog.text
    with pytest.raises(sqlite3.OperationalError):
        await budgets.stop()
    slow.full = False
    await budgets.flush()
    assert slow.written == [("pr-1-abc", "mail", {"calls": 1})]
    await budgets.flush()
    assert len(slow.written) == 1


async def test_a_write_that_is_cut_off_by_the_stop_is_made_again(
    clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEHIND", 0)
    slow = Slow(None)
    budgets = Budgets(slow, clock)  # type: ignore[arg-type]  # what budgets ask of it
    budgets.start()
    assert await call(budgets, {}) is None
    await slow.writing.wait()
    await budgets.stop()
    assert slow.written == [("pr-1-abc", "mail", {"calls": 1})]


async def test_nothing_of_a_forgotten_environment_is_written(external: External, budgets: Budgets) -> None:
    assert await call(budgets, {}) is None
    assert await budgets.spend("pr-2-abc", "mail", {"calls": 1}, {}, None) is None
    budgets.forget("pr-1-abc")
    await budgets.flush()
    assert await external.usage("pr-1-abc", "mail") is None
    assert await external.usage("pr-2-abc", "mail") == (START, {"calls": 1})
    await budgets.refund("pr-1-abc", "mail", {"calls": 1})
    await budgets.flush()
    assert await external.usage("pr-1-abc", "mail") is None


class Slow:
    """Storage that takes its time, and may be full."""

    def __init__(self, used: Mapping[str, int] | None) -> None:
        self.stored = used
        self.full = False
        self.writing = asyncio.Event()
        self.written: list[tuple[str, str, Mapping[str, int]]] = []

    async def usage(self, uid: str, service: str) -> tuple[datetime, Mapping[str, int]] | None:
        await asyncio.sleep(0)
        return None if self.stored is None else (START, self.stored)

    async def put_usage(self, uid: str, service: str, since: datetime, used: Mapping[str, int]) -> None:
        self.writing.set()
        await asyncio.sleep(0)
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        self.written.append((uid, service, used))


@given(
    calls=st.lists(
        st.tuples(st.integers(0, 4000), st.dictionaries(st.sampled_from(["calls", "mails"]), st.integers(0, 4))),
        max_size=40,
    ),
    limits=st.dictionaries(st.sampled_from(["calls", "mails"]), st.integers(0, 10)),
)
def test_no_window_holds_more_than_its_limit(calls: list[tuple[int, dict[str, int]]], limits: dict[str, int]) -> None:
    async def work() -> None:
        clock = HeldClock()
        budgets = Budgets(Slow(None), clock)  # type: ignore[arg-type]  # what budgets ask of it
        begun, spent = None, dict.fromkeys(limits, 0)
        for later, cost in calls:
            clock.advance(later)
            if begun is None or clock.now() >= begun + HOUR:
                begun, spent = None, dict.fromkeys(limits, 0)
            over = await budgets.spend("a", "mail", cost, limits, HOUR)
            if over is None:
                begun = begun or clock.now()
                spent = {name: count + cost.get(name, 0) for name, count in spent.items()}
                assert all(count <= limits[name] for name, count in spent.items())
            else:
                assert spent[over] + cost[over] > limits[over]

    asyncio.run(work())
