"""Background tasks are kept, their failures are told, and they end together."""

from __future__ import annotations

import asyncio
import gc
import logging

import pytest

from broker.tasks import Keeper


async def test_a_task_that_nobody_holds_runs_to_its_end() -> None:
    keeper, done = Keeper(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        gc.collect()
        await asyncio.sleep(0)
        done.set()

    keeper.start(work(), "work")
    gc.collect()
    await asyncio.wait_for(done.wait(), 5)


async def test_what_a_task_answers_can_be_awaited() -> None:
    async def work() -> int:
        return 7

    task = Keeper().start(work(), "work")
    assert await task == 7
    assert task.get_name() == "work"


async def test_a_failure_is_told_with_the_tasks_name(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ZeroDivisionError("by nought")

    keeper = Keeper()
    task = keeper.start(work(), "the divider")
    with caplog.at_level(logging.ERROR):
        await asyncio.wait([task])
        await asyncio.sleep(0)
    (record,) = caplog.records
    assert "the divider" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


async def test_stop_ends_all_and_waits_until_they_have_cleaned_up(caplog: pytest.LogCaptureFixture) -> None:
    keeper, cleaned, begun = Keeper(), [], asyncio.Event()

    async def work(number: int) -> None:
        try:
            begun.set()
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            cleaned.append(number)

    for number in range(3):
        keeper.start(work(number), f"work {number}")
    await begun.wait()
    await keeper.stop()
    assert sorted(cleaned) == [0, 1, 2]
    assert caplog.records == []
    await keeper.stop()


async def test_stop_outlives_a_task_that_fails_while_it_ends() -> None:
    keeper, begun = Keeper(), asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise ZeroDivisionError from None

    keeper.start(work(), "work")
    await begun.wait()
    await keeper.stop()
