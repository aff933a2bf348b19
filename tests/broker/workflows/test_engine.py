"""DBOS in its room: launched once, continued by the next engine over the same file, quiet, and out of the way."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.workflows import engine as module
from broker.workflows.engine import Durable, Engine
from tests.broker.targets import until


class Work:
    """A workflow of two steps with a wait in between, and what became of it."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait = wait
        self.seen: list[Any] = []
        self.changed = asyncio.Condition()

    async def body(self, durable: Durable, name: str) -> None:
        async def note(step: str) -> float | None:
            async with self.changed:
                self.seen.append((name, step, threading.current_thread() is threading.main_thread()))
                self.changed.notify_all()
            return self.wait

        wait = await durable.step("first", lambda: note("first"))
        await durable.sleep(wait or 0)
        await durable.step("second", lambda: note("second"))

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: len(self.seen) >= count)


@pytest.fixture
async def work() -> Work:
    return Work()


@pytest.fixture
async def engine(tmp_path: Path, work: Work) -> AsyncIterator[Engine]:
    made = Engine(tmp_path / "workflows.db", {"work": work.body})
    yield made
    await made.stop()


async def settled(engine: Engine, name: str = "work") -> None:
    async def holds() -> bool:
        return not await engine.unfinished(name)

    await until(holds)


async def test_steps_run_on_the_servers_loop_and_once_per_id(engine: Engine, work: Work, tmp_path: Path) -> None:
    assert not engine.launched
    await asyncio.gather(*(engine.begin("work", "w-1", "a") for _ in range(3)))
    await engine.begin("work", "w-2", "b")
    assert engine.launched
    await work.until(4)
    await settled(engine)
    await engine.begin("work", "w-1", "a")
    await settled(engine)
    assert sorted(work.seen) == [(name, step, True) for name in "ab" for step in ("first", "second")]
    assert stat.S_IMODE((tmp_path / "workflows.db").stat().st_mode) == 0o600


async def test_the_servers_loop_keeps_its_thread_pool(engine: Engine, work: Work) -> None:
    await engine.begin("work", "w-1", "a")
    await work.until(2)
    name = await asyncio.to_thread(lambda: threading.current_thread().name)
    assert "dbos" not in name
    await engine.stop()
    assert await asyncio.to_thread(lambda: 1) == 1


async def test_the_next_engine_continues_after_the_last_step(tmp_path: Path) -> None:
    first = Work(wait=0.5)
    engine = Engine(tmp_path / "workflows.db", {"work": first.body})
    await engine.begin("work", "w-1", "a")
    await first.until(1)
    await until(lambda: _recorded(tmp_path, "first"))
    await engine.stop()
    assert not engine.launched
    second = Work(wait=0.5)
    engine = Engine(tmp_path / "workflows.db", {"work": second.body})
    await engine.launch()
    assert [list(each) for each in await engine.unfinished("work")] == [["a"]]
    await second.until(1)
    await settled(engine)
    assert [step for _, step, _ in first.seen] == ["first"]
    assert [step for _, step, _ in second.seen] == ["second"]
    await engine.stop()


async def _recorded(folder: Path, step: str) -> bool:
    connection = sqlite3.connect(folder / "workflows.db")
    try:
        found = connection.execute("SELECT count(*) FROM operation_outputs WHERE function_name = ?", (step,))
        return bool(found.fetchone()[0])
    finally:
        connection.close()


async def test_records_of_ended_workflows_are_forgotten(engine: Engine, work: Work) -> None:
    assert await engine.forget() == 0
    await engine.begin("work", "w-1", "a")
    await work.until(2)
    await settled(engine)
    assert await engine.forget() == 1
    assert await engine.forget() == 0
    await engine.begin("work", "w-1", "a")
    await work.until(4)


async def test_what_an_older_version_left_is_not_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = Work(wait=3600)
    engine = Engine(tmp_path / "workflows.db", {"work": old.body})
    await engine.begin("work", "w-1", "a")
    await old.until(1)
    await engine.stop()
    monkeypatch.setattr(module, "VERSION", "a later one")
    new = Work()
    engine = Engine(tmp_path / "workflows.db", {"work": new.body})
    assert await engine.unfinished("work") == []
    await engine.begin("work", "w-2", "a")
    await new.until(2)
    await engine.stop()


async def test_a_workflow_that_dbos_loses_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[Any] = []
    work = Work()
    engine = Engine(
        tmp_path / "workflows.db", {"work": work.body}, lambda name, arguments: lost.append((name, arguments))
    )

    async def full(seconds: float) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine, "sleep", full)
    await engine.begin("work", "w-1", "a")
    await until(lambda: _holds(bool(lost)))
    assert [(name, list(arguments)) for name, arguments in lost] == [("work", ["a"])]
    await engine.stop()


async def _holds(value: bool) -> bool:
    return value


async def test_a_damaged_record_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "workflows.db"
    path.write_bytes(b"this is no database, and never was one" * 100)
    work = Work()
    engine = Engine(path, {"work": work.body})
    await engine.begin("work", "w-1", "a")
    await work.until(2)
    await engine.stop()
    assert (tmp_path / "damaged-workflows.db").read_bytes().startswith(b"this is no database")


async def test_a_launch_that_fails_says_why_and_may_be_tried_again(tmp_path: Path) -> None:
    work = Work()
    path = tmp_path / "workflows.db"
    path.mkdir()
    engine = Engine(path, {"work": work.body})
    for _ in range(2):
        with pytest.raises(Exception, match="unable to open database file"):
            await engine.begin("work", "w-1", "a")
        assert not engine.launched
    path.rmdir()
    await asyncio.gather(*(engine.launch() for _ in range(5)))
    assert len([thread for thread in threading.enumerate() if thread.name == "workflows"]) == 1
    await engine.begin("work", "w-1", "a")
    await work.until(2)
    await engine.stop()


async def test_it_is_quiet(engine: Engine, work: Work, capfd: pytest.CaptureFixture[str]) -> None:
    await engine.begin("work", "w-1", "a")
    await work.until(2)
    await engine.stop()
    await engine.stop()
    assert capfd.readouterr() == ("", "")


async def test_to_stop_in_the_middle_of_work_is_no_news(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    working = asyncio.Event()

    async def body(durable: Durable) -> None:
        async def work() -> None:
            working.set()
            await asyncio.sleep(60)

        await durable.step("work", work)

    engine = Engine(tmp_path / "workflows.db", {"work": body})
    await engine.begin("work", "w-1")
    await asyncio.wait_for(working.wait(), 20)
    await engine.stop()
    assert [record.getMessage() for record in caplog.records if record.name == "dbos"] == []
